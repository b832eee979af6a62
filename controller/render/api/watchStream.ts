import { once } from 'node:events';
import type { FastifyReply } from 'fastify';
import type { LoomVideo } from '../resources/resource.ts';
import type { VideoEvent } from '../resources/resourceStore.ts';
import { statusOf } from './answer.ts';

/** Writes one event as one line of JSON. */
export type EncodeEvent = (event: VideoEvent) => string;

/**
 * Sends events until they end, the signal is aborted or the client goes. The next event is taken only when the client
 * took the one before: a slow client costs one line of memory. A refusal becomes the watch's last event.
 */
export async function streamWatch(
  reply: FastifyReply,
  events: AsyncIterable<VideoEvent>,
  encode: EncodeEvent,
  signal: AbortSignal,
): Promise<void> {
  // Headers go out at once: clients wait for them, and the first event may be long in coming.
  reply.hijack();
  const { raw } = reply;
  // It may be silent for as long as it lasts: the limits on silence are for others.
  raw.setTimeout(0);
  for (const [name, value] of Object.entries(reply.getHeaders()))
    if (value !== undefined) raw.setHeader(name, value);
  raw.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-cache, private' });
  raw.flushHeaders();
  try {
    for await (const event of events) {
      if (!raw.write(encode(event))) await once(raw, 'drain', { signal });
    }
  } catch (error) {
    if (!signal.aborted) raw.write(lineOf('ERROR', JSON.stringify(statusOf(error).status)));
  }
  // Whoever does not read would keep the connection, and what is written to it, for ever.
  if (raw.writableNeedDrain) raw.destroy();
  else raw.end();
}

export function lineOf(type: string, object: string): string {
  return `{"type":"${type}","object":${object}}\n`;
}

/** Objects are shared by all watches and never changed: each is put into words once. */
const texts = new WeakMap<LoomVideo, string>();

export function textOf(video: LoomVideo): string {
  const known = texts.get(video);
  if (known !== undefined) return known;
  const text = JSON.stringify(video);
  texts.set(video, text);
  return text;
}
