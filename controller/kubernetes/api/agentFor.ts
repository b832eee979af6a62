import type { Agent } from 'node:http';
import type { Access } from './access.ts';
import { http, https } from './builtinHttp.ts';

/**
 * Idle connections are kept so long: reconciles come in bursts. Below the 75 s after which a silent watch is given
 * up, so that what it is opened anew on is a new connection too.
 */
const KEEP_IDLE_MS = 20_000;

/** TCP's own check of a quiet connection, as in client-go; cloud load balancers forget one after 60 s. */
const TCP_KEEP_ALIVE_MS = 30_000;

/** One pool of kept connections, so that TLS is agreed on once and not per request. */
export function agentFor({ server, tls, proxy, socks }: Access): Agent {
  if (socks) return socks;
  const kept = { keepAlive: true, keepAliveMsecs: TCP_KEEP_ALIVE_MS, timeout: KEEP_IDLE_MS };
  const through = proxy === undefined ? {} : { proxyEnv: { HTTP_PROXY: proxy, HTTPS_PROXY: proxy } };
  return new URL(server).protocol === 'http:'
    ? new http.Agent({ ...kept, ...through })
    : new https.Agent({ ...tls, ...kept, ...through });
}
