import type { Clock } from '../../../common/clock.ts';
import type { Logger } from '../../../common/log.ts';
import { oneLine } from '../../../common/oneLine.ts';
import { FINALIZER } from '../../reconcile/names.ts';
import type { Observation, ObservedJob, ObservedVideo } from '../../reconcile/observation.ts';
import { ApiError, type KubeApi } from '../api/kubeApi.ts';
import { isOlder } from '../cache/resourceVersion.ts';
import { jobUidOf } from '../gather/ours.ts';
import { podRejection } from '../gather/podRejection.ts';
import { OURS, VIDEO_UID_LABEL } from '../job/labels.ts';
import type { JobObject, NamespaceObject, PodObject } from '../objects.ts';
import { jobPath, namespacePath, podsPath } from '../paths.ts';
import type { OwnWrites } from './ownWrites.ts';
import { PodRejections } from './podRejections.ts';

/** A Job of ours that the watch does not bring for so long is asked after by a call; milliseconds. */
const UNSEEN_MS = 10_000;
/** For how long an answer about a namespace stands, milliseconds: many videos go with one namespace. */
const NAMESPACE_MS = 5000;

export interface LiveLooksOptions {
  readonly api: Pick<KubeApi, 'get' | 'list'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly ownWrites: OwnWrites;
}

/** What the watches cannot say, asked by calls of their own, only when it matters. */
export class LiveLooks {
  readonly #options: LiveLooksOptions;
  readonly #podRejections: PodRejections;
  /** Pods of Jobs that have ended, as a call found them; by the Job's uid. */
  readonly #lastPods = new Map<string, readonly PodObject[]>();
  readonly #terminating = new Map<string, { readonly answer: boolean; readonly until: number }>();

  constructor(options: LiveLooksOptions) {
    this.#options = options;
    this.#podRejections = new PodRejections(options.clock);
  }

  /** Makes the calls that this observation needs. Throws ApiError where the answer decides what is done next. */
  async look({ video, jobs, purgeJobs }: Observation, signal: AbortSignal): Promise<void> {
    if (video.deletedAt && video.finalizers.includes(FINALIZER)) {
      await this.#lookAtNamespace(video.namespace, signal);
      // It is let go, whatever there is to see. Our rights in the namespace may be gone before it.
      if (this.isTerminating(video.namespace)) return;
    }
    await this.#lookForUnseen(video, signal);
    await this.#lookForVanished(video, jobs, signal);
    for (const job of [...jobs, ...purgeJobs]) {
      if (this.#podRejections.waitMs(job) !== 0) continue;
      const found = await this.#podRejection({ namespace: video.namespace, uid: job.uid }, signal);
      this.#podRejections.noteFound(job.uid, found);
    }
    for (const job of [...jobs, ...purgeJobs]) await this.#lookForLastWords(video, job, signal);
  }

  /** Milliseconds until calls are due though no watch brings anything; undefined: none will be. */
  dueMs({ video, jobs, purgeJobs }: Observation): number | undefined {
    const waits = [...jobs, ...purgeJobs].flatMap((job) => this.#podRejections.waitMs(job) ?? []);
    const now = this.#options.clock.now();
    if (this.#options.ownWrites.jobsOf(video.uid, now).length > 0) waits.push(UNSEEN_MS);
    return waits.length === 0 ? undefined : Math.max(1, Math.min(...waits));
  }

  podRejectionOf(jobUid: string): string | undefined {
    return this.#podRejections.of(jobUid);
  }

  /** A Job's pods: as the watch has them, or as a call found them since. */
  podsOf(jobUid: string, cached: readonly PodObject[]): readonly PodObject[] {
    const found = this.#lastPods.get(jobUid) ?? [];
    const newer = found.filter(({ metadata }) => {
      const known = cached.find((pod) => pod.metadata.uid === metadata.uid);
      return !known || isOlder(known.metadata.resourceVersion, metadata.resourceVersion);
    });
    return [
      ...cached.filter((pod) => !newer.some(({ metadata }) => metadata.uid === pod.metadata.uid)),
      ...newer,
    ];
  }

  isTerminating(namespace: string): boolean {
    return this.#terminating.get(namespace)?.answer ?? false;
  }

  /** An apiserver that refuses to create anything in the namespace has said it too. */
  noteTerminating(namespace: string): void {
    this.#noteNamespace(namespace, true);
  }

  forgetJob(jobUid: string): void {
    this.#podRejections.forget(jobUid);
    this.#lastPods.delete(jobUid);
  }

  /** Jobs that we made and the watch is long in bringing: changed out of its sight, or gone. */
  async #lookForUnseen({ namespace, uid }: ObservedVideo, signal: AbortSignal): Promise<void> {
    const { api, clock, ownWrites } = this.#options;
    for (const { job, ageMs } of ownWrites.jobsOf(uid, clock.now())) {
      if (ageMs < UNSEEN_MS) continue;
      const { name, uid: jobUid = '' } = job.metadata;
      const present = await api.get<JobObject>(jobPath(namespace, name), signal);
      if (present?.metadata.uid === jobUid) ownWrites.noteJob(uid, present, clock.now());
      else ownWrites.forgetJob(uid, jobUid);
    }
  }

  /**
   * A Job that the status knows and the watch does not: the watch may only be behind. The core takes a missing Job for a
   * deleted one, so it has to be certain.
   */
  async #lookForVanished(
    { namespace, uid, status }: ObservedVideo,
    jobs: Observation['jobs'],
    signal: AbortSignal,
  ): Promise<void> {
    const { api, clock, ownWrites } = this.#options;
    const { name, uid: jobUid } = status.job ?? {};
    if (name === undefined || jobUid === undefined || status.phase === 'Ready' || status.phase === 'Failed')
      return;
    if (jobs.some((job) => job.uid === jobUid)) return;
    const present = await api.get<JobObject>(jobPath(namespace, name), signal);
    if (present?.metadata.uid === jobUid) ownWrites.noteJob(uid, present, clock.now());
  }

  /**
   * A Job that has ended, its pod still at work as far as the watch says: Jobs and pods are watched apart, and how the pod
   * ended is what the attempt is judged by.
   */
  async #lookForLastWords(
    { namespace, uid }: ObservedVideo,
    job: ObservedJob,
    signal: AbortSignal,
  ): Promise<void> {
    const ended = job.pod?.phase === 'Succeeded' || job.pod?.phase === 'Failed';
    if (job.state === 'active' || ended || this.#lastPods.has(job.uid)) return;
    const labelSelector = `${OURS},${VIDEO_UID_LABEL}=${uid}`;
    const { items } = await this.#options.api.list<PodObject>(podsPath(namespace), { labelSelector }, signal);
    this.#lastPods.set(
      job.uid,
      items.filter((pod) => jobUidOf(pod).includes(job.uid)),
    );
  }

  async #podRejection(
    job: { namespace: string; uid: string },
    signal: AbortSignal,
  ): Promise<string | undefined> {
    try {
      return await podRejection(this.#options.api, job, signal);
    } catch (error) {
      // Nice to know, no more: the work goes on without it.
      this.#warn(error, `Events of a Job in ${job.namespace} could not be read`);
      return undefined;
    }
  }

  async #lookAtNamespace(name: string, signal: AbortSignal): Promise<void> {
    const { api, clock } = this.#options;
    const known = this.#terminating.get(name);
    if (known && (known.answer || clock.now().getTime() < known.until)) return;
    try {
      const namespace = await api.get<NamespaceObject>(namespacePath(name), signal);
      this.#noteNamespace(name, !namespace || namespace.status?.phase === 'Terminating');
    } catch (error) {
      // With rights in some namespaces only we may not ask; then the refusal of a Job tells.
      if (!(error instanceof ApiError && error.status === 403)) throw error;
      this.#warn(error, `Namespace ${name} could not be read`);
      this.#noteNamespace(name, false);
    }
  }

  #noteNamespace(name: string, answer: boolean): void {
    const now = this.#options.clock.now().getTime();
    for (const [other, { until }] of this.#terminating) if (until < now) this.#terminating.delete(other);
    this.#terminating.set(name, { answer, until: now + NAMESPACE_MS });
  }

  #warn(error: unknown, what: string): void {
    this.#options.log.warn(`${what}: ${oneLine(error instanceof Error ? error.message : String(error))}`);
  }
}
