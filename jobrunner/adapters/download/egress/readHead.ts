import type { Socket } from 'node:net';

/** The first lines of a message, up to the empty line, and the bytes behind it. */
export interface Head {
  /** Without the empty line; latin1, as headers are. */
  readonly text: string;
  readonly rest: Buffer;
}

/** The longest head of a request or an answer, in bytes; Node's own servers take the same. */
export const LONGEST_HEAD = 16 * 1024;

/** Collects the bytes of a head; returns it once it is whole. Throws an Error where it is too long. */
export function headCollector(): (chunk: Buffer) => Head | undefined {
  let bytes = Buffer.alloc(0);
  return (chunk) => {
    // A copy: the chunk's memory may be written to again.
    bytes = Buffer.concat([bytes, chunk]);
    const end = bytes.indexOf('\r\n\r\n');
    if (end > LONGEST_HEAD || (end < 0 && bytes.length > LONGEST_HEAD))
      throw new Error('the head is too long');
    return end < 0 ? undefined : { text: bytes.toString('latin1', 0, end), rest: bytes.subarray(end + 4) };
  };
}

/** Reads a client's head; the socket is left paused behind it. Rejects where it is too long or does not arrive. */
export function readHead(socket: Socket, withinMs: number): Promise<Head> {
  const { promise, resolve, reject } = Promise.withResolvers<Head>();
  const collect = headCollector();
  const fail = (why: string) => () => reject(new Error(why));
  const timer = setTimeout(fail('no head in time'), withinMs);
  const onData = (chunk: Buffer): void => {
    try {
      const head = collect(chunk);
      if (!head) return;
      resolve(head);
    } catch (error) {
      reject(error);
    }
    socket.pause().off('data', onData);
  };
  socket.on('data', onData).once('end', fail('ended')).once('close', fail('closed'));
  return promise.finally(() => clearTimeout(timer));
}
