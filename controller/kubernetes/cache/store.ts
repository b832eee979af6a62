import type { KubeObject } from '../api/kubeApi.ts';

/** `<namespace>/<name>`; the name alone where there is no namespace. */
export type Key = string;

export function keyOf({ metadata: { namespace, name } }: KubeObject): Key {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** What a watch has brought, by key and by indexes of our own. */
export interface Store<T extends KubeObject> {
  get(key: Key): T | undefined;
  values(): IterableIterator<T>;
  readonly size: number;
  /** Objects whose index function gives this value. */
  by(index: string, value: string): readonly T[];
}

/** A change as the watch brought it; `undefined`: not there before, or no more. */
export type OnChange<T> = (change: {
  readonly key: Key;
  readonly before: T | undefined;
  readonly after: T | undefined;
}) => void;

/** A list kept up to date by watching. */
export interface Reflector<T extends KubeObject> {
  readonly store: Store<T>;
  /** Resolves with the first full list; where `mayBeForbidden`, also when the apiserver refuses one. */
  readonly synced: Promise<void>;
  /** Whether the last answer was that we may not look: what the store holds is then not to be acted upon. */
  readonly forbidden: () => boolean;
  /** When the apiserver was last heard on this resource, bookmarks included. */
  readonly heardAt: () => Date | undefined;
  /** Resolves, never rejects, when it was stopped by its signal. */
  readonly ended: Promise<void>;
}
