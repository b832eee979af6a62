import type { OnReadOpts, Socket } from 'node:net';
import { formatAuthority, type Authority } from './authority.ts';
import type { UpstreamProxy } from './environmentProxies.ts';
import { headCollector } from './readHead.ts';

/** Bytes read at once. */
const READ_BYTES = 64 * 1024;

/** Takes the bytes of one reading and says whether to read on at once; their memory is written to at the next one. */
type Sink = (bytes: Buffer) => boolean;

/**
 * A connection to a destination, or to the proxy on the way there. All its bytes pass through one buffer: a new one
 * for each reading would leave the garbage of a whole recording behind (measured: 90 MB more at the peak).
 */
export interface Target {
  readonly socket: Socket;
  readonly proxy: UpstreamProxy | undefined;
  /** Lets the bytes flow into `sink`; nothing is read before, and none after it returned false until the next call. */
  readonly readInto: (sink: Sink) => void;
}

const readNothing: Sink = () => false;

/** Makes a target of the connection that `open` opens with the reading it is given. */
export function makeTarget(open: (onread: OnReadOpts) => Socket, proxy: UpstreamProxy | undefined): Target {
  let sink = readNothing;
  const socket = open({
    buffer: Buffer.allocUnsafeSlow(READ_BYTES),
    callback: (length, buffer) => sink(Buffer.from(buffer.buffer, buffer.byteOffset, length)),
  }).pause();
  return {
    socket,
    proxy,
    readInto(next) {
      sink = next;
      socket.resume();
    },
  };
}

/** Resolves when the connection stands. */
export function connected({ socket }: Target): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.once('connect', resolve);
  rejectWhenOver(socket, reject);
  return promise;
}

/** What a proxy answered to CONNECT. */
export interface TunnelAnswer {
  readonly ok: boolean;
  /** Its status line without the version: `403 Forbidden`. */
  readonly status: string;
  /** What came behind the answer. */
  readonly rest: Buffer;
}

/** Asks the target's proxy for a tunnel (RFC 9110, 9.3.6). Rejects where the answer is none. */
export function askForTunnel(
  { socket, readInto }: Target,
  to: Authority,
  credentials: string,
): Promise<TunnelAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<TunnelAnswer>();
  const collect = headCollector();
  const name = formatAuthority(to);
  socket.write(`CONNECT ${name} HTTP/1.1\r\nHost: ${name}\r\n${credentials}\r\n`);
  readInto((bytes) => {
    try {
      const head = collect(bytes);
      if (!head) return true;
      const status = /^HTTP\/1\.[01] (\d{3}[ \x21-\x7e]{0,100})(\r\n|$)/.exec(head.text)?.[1];
      if (status === undefined) throw new Error('the proxy gives no answer of HTTP');
      resolve({ ok: status.startsWith('2'), status, rest: head.rest });
    } catch (error) {
      reject(error);
    }
    return false;
  });
  rejectWhenOver(socket, reject);
  return promise;
}

/** Hands all bytes of the target to the client, then its end; when the target breaks, so does the client. */
export function deliver(client: Socket, { socket, readInto }: Target): void {
  socket.on('error', () => client.destroy());
  socket.once('end', () => client.end()).once('close', () => client.end());
  const sink: Sink = (bytes) => {
    client.write(bytes, () => readInto(sink));
    return false;
  };
  readInto(sink);
}

function rejectWhenOver(socket: Socket, reject: (error: Error) => void): void {
  socket.once('error', reject);
  socket
    .once('end', () => reject(new Error('the connection ended')))
    .once('close', () => reject(new Error('closed')));
}
