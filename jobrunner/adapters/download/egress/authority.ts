import { isIP } from 'node:net';

/** Where a connection shall go. */
export interface Authority {
  /**
   * In its one form: lower case, without a final dot, international names in ASCII, and an address as addresses are
   * written (`127.0.0.1` for `0x7f.1`, `2130706433` or `０x7f.1`; IPv6 without brackets).
   */
  readonly host: string;
  readonly port: number;
}

const AUTHORITY = /^(\[[\da-f:.]{2,45}\]|[\w.-]{1,253})(?::(\d{1,5}))?$/i;

/** Reads `host:port` or `host` as a request names it; undefined for anything that could be read in two ways. */
export function parseAuthority(text: string, defaultPort: number): Authority | undefined {
  const [, name = '', digits] = AUTHORITY.exec(text) ?? [];
  // The URL standard knows all spellings of IPv4 that a resolver may take for an address, and refuses the odd ones.
  const hostname = name === '' ? undefined : URL.parse(`http://${name}/`)?.hostname;
  const host = hostname?.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  const port = digits === undefined ? defaultPort : Number(digits);
  // With an empty label it is no name, though it ends like one: `localhost..`.
  if (!host || /^\.|\.\.|\.$/.test(host) || port < 1 || port > 65_535) return undefined;
  return { host, port };
}

/** As it stands in a request: IPv6 in brackets. */
export function formatAuthority({ host, port }: Authority, defaultPort?: number): string {
  const name = isIP(host) === 6 ? `[${host}]` : host;
  return port === defaultPort ? name : `${name}:${port}`;
}

export function isSameAuthority(a: Authority, b: Authority | undefined): boolean {
  return a.host === b?.host && a.port === b.port;
}
