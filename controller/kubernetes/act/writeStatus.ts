import { isDeepStrictEqual } from 'node:util';
import type { LoomVideoStatus } from '../../../crds/generated/loomvideo.ts';
import type { KubeApi } from '../api/kubeApi.ts';
import { MANAGER } from '../job/labels.ts';
import type { LoomVideoObject } from '../objects.ts';
import { API_VERSION, KIND, loomVideoPath } from '../paths.ts';

/**
 * Applies the whole status where it differs from the object's: fields of ours that are not in it go. Returns the object as
 * it is then. The object's resourceVersion is a precondition: throws ApiError 409 when it changed in between.
 */
export async function writeStatus(
  api: Pick<KubeApi, 'apply'>,
  object: LoomVideoObject,
  status: LoomVideoStatus,
  signal: AbortSignal,
): Promise<LoomVideoObject> {
  if (isSameStatus(object.status ?? {}, status)) return object;
  const { name, namespace = '', uid, resourceVersion } = object.metadata;
  return api.apply<LoomVideoObject>(
    `${loomVideoPath(namespace, name)}/status`,
    { apiVersion: API_VERSION, kind: KIND, metadata: { name, namespace, uid, resourceVersion }, status },
    { fieldManager: MANAGER, force: true },
    signal,
  );
}

/** As JSON has them: a key without a value is no key. */
export function isSameStatus(before: LoomVideoStatus, after: LoomVideoStatus): boolean {
  return isDeepStrictEqual(before, after) || isDeepStrictEqual(before, JSON.parse(JSON.stringify(after)));
}
