import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { bytesAllowed } from './faults.ts';
import type { Fault, Source } from './video.ts';

export interface BodyOptions {
  readonly source: Source;
  readonly type: string;
  /** Without it the body comes in chunks of unknown number, and ranges are ignored. */
  readonly length: boolean;
  readonly fault: Fault | undefined;
}

/** Serves bytes: with Content-Length and ranges, or chunked; cut or stalled half-way when a fault says so. */
export async function sendBody(
  request: IncomingMessage,
  response: ServerResponse,
  options: BodyOptions,
): Promise<void> {
  const size = await sizeOf(options.source);
  const range = options.length ? parseRange(request.headers.range, size) : undefined;
  if (range === 'unsatisfiable') {
    response.writeHead(416, { 'content-range': `bytes */${size}`, 'content-length': 0 }).end();
    return;
  }
  const { start, end } = range ?? { start: 0, end: size };
  response.setHeader('content-type', options.type);
  if (options.length) {
    response.setHeader('accept-ranges', 'bytes');
    response.setHeader('content-length', end - start);
    if (range) response.setHeader('content-range', `bytes ${start}-${end - 1}/${size}`);
  }
  response.writeHead(range ? 206 : 200);
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  const allowed = bytesAllowed(options.fault);
  await pour(options.source, start, allowed === undefined ? end : Math.min(end, start + allowed), response);
  if (response.destroyed) return;
  if (allowed === undefined) response.end();
  else if (options.fault?.cutAfter !== undefined) response.destroy();
  // A stalled body is left as it is: the connection stays open until the client gives up.
}

async function pour(source: Source, start: number, end: number, response: ServerResponse): Promise<void> {
  if (end <= start) return;
  const stream =
    typeof source === 'string'
      ? createReadStream(source, { start, end: end - 1 })
      : Readable.from([source.subarray(start, end)]);
  try {
    for await (const chunk of stream) {
      if (response.destroyed) return;
      if (!response.write(chunk)) await drained(response);
    }
  } finally {
    stream.destroy();
  }
}

function drained(response: ServerResponse): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  response.once('drain', resolve).once('close', resolve);
  return promise.finally(() => response.off('drain', resolve).off('close', resolve));
}

async function sizeOf(source: Source): Promise<number> {
  return typeof source === 'string' ? (await stat(source)).size : source.length;
}

/** `bytes=a-b` or `bytes=a-`, the only forms a player asks; undefined where no range was asked. */
function parseRange(
  header: string | undefined,
  size: number,
): { start: number; end: number } | 'unsatisfiable' | undefined {
  const match = /^bytes=(\d+)-(\d*)$/.exec(header ?? '');
  if (!match) return undefined;
  const start = Number(match[1]);
  const end = match[2] ? Math.min(Number(match[2]) + 1, size) : size;
  return start < end ? { start, end } : 'unsatisfiable';
}
