import type { Crd } from '../resources/crd.ts';

/** What a request is about, below `/apis/<group>/<version>/`. */
export interface Target {
  /** Undefined: all of them. */
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly status: boolean;
}

/** Reads `[namespaces/<ns>/]loomvideos[/<name>[/status]]`, still percent-encoded. Undefined for anything else. */
export function readTarget({ plural }: Crd, path: string): Target | undefined {
  const parts = path.replace(/\/$/, '').split('/').map(decoded);
  if (parts.includes(undefined) || parts.includes('')) return undefined;
  const namespaced = parts[0] === 'namespaces';
  const [resource, name, subresource, ...more] = namespaced ? parts.slice(2) : parts;
  if (resource !== plural || more.length > 0) return undefined;
  if (subresource !== undefined && subresource !== 'status') return undefined;
  // Objects are in namespaces: one by name alone there is not.
  if (!namespaced && name !== undefined) return undefined;
  return { namespace: namespaced ? parts[1] : undefined, name, status: subresource !== undefined };
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
