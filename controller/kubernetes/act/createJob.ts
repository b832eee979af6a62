import { oneLine } from '../../../common/oneLine.ts';
import { ApiError, type KubeApi } from '../api/kubeApi.ts';
import { isOurs, isSameAttempt } from '../gather/ours.ts';
import type { JobManifest } from '../job/jobOf.ts';
import type { Component } from '../job/labels.ts';
import type { JobObject } from '../objects.ts';
import { jobPath, jobsPath } from '../paths.ts';

export type Created =
  | { readonly kind: 'there'; readonly job: JobObject }
  /** For good reason: asking again at once would get the same answer. */
  | { readonly kind: 'rejected'; readonly message: string };

/**
 * Posts a Job. One that is there already under its name, because an answer was lost or the watch is behind, is taken for
 * it when we made it for this very attempt, never when a stranger did. Throws ApiError for what passes.
 */
export async function createJob(
  api: Pick<KubeApi, 'create' | 'get'>,
  manifest: JobManifest,
  { video, component }: { video: { namespace: string; uid: string }; component: Component },
  signal: AbortSignal,
): Promise<Created> {
  const { name } = manifest.metadata;
  try {
    return { kind: 'there', job: await api.create<JobObject>(jobsPath(video.namespace), manifest, signal) };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (isRejection(error)) return { kind: 'rejected', message: oneLine(error.message, 1000) };
    if (error.reason !== 'AlreadyExists') throw error;
    const job = await api.get<JobObject>(jobPath(video.namespace, name), signal);
    // Gone between the two calls: the next try makes it.
    if (!job) throw error;
    if (isOurs(job, video, component) && isSameAttempt(job.metadata, manifest.metadata))
      return { kind: 'there', job };
    return {
      kind: 'rejected',
      message: `a Job named ${name} is there that was not made for this video; delete it`,
    };
  }
}

/** What the request itself is refused for: invalid, forbidden (quota, Pod Security, a webhook's word), no such namespace. */
function isRejection({ status }: ApiError): boolean {
  return [400, 403, 404, 413, 422].includes(status);
}
