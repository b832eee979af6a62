import { ApiError, type KubeApi } from '../../../controller/kubernetes/api/kubeApi.ts';
import type { Lease } from '../../../controller/kubernetes/lease/leaseRecord.ts';

/** How one candidate's way to the apiserver is. */
export interface LeaseRoute {
  /** `deaf`: requests arrive, answers do not. `cut`: nothing arrives. `refused`: answered with an error at once. */
  state: 'open' | 'deaf' | 'cut' | 'refused';
}

/** One Lease, held in memory as an apiserver would. */
export interface LeaseWorld {
  lease: Lease | undefined;
  writes: number;
  /** A way of its own for each candidate. */
  api(route?: LeaseRoute): Pick<KubeApi, 'get' | 'create' | 'replace'>;
}

export function leaseWorld(lease?: Lease): LeaseWorld {
  const never = async (signal: AbortSignal): Promise<never> =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
  const conflict = (reason: string): ApiError => new ApiError({ status: 409, reason, message: reason });
  let version = 1;
  const world: LeaseWorld = {
    lease,
    writes: 0,
    api: (route = { state: 'open' }) => {
      async function through<T>(signal: AbortSignal, effect: () => unknown): Promise<T> {
        if (route.state === 'cut') return never(signal);
        if (route.state === 'refused') throw new ApiError({ status: 500, reason: 'Internal', message: 'no' });
        const answer = effect();
        return route.state === 'deaf' ? never(signal) : (answer as T);
      }
      const write = (body: object): Lease => {
        world.writes++;
        const written = body as Lease;
        world.lease = { ...written, metadata: { ...written.metadata, resourceVersion: String(++version) } };
        return world.lease;
      };
      return {
        get: async (_path, signal) => through(signal, () => world.lease),
        create: async (_path, body, signal) =>
          through(signal, () => {
            if (world.lease) throw conflict('AlreadyExists');
            return write(body);
          }),
        replace: async (_path, body, signal) =>
          through(signal, () => {
            const { metadata } = body as Lease;
            if (!world.lease) throw new ApiError({ status: 404, reason: 'NotFound', message: 'gone' });
            if (world.lease.metadata.resourceVersion !== metadata.resourceVersion) throw conflict('Conflict');
            return write(body);
          }),
      };
    },
  };
  return world;
}
