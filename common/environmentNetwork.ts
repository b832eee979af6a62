import { readFileSync } from 'node:fs';
import { setGlobalProxyFromEnv } from 'node:http';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';

/** What Node reads of an environment; either spelling. */
const PROXIES = ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy'];

/**
 * Lets every `fetch` of this process go through the proxy and trust the extra authority that the environment names
 * (HTTPS_PROXY, HTTP_PROXY, NO_PROXY; SSL_CERT_FILE as yt-dlp reads it, NODE_EXTRA_CA_CERTS is read by Node itself).
 * For the entries, once, before the first request. Throws what reading the file throws.
 */
export function useNetworkOf(env: NodeJS.ProcessEnv): void {
  // Loads Node's fetch, which takes 13 MB: only where there is a proxy.
  if (PROXIES.some((name) => env[name])) setGlobalProxyFromEnv(env);
  const extra = env['SSL_CERT_FILE'];
  if (extra !== undefined && extra !== '')
    setDefaultCACertificates([...getCACertificates('default'), readFileSync(extra, 'utf8')]);
}
