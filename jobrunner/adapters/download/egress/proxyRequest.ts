import { formatAuthority, parseAuthority, type Authority } from './authority.ts';

/** What a client asks of a proxy. */
export interface ProxyRequest {
  readonly scheme: 'http' | 'https';
  readonly destination: Authority;
  /** The value of Proxy-Authorization. */
  readonly authorization: string;
  /**
   * A plain request as it is sent on, up to where the headers of who sends it on may follow; undefined for CONNECT.
   * Without what is meant for the proxy and for this one connection (RFC 9110, 7.6.1).
   */
  readonly plain: ((viaProxy: boolean) => string) | undefined;
}

const REQUEST_LINE = /^(CONNECT|GET|HEAD) ([\x21-\x7e]+) HTTP\/1\.[01]$/;
const HEADER = /^([\w!#$%&'*+.^`|~-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)$/;
const PLAIN_TARGET = /^http:\/\/([^/?#@\\]+)([/?][^#]*)?$/i;

/** Neither for the other side, nor with a body: a plain request has none here. `Host` is written anew. */
const NOT_FORWARDED = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'proxy-authorization', 'te', 'trailer', 'upgrade'],
  ...['transfer-encoding', 'content-length', 'expect', 'host'],
]);

/** Reads a request for CONNECT or, in absolute form, for GET or HEAD; undefined for anything else. */
export function parseProxyRequest(head: string): ProxyRequest | undefined {
  const [first = '', ...lines] = head.split('\r\n');
  const [, method, target = ''] = REQUEST_LINE.exec(first) ?? [];
  const headers = lines.map((line) => HEADER.exec(line));
  if (method === undefined || headers.includes(null)) return undefined;
  const named = headers.map((header) => ({ name: header?.[1] ?? '', value: header?.[2] ?? '' }));
  const authorization = named.find(({ name }) => name.toLowerCase() === 'proxy-authorization')?.value ?? '';
  if (method === 'CONNECT') {
    // The port is not left out here: 0, which is none, stands for that.
    const destination = parseAuthority(target, 0);
    return destination && { scheme: 'https', destination, authorization, plain: undefined };
  }
  const [, authority = '', rest = ''] = PLAIN_TARGET.exec(target) ?? [];
  const destination = parseAuthority(authority, 80);
  if (!destination) return undefined;
  const host = formatAuthority(destination, 80);
  const path = rest.startsWith('/') ? rest : `/${rest}`;
  const kept = named
    .filter(({ name }) => !NOT_FORWARDED.has(name.toLowerCase()))
    .map(({ name, value }) => `${name}: ${value}\r\n`);
  return {
    scheme: 'http',
    destination,
    authorization,
    plain: (viaProxy) =>
      `${method} ${viaProxy ? `http://${host}` : ''}${path} HTTP/1.1\r\nHost: ${host}\r\n${kept.join('')}Connection: close\r\n`,
  };
}
