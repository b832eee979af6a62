import { readFile } from 'node:fs/promises';
import { startLoom, type Loom } from '../../support/loom/server.ts';
import type { Values } from '../../unit/chart/releases.ts';
import { startServices, type Services } from '../../support/services/startServices.ts';
import type { Cluster } from '../cluster.ts';

/** The Secret with the services' keys, as the docs name it. */
export const CREDENTIALS = 'loomvideo-credentials';

const AUTHORITY = { configMap: 'loom-authority', key: 'ca.crt' } as const;

/** Loom and the services in the test's own process, where pods reach them. */
export interface StandIns {
  readonly loom: Loom;
  readonly services: Services;
  /** Of the chart: the way to them. */
  readonly values: Values;
  close(): Promise<void>;
}

export async function startStandIns({ hostAddress: host }: Cluster): Promise<StandIns> {
  const loom = await startLoom({ host });
  const services = await startServices({ host });
  return {
    loom,
    services,
    values: { ...waysTo(loom, host), credentialsSecret: CREDENTIALS },
    async close() {
      await loom.close();
      await services.close();
    },
  };
}

/** Values of the chart by which Jobs get to Loom through its stand-in, and to `host` past it. */
export function waysTo(loom: Loom, host: string): Values {
  return { proxy: { https: loom.proxyUrl, noProxy: host }, caBundle: AUTHORITY };
}

/** The authority that Loom's stand-in is signed by, as the values above name it. */
export async function authorityOf(loom: Loom, namespace: string): Promise<object> {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: AUTHORITY.configMap, namespace },
    data: { [AUTHORITY.key]: await readFile(loom.caFile, 'utf8') },
  };
}

export function credentialsFor({ services }: StandIns, namespace: string, name = CREDENTIALS): object {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, stringData: services.env };
}
