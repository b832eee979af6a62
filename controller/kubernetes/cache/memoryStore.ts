import type { KubeObject } from '../api/kubeApi.ts';
import type { Key, Store } from './store.ts';

/** The values by which an object is found again; none: it is not in this index. */
export type Indexes<T> = Readonly<Record<string, (object: T) => readonly string[]>>;

export interface WritableStore<T extends KubeObject> extends Store<T> {
  set(key: Key, object: T): void;
  delete(key: Key): void;
}

/** An empty store. `by` throws RangeError for an index that it was not given. */
export function memoryStore<T extends KubeObject>(indexes: Indexes<T>): WritableStore<T> {
  const objects = new Map<Key, T>();
  const indexed = new Map(
    Object.entries(indexes).map(([name, valuesOf]) => [
      name,
      { valuesOf, found: new Map<string, Map<Key, T>>() },
    ]),
  );

  function forget(key: Key): void {
    const object = objects.get(key);
    if (!object) return;
    objects.delete(key);
    for (const { valuesOf, found } of indexed.values())
      for (const value of valuesOf(object)) {
        const keys = found.get(value);
        keys?.delete(key);
        if (keys?.size === 0) found.delete(value);
      }
  }

  return {
    get: (key) => objects.get(key),
    values: () => objects.values(),
    get size() {
      return objects.size;
    },
    by(index, value) {
      const found = indexed.get(index)?.found;
      if (!found) throw new RangeError(`no index ${JSON.stringify(index)}`);
      return [...(found.get(value)?.values() ?? [])];
    },
    set(key, object) {
      forget(key);
      objects.set(key, object);
      for (const { valuesOf, found } of indexed.values())
        for (const value of valuesOf(object)) {
          const keys = found.get(value) ?? new Map<Key, T>();
          found.set(value, keys.set(key, object));
        }
    },
    delete: forget,
  };
}
