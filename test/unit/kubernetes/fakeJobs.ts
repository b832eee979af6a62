import { setImmediate as turn } from 'node:timers/promises';
import { encodeReport } from '../../../jobrunner/contract/encodeReport.ts';
import type { StageName } from '../../../jobrunner/contract/stageReport.ts';
import { succeededReport } from '../reconcile/world.ts';
import type { FakeCluster, Stored } from './fakeCluster.ts';

/** How a stage ends: undefined for well, or kubelet's words. */
export type Ending = { readonly exitCode: number; readonly reason: string; readonly message?: string };
/** Called for each stage of each Job that begins. */
export type Script = (job: Stored, stage: StageName) => Ending | undefined;

/** The Job controller, the scheduler, kubelet and the garbage collector, as far as our Jobs need them. */
export function playJobs(
  cluster: FakeCluster,
  script: Script = () => undefined,
): { highest(): number; started: string[]; made: Stored[] } {
  let running = 0;
  let highest = 0;
  const started: string[] = [];
  const made: Stored[] = [];
  cluster.onChange((resource, object, before) => {
    if (resource === 'jobs' && object && !before) {
      made.push(object);
      if (object.spec?.['suspend'] !== true) void play(object);
    }
    if (
      resource === 'jobs' &&
      object &&
      before?.spec?.['suspend'] === true &&
      object.spec?.['suspend'] !== true
    )
      void play(object);
    if (resource === 'jobs' && object?.metadata.deletionTimestamp && !before?.metadata.deletionTimestamp)
      void end(object);
    if (resource === 'loomvideos' && !object && before) void collect(before);
  });
  return { highest: () => highest, started, made };

  async function play(job: Stored): Promise<void> {
    const { namespace = '', name, uid, labels = {}, annotations = {} } = job.metadata;
    const isProcess = labels['app.kubernetes.io/component'] === 'process';
    if (isProcess) {
      running++;
      highest = Math.max(highest, running);
      started.push(annotations['qudemo.dev/video'] ?? '');
    }
    try {
      await turn();
      if (!present(job)) return;
      const pods = `/api/v1/namespaces/${namespace}/pods`;
      const pod = cluster.put(pods, {
        metadata: {
          name: `${name}-x`,
          labels,
          annotations,
          ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job', name, uid, controller: true }],
        },
      });
      const at = `${pods}/${pod.metadata.name}`;
      const stages: readonly StageName[] = isProcess ? ['fetch', 'transcribe', 'index'] : ['purge'];
      const states: Record<string, object> = Object.fromEntries(
        stages.map((stage) => [stage, { waiting: { reason: 'PodInitializing' } }]),
      );
      const show = (phase = 'Running'): void => {
        const statuses = Object.entries(states).map(([stage, state]) => ({ name: stage, state }));
        cluster.change(at, (old) => ({
          ...old,
          status: {
            phase,
            initContainerStatuses: statuses.slice(0, -1),
            containerStatuses: statuses.slice(-1),
          },
        }));
      };
      for (const stage of stages) {
        const startedAt = new Date().toISOString();
        states[stage] = { running: { startedAt } };
        show();
        await turn();
        if (!present(job) || !cluster.get(at)) return;
        const ending = script(job, stage);
        const finishedAt = new Date().toISOString();
        const message =
          stage === 'purge' ? '' : encodeReport({ ...succeededReport(stage), startedAt, finishedAt });
        const terminated = ending ?? { exitCode: 0, reason: 'Completed', message };
        states[stage] = { terminated: { ...terminated, startedAt, finishedAt } };
        show(ending ? 'Failed' : stage === stages.at(-1) ? 'Succeeded' : 'Running');
        if (ending) {
          finish(job, { type: 'Failed', status: 'True', reason: 'PodFailurePolicy', message: 'exit code' });
          return;
        }
      }
      finish(job, { type: 'Complete', status: 'True' });
    } finally {
      if (isProcess) running--;
    }
  }

  function present(job: Stored): boolean {
    const now = cluster.get(pathOf(job));
    return now?.metadata.uid === job.metadata.uid && now.metadata.deletionTimestamp === undefined;
  }

  function finish(job: Stored, condition: object): void {
    if (present(job)) cluster.change(pathOf(job), (old) => ({ ...old, status: { conditions: [condition] } }));
  }

  async function end(job: Stored): Promise<void> {
    await turn();
    const { namespace = '', name } = job.metadata;
    cluster.remove(`/api/v1/namespaces/${namespace}/pods/${name}-x`);
    await turn();
    cluster.remove(pathOf(job));
  }

  async function collect(video: Stored): Promise<void> {
    await turn();
    for (const job of cluster.all('jobs'))
      if (job.metadata.ownerReferences?.some(({ uid }) => uid === video.metadata.uid))
        cluster.startDeletion(pathOf(job));
  }
}

function pathOf({ metadata: { namespace = '', name } }: Stored): string {
  return `/apis/batch/v1/namespaces/${namespace}/jobs/${name}`;
}
