import type { VideoKey } from './resource.ts';

/** First part of the key under which Render mode stores a video. */
const SCOPE = 'render';

/** The key under which a video's passages and vectors are stored. */
export function ownerKeyOf({ namespace, name }: VideoKey): string {
  return `${SCOPE}.${namespace}.${name}`;
}

/** Undefined for what another scope stored: the command line, or a cluster. */
export function ownVideoOf(ownerKey: string): VideoKey | undefined {
  const { scope, ...key } = videoOf(ownerKey);
  return scope === SCOPE ? key : undefined;
}

/** The parts of a key. Scope and namespace have no dots in them, a name may. */
export function videoOf(ownerKey: string): VideoKey & { readonly scope: string } {
  const [, scope = '', namespace = '', name = ownerKey] = /^([^.]*)\.([^.]*)\.(.+)$/s.exec(ownerKey) ?? [];
  return { scope, namespace, name };
}
