import { FINALIZER } from '../../reconcile/names.ts';
import type { KubeApi } from '../api/kubeApi.ts';
import type { LoomVideoObject } from '../objects.ts';
import { loomVideoPath } from '../paths.ts';

/**
 * Adds or removes our finalizer. The list is written whole, so the resourceVersion is a precondition: throws ApiError 409
 * when the object changed in between, 404 when it is gone.
 */
export async function setFinalizer(
  api: Pick<KubeApi, 'mergePatch'>,
  { metadata }: LoomVideoObject,
  wanted: boolean,
  signal: AbortSignal,
): Promise<LoomVideoObject> {
  const { name, namespace = '', uid, resourceVersion, finalizers = [] } = metadata;
  const others = finalizers.filter((finalizer) => finalizer !== FINALIZER);
  return api.mergePatch<LoomVideoObject>(
    loomVideoPath(namespace, name),
    { metadata: { uid, resourceVersion, finalizers: wanted ? [...others, FINALIZER] : others } },
    signal,
  );
}
