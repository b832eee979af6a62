import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import type { Authority } from './authority.ts';
import { dialAddresses, dialProxy, resolveName, type Dial } from './connect.ts';
import { checkedAddresses, refuseInside, RefusedDestination, type Resolve } from './destination.ts';
import { basicAuthorization, type ChooseProxy } from './environmentProxies.ts';
import { parseProxyRequest, type ProxyRequest } from './proxyRequest.ts';
import { readHead } from './readHead.ts';
import { askForTunnel, connected, deliver, makeTarget, type Target } from './target.ts';

/** yt-dlp holds four at once (`--concurrent-fragments`) and a few more while it asks. */
const MOST_CONNECTIONS = 32;
/** For a request's head to arrive. It comes from this machine. */
const HEAD_MS = 10_000;
/** Without a byte in either direction. yt-dlp itself gives up after 10 s (`--socket-timeout`). */
const IDLE_MS = 60_000;

export interface EgressOptions {
  /** The environment's proxies: see {@link environmentProxies}. */
  readonly chooseProxy: ChooseProxy;
  /** The one destination that the user asked for himself, which may be anywhere; none for a link of Loom's. */
  readonly named?: Authority;
  /** Told of each destination that was refused, before the client is. */
  readonly onRefused: (refusal: RefusedDestination) => void;
  /** The machine's own unless told. */
  readonly resolve?: Resolve;
  readonly dial?: Dial;
}

export interface EgressGuard extends AsyncDisposable {
  /** The proxy's address with the credentials that it asks for: `http://user:password@127.0.0.1:port`. */
  readonly url: string;
  /** Ends every connection and gives up the port. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts a proxy on loopback that reaches the public web and nothing else: for programs that follow where strangers
 * lead them, by a redirect, a playlist or a name. It takes CONNECT and plain GET and HEAD, with its own credentials.
 */
export async function startEgressGuard(options: EgressOptions): Promise<EgressGuard> {
  const { resolve = resolveName, dial = dialAddresses, chooseProxy, named } = options;
  const password = randomBytes(24).toString('base64url');
  const expected = basicAuthorization(USER, password);
  const sockets = new Set<Socket>();
  let closed = false;

  function keep(socket: Socket): Socket {
    sockets.add(socket);
    // Where nobody else listens, a broken connection is no news.
    socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
    socket.setNoDelay(true).setTimeout(IDLE_MS, () => socket.destroy());
    if (closed) socket.destroy();
    return socket;
  }

  /** Checks a destination and opens the way to it. */
  async function open({ scheme, destination }: ProxyRequest): Promise<Target> {
    refuseInside(destination, named);
    const proxy = chooseProxy(scheme, destination);
    if (proxy) return makeTarget((onread) => keep(dialProxy(proxy, onread)), proxy);
    const addresses = await checkedAddresses(destination, named, resolve);
    return makeTarget((onread) => keep(dial(addresses, destination.port, onread)), undefined);
  }

  async function serve(client: Socket): Promise<void> {
    const head = await readHead(client, HEAD_MS);
    const request = parseProxyRequest(head.text);
    if (!request) return void client.end(answer('400 Bad Request'));
    if (!isSame(request.authorization, expected)) return void client.end(answer(NO_CREDENTIALS));
    try {
      await carry(request, head.rest, client);
    } catch (error) {
      if (error instanceof RefusedDestination) options.onRefused(error);
      client.end(answer(statusOf(error, request.destination)));
    }
  }

  async function carry(request: ProxyRequest, rest: Buffer, client: Socket): Promise<void> {
    const target = await open(request);
    const { socket, proxy } = target;
    client.once('close', () => socket.destroy());
    if (client.destroyed) return void socket.destroy();
    const credentials =
      proxy?.authorization === undefined ? '' : `Proxy-Authorization: ${proxy.authorization}\r\n`;
    if (request.plain) {
      await connected(target);
      // One request for each connection: what the client sends behind it goes nowhere.
      socket.write(`${request.plain(proxy !== undefined)}${credentials}\r\n`, 'latin1');
      return deliver(client, target);
    }
    if (proxy) {
      const { ok, status, rest: first } = await askForTunnel(target, request.destination, credentials);
      if (!ok) {
        socket.destroy();
        return void client.end(answer(status));
      }
      client.write(ESTABLISHED);
      client.write(first);
    } else {
      await connected(target);
      client.write(ESTABLISHED);
    }
    socket.write(rest);
    deliver(client, target);
    client.pipe(socket);
  }

  const server = createServer({ allowHalfOpen: true }, (client) => {
    keep(client);
    serve(client).catch(() => client.destroy());
  });
  server.maxConnections = MOST_CONNECTIONS;
  await new Promise<void>((done, fail) => {
    // Kept: without a listener, a connection that cannot be accepted would end the process.
    server.on('error', fail);
    server.listen(0, '127.0.0.1', done);
  });
  // oxlint-disable-next-line no-unsafe-type-assertion -- a TCP server's address is never a pipe's name
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${USER}:${password}@127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      closed = true;
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}

const USER = 'loomvideo';
const ESTABLISHED = 'HTTP/1.1 200 Connection Established\r\n\r\n';
const NO_CREDENTIALS = '407 Proxy Authentication Required';

/** Whether a request comes with our credentials: nobody else on this machine shall go out through us. */
function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** A whole answer. ffmpeg shows its credentials only where they are asked for. */
function answer(status: string): string {
  const challenge = status === NO_CREDENTIALS ? 'Proxy-Authenticate: Basic realm="loomvideo"\r\n' : '';
  return `HTTP/1.1 ${status}\r\n${challenge}Content-Length: 0\r\nConnection: close\r\n\r\n`;
}

function statusOf(error: unknown, { host }: Authority): string {
  if (error instanceof RefusedDestination) return '403 Destination Refused';
  // `ENOTFOUND` and the like; never the message, which may hold anything.
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return `502 Cannot reach ${host} (${typeof code === 'string' && /^\w+$/.test(code) ? code : 'no connection'})`;
}
