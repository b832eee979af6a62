import { setTimeout as sleep } from 'node:timers/promises';
import { VIDEO_NAME_ANNOTATION } from '../../../controller/kubernetes/job/labels.ts';
import type { JobObject, LoomVideoObject } from '../../../controller/kubernetes/objects.ts';
import { jobsPath, loomVideoPath, loomVideosPath, podsPath } from '../../../controller/kubernetes/paths.ts';
import type { Apiserver } from '../../cluster/support/apiserver.ts';
import { playJobs } from '../../cluster/support/playedJobs.ts';
import { operatorsRequests, quiet, requestsOf } from '../../cluster/support/apiserverRequests.ts';
import { startBareApiserver } from './apiserver.ts';
import { cpuSeconds, memoryOf } from '../../support/processFigures.ts';
import type { ControllerRun } from './figures.ts';
import { LINK, type Start } from './peers.ts';
import { say } from '../progress.ts';
import { quantile } from '../quantile.ts';

/** Videos are made by so many clients side by side. */
const CLIENTS = 8;
const NAMESPACE = 'bench';

/** Milliseconds within which all are Ready: five times what the slowest took on two cores (kopf, 5,000 videos: 136 s). */
const TIMEOUT_MS = 60_000;
const VIDEO_TIMEOUT_MS = 125;

export interface RunOptions {
  readonly start: Start;
  readonly videos: number;
  /** Milliseconds of each of the three stages of a Job. */
  readonly stageMs: number;
  /** Also deletes them all, and looks at what stays. */
  readonly deletes: boolean;
}

/** One controller on an apiserver of its own, from the first video to the last. */
export async function runOnce({ start, videos, stageMs, deletes }: RunOptions): Promise<ControllerRun> {
  const apiserver = await startBareApiserver(NAMESPACE);
  const { admin } = apiserver;
  const stopping = new AbortController();
  try {
    const seen = await watch(admin, stopping.signal);
    await playJobs(admin, NAMESPACE, () => ({ stageMs }), stopping.signal);
    const controller = await start({ apiserver, namespace: NAMESPACE });
    try {
      const idleMb = memoryOf(controller.pid).residentMb;
      const [cpuBefore, before] = [cpuSeconds(controller.pid), await requestsOf(admin)];
      const apiserverCpu = (): number => apiserver.pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0);
      const apiserverBefore = apiserverCpu();
      const reconciledBefore = (await controller.reconciles()) ?? 0;
      const begun = performance.now();
      const createdAt = await createAll(admin, videos);
      const creationSeconds = (performance.now() - begun) / 1000;
      while (seen.ready.size < videos) {
        if (performance.now() - begun > TIMEOUT_MS + VIDEO_TIMEOUT_MS * videos)
          throw new Error(`only ${seen.ready.size} of ${videos} are Ready`);
        await sleep(5);
      }
      const seconds = (Math.max(...seen.ready.values()) - begun) / 1000;
      await quiet(admin);
      const { residentMb: endMb, peakMb } = memoryOf(controller.pid);
      const [cpuAfter, after] = [cpuSeconds(controller.pid), await requestsOf(admin)];
      const apiserverCpuSeconds = apiserverCpu() - apiserverBefore;
      const reconciled = await controller.reconciles();
      let deletedMb: number | undefined;
      if (deletes) {
        await deleteAll(admin, [...createdAt.keys()], seen);
        deletedMb = memoryOf(controller.pid).residentMb;
      }
      const toJobMs = [...createdAt].map(([name, at]) => (seen.jobs.get(name) ?? Number.NaN) - at);
      return {
        ...{ seconds, creationSeconds, idleMb, peakMb, endMb },
        toJobMs: { p50: quantile(toJobMs, 0.5), p99: quantile(toJobMs, 0.99) },
        requests: Object.fromEntries(operatorsRequests(before, after, videos)),
        ...(reconciled !== undefined && { reconciles: (reconciled - reconciledBefore) / videos }),
        cpuSeconds: cpuAfter - cpuBefore,
        apiserverCpuSeconds,
        ...(deletedMb !== undefined && { deletedMb }),
      };
    } finally {
      await controller.stop();
    }
  } finally {
    stopping.abort(new Error('the run is over'));
    await apiserver.stop();
  }
}

interface Seen {
  /** When the first Job of each video was seen, and when it was Ready; by performance.now(). */
  readonly jobs: Map<string, number>;
  readonly ready: Map<string, number>;
  readonly present: Set<string>;
}

async function watch(admin: Apiserver, signal: AbortSignal): Promise<Seen> {
  const seen: Seen = { jobs: new Map(), ready: new Map(), present: new Set() };
  // It happens where the apiserver finds that we do not read as fast as others write.
  const onBreak = (why: unknown): void => say(`a watch of ours is begun again: ${String(why)}`);
  await admin.follow<JobObject>(
    jobsPath(NAMESPACE),
    ({ object }) => {
      const video = object.metadata.annotations?.[VIDEO_NAME_ANNOTATION] ?? '';
      if (!seen.jobs.has(video)) seen.jobs.set(video, performance.now());
    },
    { signal, onBreak },
  );
  await admin.follow<LoomVideoObject>(
    loomVideosPath(NAMESPACE),
    ({ kind, object: { metadata, status } }) => {
      if (kind === 'gone') seen.present.delete(metadata.name);
      else seen.present.add(metadata.name);
      if (status?.phase === 'Ready' && !seen.ready.has(metadata.name))
        seen.ready.set(metadata.name, performance.now());
    },
    { signal, onBreak },
  );
  return seen;
}

async function createAll(admin: Apiserver, videos: number): Promise<Map<string, number>> {
  const createdAt = new Map<string, number>();
  let next = 0;
  const client = async (): Promise<void> => {
    while (next < videos) {
      const name = `video-${String(next++).padStart(5, '0')}`;
      await admin.create(loomVideosPath(NAMESPACE), {
        apiVersion: 'qudemo.dev/v1alpha1',
        kind: 'LoomVideo',
        metadata: { name },
        spec: { url: LINK },
      });
      createdAt.set(name, performance.now());
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return createdAt;
}

/** Also plays the garbage collector: nobody else does. */
async function deleteAll(admin: Apiserver, names: readonly string[], seen: Seen): Promise<void> {
  const left = [...names];
  const client = async (): Promise<void> => {
    for (let name = left.pop(); name !== undefined; name = left.pop())
      await admin.remove(loomVideoPath(NAMESPACE, name));
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  while (seen.present.size > 0) await sleep(50);
  for (const path of [jobsPath(NAMESPACE), podsPath(NAMESPACE)])
    await admin.ask('DELETE', path, { query: { propagationPolicy: 'Background', gracePeriodSeconds: '0' } });
  await quiet(admin);
  await sleep(AFTERWARDS_MS);
}

/** Time in which a process may give memory back. */
const AFTERWARDS_MS = 10_000;
