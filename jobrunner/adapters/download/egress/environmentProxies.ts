import { parseAuthority, formatAuthority, type Authority } from './authority.ts';

/** The proxy that the environment puts between us and the internet. */
export interface UpstreamProxy extends Authority {
  /** The value of Proxy-Authorization, where the proxy's address has a user name and password. */
  readonly authorization: string | undefined;
}

/** The proxy for a destination of this scheme; undefined where it is reached without one. */
export type ChooseProxy = (scheme: 'http' | 'https', destination: Authority) => UpstreamProxy | undefined;

/**
 * Reads the environment's proxies as yt-dlp 2026.10 does without `--proxy` (YoutubeDL.proxies, utils/networking.py,
 * and Python's urllib.request.getproxies_environment and proxy_bypass_environment): the lower-case name counts before
 * the upper-case one, even when it is empty; HTTP_PROXY serves HTTPS too where there is no HTTPS_PROXY; ALL_PROXY what
 * is left; NO_PROXY lists hosts, with all below them. Throws an Error that names the variable, and not its value,
 * where it is no `http://` address.
 */
export function environmentProxies(env: NodeJS.ProcessEnv): ChooseProxy {
  const all = proxyOf(env, 'ALL_PROXY');
  const ownHttp = proxyOf(env, 'HTTP_PROXY');
  const proxies = { http: ownHttp ?? all, https: proxyOf(env, 'HTTPS_PROXY') ?? ownHttp ?? all };
  const exceptions = exceptionsOf(valueOf(env, 'NO_PROXY') ?? '');
  return (scheme, destination) => (exceptions(destination) ? undefined : proxies[scheme]);
}

function valueOf(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const value = env[name.toLowerCase()] ?? env[name];
  return value === undefined || value.trim() === '' ? undefined : value.trim();
}

function proxyOf(env: NodeJS.ProcessEnv, name: string): UpstreamProxy | undefined {
  const value = valueOf(env, name);
  if (value === undefined) return undefined;
  const url = URL.parse(
    /^[a-z][a-z\d+.-]*:\/\//i.test(value) ? value : `http://${value.replace(/^\/\//, '')}`,
  );
  const authority = url?.protocol === 'http:' ? parseAuthority(url.host, 80) : undefined;
  if (!url || !authority)
    throw new Error(`${name} has to be the address of an HTTP proxy: http://host:port.`);
  return { ...authority, authorization: authorizationOf(url) };
}

function authorizationOf({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined;
  return basicAuthorization(decoded(username), decoded(password));
}

/** The value of an `Authorization` or `Proxy-Authorization` header (RFC 7617). */
export function basicAuthorization(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

/** A stray `%` stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function exceptionsOf(list: string): (destination: Authority) => boolean {
  if (list === '*') return () => true;
  const names = list
    .split(',')
    .map((name) => name.trim().replace(/^\.+/, '').toLowerCase())
    .filter((name) => name !== '');
  return (destination) =>
    [destination.host, formatAuthority(destination)].some((text) =>
      names.some((name) => text === name || text.endsWith(`.${name}`)),
    );
}
