import type { Clock } from '../../../common/clock.ts';
import type { Logger } from '../../../common/log.ts';
import type { Caps } from '../../reconcile/admission.ts';
import { FINALIZER } from '../../reconcile/names.ts';
import { ApiError, type KubeApi, type KubeMetadata, type KubeObject } from '../api/kubeApi.ts';
import type { Indexes } from '../cache/memoryStore.ts';
import { startReflector, type ReflectorTimings } from '../cache/reflector.ts';
import type { OnChange, Reflector } from '../cache/store.ts';
import { timeOf } from '../gather/observeVideo.ts';
import { jobUidOf, videoUidOf } from '../gather/ours.ts';
import { OURS, VIDEO_NAME_ANNOTATION, VIDEO_UID_LABEL } from '../job/labels.ts';
import type { JobSettings } from '../job/settings.ts';
import type { JobObject, LoomVideoObject, PodObject } from '../objects.ts';
import { jobsPath, loomVideosPath, podsPath } from '../paths.ts';
import { runWorkers, type WorkResult } from '../queue/runWorkers.ts';
import { workQueue, type Line, type WorkQueue } from '../queue/workQueue.ts';
import { PURGE_OVERDUE_SECONDS, type Gauges, type Metrics } from '../telemetry/metrics.ts';
import { stageEndings } from '../telemetry/stageEndings.ts';
import { Reconciler, type Caches } from './reconciler.ts';
import { stripJob, stripPod, stripVideo } from './strip.ts';
import { unionStore } from './unionStore.ts';

/** All videos are looked at again once in so many milliseconds: what no event told is mended then. */
const RESYNC_MS = 600_000;
/** A namespace in which we may not look is asked for again by its watches; its videos wait so many milliseconds. */
const BLIND_MS = 30_000;
/** For calls under way when we are asked to stop. Within the 5 s after which another may lead (lease/runLeader.ts). */
const GRACE_MS = 4000;

export interface ControllerOptions {
  readonly api: KubeApi;
  /** Undefined: all. */
  readonly namespaces: readonly string[] | undefined;
  readonly settings: JobSettings;
  readonly scope: string;
  readonly caps: Caps;
  /** Videos worked on at once: what it waits for is the apiserver. */
  readonly workers: number;
  readonly clock: Clock;
  /** 0 ≤ n < 1 */
  readonly random: () => number;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly signal: AbortSignal;
  readonly resyncMs?: number;
  readonly reflectorTimings?: Partial<ReflectorTimings>;
}

/** One kind of what is watched. */
interface Watched<T extends KubeObject> {
  /** Its name in the metrics. */
  readonly resource: string;
  readonly path: (namespace?: string) => string;
  readonly query: Record<string, string>;
  readonly indexes: Indexes<T>;
  readonly strip: (object: T) => T;
  readonly onChange: OnChange<T>;
}

/** The operator at work: watches, queue and workers, from its making until its signal is aborted. */
export class LoomVideoController implements Gauges {
  /** Resolves, never rejects, when all has ended. */
  readonly ended: Promise<void>;
  readonly #options: ControllerOptions;
  readonly #startedAt: Date;
  readonly #queue: WorkQueue;
  readonly #reconciler: Reconciler;
  readonly #reflectors: {
    readonly loomvideos: readonly Reflector<LoomVideoObject>[];
    readonly jobs: readonly Reflector<JobObject>[];
    readonly pods: readonly Reflector<PodObject>[];
  };
  readonly #caches: Caches;
  #synced = false;

  constructor(options: ControllerOptions) {
    this.#options = options;
    const { api, settings, scope, caps, clock, random, log, metrics, signal } = options;
    this.#startedAt = clock.now();
    this.#queue = workQueue({ clock, random, observer: metrics.queueObserver });
    const ours = { labelSelector: OURS };
    this.#reflectors = {
      loomvideos: this.#watch({
        ...{ resource: 'loomvideos', path: loomVideosPath, strip: stripVideo, query: {}, indexes: {} },
        onChange: (change) => this.#videoChanged(change),
      }),
      jobs: this.#watch({
        ...{ resource: 'jobs', path: jobsPath, strip: stripJob, query: ours, indexes: { video: videoUidOf } },
        onChange: (change) => this.#jobChanged(change),
      }),
      pods: this.#watch({
        ...{ resource: 'pods', path: podsPath, strip: stripPod, query: ours, indexes: { job: jobUidOf } },
        onChange: (change) => this.#podChanged(change),
      }),
    };
    const { loomvideos, jobs, pods } = this.#reflectors;
    this.#caches = {
      videos: unionStore(loomvideos.map(({ store }) => store)),
      jobs: unionStore(jobs.map(({ store }) => store)),
      pods: unionStore(pods.map(({ store }) => store)),
    };
    const enqueue = (key: string, line: Line): void => this.#queue.add(key, line);
    this.#reconciler = new Reconciler({
      ...{ api, settings, scope, caps, clock, log, signal, enqueue },
      caches: this.#caches,
    });
    this.ended = this.#run();
  }

  /** Whether all that we may see is known and work goes on. */
  get synced(): boolean {
    return this.#synced && !this.#reflectors.loomvideos.every(({ forbidden }) => forbidden());
  }

  async #run(): Promise<void> {
    const { signal, workers, log } = this.#options;
    const all = Object.values(this.#reflectors).flat();
    try {
      await Promise.all(all.map(({ synced }) => synced));
      this.#reconciler.seed();
      this.#synced = true;
      const { videos, jobs } = this.#caches;
      log.info(
        { videos: videos.size, jobs: jobs.size },
        `In sync: ${videos.size} videos, ${jobs.size} Jobs.`,
      );
      using _resync = this.#resync();
      await runWorkers({
        queue: this.#queue,
        concurrency: workers,
        work: (key, patience) => this.#work(key, patience),
        retryAfterMs: (error) =>
          error instanceof ApiError && error.retryAfterSeconds !== undefined
            ? error.retryAfterSeconds * 1000
            : undefined,
        log,
        signal,
        graceMs: GRACE_MS,
      });
    } catch (error) {
      // `synced` rejects only with the reason for which we are to stop.
      if (!signal.aborted) throw error;
    } finally {
      this.#synced = false;
      await Promise.all([...all.map(({ ended }) => ended), this.#reconciler.stop()]);
    }
  }

  async #work(key: string, patience: AbortSignal): Promise<WorkResult> {
    const { metrics } = this.#options;
    const begun = performance.now();
    const seconds = (): number => (performance.now() - begun) / 1000;
    try {
      if (this.#isBlind(key)) return { againAfterMs: BLIND_MS };
      const result = await this.#reconciler.reconcile(key, patience);
      metrics.reconciled(result.againAfterMs === undefined ? 'success' : 'requeue_after', seconds());
      return result;
    } catch (error) {
      metrics.reconciled('error', seconds());
      throw error;
    }
  }

  /**
   * Whether we may not see what belongs to a video: its namespace is going, or an administrator took our rights there.
   * What is not seen may be there: nothing is begun. A video that is deleted is looked at all the same, to be let go.
   */
  #isBlind(key: string): boolean {
    const at = this.#options.namespaces?.indexOf(key.slice(0, key.indexOf('/'))) ?? 0;
    const forbidden = Object.values(this.#reflectors).some((reflectors) => reflectors[at]?.forbidden());
    return forbidden && this.#caches.videos.get(key)?.metadata.deletionTimestamp === undefined;
  }

  /** Spread over the whole time: else all come at once. */
  #resync(): Disposable {
    const { resyncMs = RESYNC_MS, random } = this.#options;
    const timer = setInterval(() => {
      for (const { metadata } of this.#caches.videos.values())
        this.#queue.addAfter(`${metadata.namespace ?? ''}/${metadata.name}`, random() * resyncMs);
    }, resyncMs);
    timer.unref();
    return { [Symbol.dispose]: () => clearInterval(timer) };
  }

  #watch<T extends KubeObject>({ resource, path, ...watched }: Watched<T>): Reflector<T>[] {
    const { api, namespaces, log, clock, random, metrics, signal, reflectorTimings: timings } = this.#options;
    return (namespaces ?? [undefined]).map((namespace) =>
      startReflector<T>({
        ...watched,
        ...{ path: path(namespace), api, log, clock, random, signal },
        mayBeForbidden: (namespaces?.length ?? 1) > 1,
        observer: metrics.reflectorObserver(resource),
        ...(timings && { timings }),
      }),
    );
  }

  #videoChanged({ key, before, after }: Parameters<OnChange<LoomVideoObject>>[0]): void {
    if (before && !after) this.#reconciler.videoGone(before);
    const isNew = after && before?.metadata.generation !== after.metadata.generation;
    this.#queue.add(key, isNew ? 'new' : 'usual');
  }

  #jobChanged({ before, after }: Parameters<OnChange<JobObject>>[0]): void {
    const { metadata } = after ?? before ?? {};
    if (!metadata) return;
    this.#reconciler.jobSeen(metadata.labels?.[VIDEO_UID_LABEL] ?? '', metadata.uid ?? '', !after);
    this.#enqueueVideoOf(metadata);
  }

  #podChanged({ before, after }: Parameters<OnChange<PodObject>>[0]): void {
    const { metadata } = after ?? before ?? {};
    if (metadata) this.#enqueueVideoOf(metadata);
    // What ended before we began was counted by whoever led then.
    if (after && this.#synced)
      for (const ending of stageEndings(before, after)) this.#options.metrics.stageEnded(ending);
  }

  #enqueueVideoOf({ namespace, annotations }: KubeMetadata): void {
    const name = annotations?.[VIDEO_NAME_ANNOTATION];
    if (namespace !== undefined && name !== undefined) this.#queue.add(`${namespace}/${name}`);
  }

  phases(): Map<string, number> {
    const phases = new Map<string, number>();
    for (const { status } of this.#caches.videos.values()) {
      const phase = status?.phase ?? 'Pending';
      phases.set(phase, (phases.get(phase) ?? 0) + 1);
    }
    return phases;
  }

  purgesOverdue(): number {
    const since = this.#options.clock.now().getTime() - PURGE_OVERDUE_SECONDS * 1000;
    let overdue = 0;
    for (const { metadata } of this.#caches.videos.values()) {
      const deletedAt = timeOf(metadata.deletionTimestamp);
      if (deletedAt && deletedAt.getTime() < since && metadata.finalizers?.includes(FINALIZER)) overdue++;
    }
    return overdue;
  }

  queueDepth(): number {
    return this.#queue.depth;
  }

  queueDelayed(): number {
    return this.#queue.delayed;
  }

  placesTaken(): number {
    return this.#reconciler.placesTaken;
  }

  longestRunningSeconds(): number {
    return this.#queue.longestRunning();
  }

  /** Of each kind the watch that was longest unheard; from our beginning where none was heard yet. */
  watchAges(): Map<string, number> {
    const now = this.#options.clock.now().getTime();
    return new Map(
      Object.entries(this.#reflectors).map(([resource, reflectors]) => {
        const heard = reflectors.map(({ heardAt }) => (heardAt() ?? this.#startedAt).getTime());
        return [resource, Math.max(0, now - Math.min(...heard)) / 1000];
      }),
    );
  }
}
