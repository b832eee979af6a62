import type { KubeObject } from '../api/kubeApi.ts';
import type { Store } from '../cache/store.ts';

/** Several stores of one kind, of a namespace each, as one. */
export function unionStore<T extends KubeObject>(stores: readonly Store<T>[]): Store<T> {
  const [only] = stores;
  if (only && stores.length === 1) return only;
  return {
    get(key) {
      for (const store of stores) {
        const found = store.get(key);
        if (found) return found;
      }
      return undefined;
    },
    *values() {
      for (const store of stores) yield* store.values();
    },
    get size() {
      return stores.reduce((sum, { size }) => sum + size, 0);
    },
    by: (index, value) => stores.flatMap((store) => store.by(index, value)),
  };
}
