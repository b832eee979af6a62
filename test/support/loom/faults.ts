import type { ServerResponse } from 'node:http';
import { sendText } from './answer.ts';
import { strike, type Endpoint, type Fault, type Video } from './video.ts';

/**
 * Lets the video's fault for this endpoint strike. Returns `done` when the fault answered by itself (a status, a
 * redirect), otherwise the fault that the body has to suffer (cut, stalled), if any.
 */
export function applyFault(
  video: Video,
  endpoint: Endpoint,
  response: ServerResponse,
): { done: boolean; body: Fault | undefined } {
  const fault = strike(video, endpoint);
  if (fault?.redirect !== undefined) {
    response.writeHead(302, { location: fault.redirect, 'content-length': 0 }).end();
    return { done: true, body: undefined };
  }
  if (fault?.status !== undefined) {
    for (const [name, value] of Object.entries(fault.headers ?? {})) response.setHeader(name, value);
    sendText(response, fault.status, 'text/plain', fault.body ?? '');
    return { done: true, body: undefined };
  }
  return { done: false, body: fault };
}

/** How many bytes of a body are let through before it is cut or stalls; undefined: all of them. */
export function bytesAllowed(fault: Fault | undefined): number | undefined {
  return fault?.cutAfter ?? fault?.stallAfter;
}
