import { createRequire } from 'node:module';
import type * as prom from 'prom-client';

const require = createRequire(import.meta.url);

/**
 * As much of prom-client as we use. Its entry also loads its client of push gateways and its support of clusters, and with
 * them `node:http`'s exports; see kubernetes/api/builtinHttp.ts.
 */
export const Counter = load<typeof prom.Counter>('counter');
export const Gauge = load<typeof prom.Gauge>('gauge');
export const Histogram = load<typeof prom.Histogram>('histogram');
export const Registry = load<typeof prom.Registry>('registry');

// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller says what the file holds
function load<T>(name: string): T {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as prom-client's own entry exports it
  return require(`prom-client/lib/${name}.js`) as T;
}
