import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { createSecureContext, TLSSocket } from 'node:tls';
import type { Certificates } from './certificates.ts';

/** A tunnel a client asked for, and whether the stand-in plays that host. */
export interface Tunnel {
  readonly host: string;
  readonly refused: boolean;
}

/**
 * The answer to HTTP CONNECT: a tunnel to one of the hosts played here ends in TLS under the test authority and
 * goes to `onConnection`; any other is refused, since tests talk to nobody else.
 */
export function acceptTunnels(
  hosts: readonly string[],
  certificates: Certificates,
  onTunnel: (tunnel: Tunnel) => void,
  onConnection: (socket: TLSSocket) => void,
): (request: IncomingMessage, socket: Duplex, head: Buffer) => void {
  const secureContext = createSecureContext({ cert: certificates.cert, key: certificates.key });
  return (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    const host = /^(.+):443$/.exec(request.url ?? '')?.[1];
    const refused = host === undefined || !hosts.includes(host);
    onTunnel({ host: host ?? String(request.url), refused });
    if (refused) {
      socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    if (head.length > 0) socket.unshift(head);
    const secure = new TLSSocket(socket, { isServer: true, secureContext });
    secure.on('error', () => secure.destroy());
    onConnection(secure);
  };
}
