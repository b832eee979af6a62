import { ApiError, type KubeApi } from '../api/kubeApi.ts';
import type { Lease, LeaseRecord } from './leaseRecord.ts';

export interface LeaseClient {
  read(signal: AbortSignal): Promise<Lease | undefined>;
  /**
   * Writes the record if the Lease is still as `before` (undefined: there is none). Undefined where it is not; throws
   * ApiError for all else.
   */
  write(before: Lease | undefined, record: LeaseRecord, signal: AbortSignal): Promise<Lease | undefined>;
}

export interface LeaseClientOptions {
  readonly api: Pick<KubeApi, 'get' | 'create' | 'replace'>;
  readonly namespace: string;
  readonly name: string;
}

export function leaseClient({ api, namespace, name }: LeaseClientOptions): LeaseClient {
  const list = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`;
  return {
    read: async (signal) => api.get<Lease>(`${list}/${name}`, signal),
    async write(before, record, signal) {
      const lease: Lease = {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: before?.metadata ?? { name, namespace },
        spec: record,
      };
      try {
        // The resourceVersion in the metadata makes a replacement of anything else a conflict.
        return await (before
          ? api.replace<Lease>(`${list}/${name}`, lease, signal)
          : api.create<Lease>(list, lease, signal));
      } catch (error) {
        // 409: changed, or created, by another; 404: deleted meanwhile.
        if (error instanceof ApiError && (error.status === 409 || (before && error.status === 404)))
          return undefined;
        throw error;
      }
    },
  };
}
