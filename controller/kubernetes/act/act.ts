import type { Action, Decision } from '../../reconcile/decision.ts';
import { ApiError, type KubeApi } from '../api/kubeApi.ts';
import type { Observed } from '../gather/observe.ts';
import { jobOf, purgeJobOf } from '../job/jobOf.ts';
import type { JobSettings } from '../job/settings.ts';
import type { JobObject, LoomVideoObject } from '../objects.ts';
import { jobPath } from '../paths.ts';
import { createJob, type Created } from './createJob.ts';
import { setFinalizer } from './finalizer.ts';
import { writeStatus } from './writeStatus.ts';

export interface ActInput extends Observed {
  /** What was observed, and decided upon. */
  readonly object: LoomVideoObject;
  readonly decision: Decision;
}

export interface ActOptions {
  readonly api: KubeApi;
  readonly settings: JobSettings;
  readonly scope: string;
  readonly signal: AbortSignal;
  /** The object as our write left it: nothing older may be acted upon again. Told also when a later step fails. */
  readonly onWritten: (object: LoomVideoObject) => void;
  /** A Job as it is now, though the watch may not know it so yet. */
  readonly onJob: (job: JobObject) => void;
}

export type Acted =
  | { readonly kind: 'done' }
  /** A Job was posted; what is to be said of it is left to the next look, so that other new work comes first. */
  | { readonly kind: 'posted' }
  /** The status is written that Jobs may go for; nobody waits for that, so it is left to a later look. */
  | { readonly kind: 'recorded' }
  /** A Job is refused, so the decision does not hold: decide again, on the object as it is now. */
  | {
      readonly kind: 'rejected';
      readonly name: string;
      readonly message: string;
      readonly object: LoomVideoObject;
    };

/**
 * Carries a decision out: Jobs first, so that work does not wait for words about it; then, where none was posted, the
 * status; then, where that is written already, what it had to be written for. Each step may be done twice. Throws ApiError where a step fails; those after it are left for the
 * next time.
 */
export async function act(input: ActInput, options: ActOptions): Promise<Acted> {
  const { decision, observation } = input;
  const { api, signal, onWritten } = options;
  const { namespace } = observation.video;
  let { object } = input;
  let posted = false;
  const written = (after: LoomVideoObject): void => {
    if (after === object) return;
    object = after;
    onWritten(after);
  };
  for (const action of decision.actions)
    switch (action.kind) {
      case 'add-finalizer':
        written(await setFinalizer(api, object, true, signal));
        break;
      case 'remove-finalizer':
        await removeFinalizer(object, options);
        // It is gone, or about to be: there is no status left to write.
        return { kind: 'done' };
      case 'create-job':
      case 'create-purge-job': {
        const created = await create(action, input, options);
        if (created.kind === 'rejected')
          return { kind: 'rejected', name: action.name, message: created.message, object };
        options.onJob(created.job);
        posted = true;
        break;
      }
      case 'delete-job':
        await api.delete(
          jobPath(namespace, action.name),
          { uid: action.uid, propagationPolicy: 'Foreground' },
          signal,
        );
        break;
      case 'release-job':
        break;
    }
  if (posted) return { kind: 'posted' };
  const known = object;
  written(await writeStatus(api, object, decision.status, signal));
  const releases = decision.actions.filter((action) => action.kind === 'release-job');
  if (releases.length > 0 && object !== known) return { kind: 'recorded' };
  for (const action of releases) await release(namespace, action, options);
  return { kind: 'done' };
}

async function create(
  action: Extract<Action, { kind: 'create-job' | 'create-purge-job' }>,
  { observation, credentials }: ActInput,
  { api, settings, scope, signal }: ActOptions,
): Promise<Created> {
  const { video, specHash } = observation;
  // The core makes no Job while there is an obstacle.
  if (!credentials) throw new Error(`a Job of ${video.namespace}/${video.name} without credentials`);
  const input = { video, credentials, settings, scope };
  return action.kind === 'create-job'
    ? createJob(api, jobOf({ ...input, action, specHash }), { video, component: 'process' }, signal)
    : createJob(api, purgeJobOf({ ...input, action }), { video, component: 'purge' }, signal);
}

async function removeFinalizer(object: LoomVideoObject, { api, signal }: ActOptions): Promise<void> {
  try {
    await setFinalizer(api, object, false, signal);
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 404)) throw error;
  }
}

async function release(
  namespace: string,
  { name, uid }: { name: string; uid: string },
  { api, settings, signal, onJob }: ActOptions,
): Promise<void> {
  const { ttlSecondsAfterFinished } = settings;
  try {
    const job = await api.mergePatch<JobObject>(
      jobPath(namespace, name),
      { metadata: { uid }, spec: { ttlSecondsAfterFinished } },
      signal,
    );
    onJob(job);
  } catch (error) {
    // Gone, or another one by now.
    if (!(error instanceof ApiError && [404, 409].includes(error.status))) throw error;
  }
}
