import type { KubeApi } from '../api/kubeApi.ts';
import { LeadershipLost } from './keepLease.ts';

/**
 * The API with calls that change something only while we lead; else they throw LeadershipLost. A process that was
 * stopped (SIGSTOP, a frozen cgroup, a starved node) first reads the answers that came meanwhile and goes on with
 * them; only then do its timers say that its term is over. What waits for its turn or a connection when the process is
 * stopped is held back by `Connection.changingWhile`.
 */
export function whileLeading(api: KubeApi, leads: () => boolean): KubeApi {
  const guarded = async <T>(call: () => Promise<T>): Promise<T> => {
    if (!leads()) throw new LeadershipLost('nothing is changed any more: another may lead');
    return call();
  };
  return {
    ...api,
    create: (path, body, signal) => guarded(() => api.create(path, body, signal)),
    apply: (path, body, options, signal) => guarded(() => api.apply(path, body, options, signal)),
    mergePatch: (path, body, signal) => guarded(() => api.mergePatch(path, body, signal)),
    replace: (path, body, signal) => guarded(() => api.replace(path, body, signal)),
    delete: (path, options, signal) => guarded(() => api.delete(path, options, signal)),
  };
}
