import type { Logger } from '../../../common/log.ts';
import type { KubeObject } from '../api/kubeApi.ts';
import type { WritableStore } from './memoryStore.ts';
import { isOlder } from './resourceVersion.ts';
import { keyOf, type Key, type OnChange } from './store.ts';

/** Brings a store up to date and tells each change, in the order of events. */
export interface Replica<T extends KubeObject> {
  /** There is this object, and it looks so. */
  put(object: T): void;
  /** This object is gone; it last looked so. */
  remove(object: T): void;
  /** There are these and no others. */
  replaceAll(objects: ReadonlyMap<Key, T>): void;
}

export interface ReplicaOptions<T extends KubeObject> {
  readonly store: WritableStore<T>;
  readonly onChange: OnChange<T>;
  readonly log: Logger;
}

/**
 * Changes are told after the store has them. What is not newer than the store is no change: an event that comes twice
 * or late is passed over. An object that replaced one of the same name is told as a removal and an addition, so that
 * `before` and `after` are always the same object. An onChange that throws is logged and stops nothing.
 */
export function replicaIn<T extends KubeObject>({ store, onChange, log }: ReplicaOptions<T>): Replica<T> {
  function tell(key: Key, before: T | undefined, after: T | undefined): void {
    try {
      onChange({ key, before, after });
    } catch (error) {
      log.error({ key, err: error }, `A change of ${key} could not be passed on.`);
    }
  }

  function drop(key: Key, before: T): void {
    store.delete(key);
    tell(key, before, undefined);
  }

  function put(object: T): void {
    const key = keyOf(object);
    const before = store.get(key);
    if (before && !isNews(before, object)) return;
    if (before && before.metadata.uid !== object.metadata.uid) {
      drop(key, before);
      store.set(key, object);
      tell(key, undefined, object);
      return;
    }
    store.set(key, object);
    tell(key, before, object);
  }

  return {
    put,
    remove(object) {
      const key = keyOf(object);
      const before = store.get(key);
      if (before && !isOlder(object.metadata.resourceVersion, before.metadata.resourceVersion))
        drop(key, before);
    },
    replaceAll(objects) {
      const gone = [...store.values()].filter((object) => !objects.has(keyOf(object)));
      for (const object of gone) drop(keyOf(object), object);
      for (const object of objects.values()) put(object);
    },
  };
}

function isNews({ metadata: before }: KubeObject, { metadata: after }: KubeObject): boolean {
  return (
    before.resourceVersion !== after.resourceVersion &&
    !isOlder(after.resourceVersion, before.resourceVersion)
  );
}
