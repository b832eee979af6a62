import type { Clock } from '../../../common/clock.ts';
import type { Logger } from '../../../common/log.ts';
import type { Candidate, Caps } from '../../reconcile/admission.ts';
import { decide } from '../../reconcile/decide.ts';
import type { Action, Decision } from '../../reconcile/decision.ts';
import type { Observation } from '../../reconcile/observation.ts';
import { act } from '../act/act.ts';
import { Announcer } from '../act/announcer.ts';
import { ApiError, type KubeApi } from '../api/kubeApi.ts';
import { isOlder } from '../cache/resourceVersion.ts';
import type { Store } from '../cache/store.ts';
import { Declarations } from '../gather/declaration.ts';
import { observe, type Observed } from '../gather/observe.ts';
import type { JobSettings } from '../job/settings.ts';
import type { JobObject, LoomVideoObject, PodObject } from '../objects.ts';
import type { WorkResult } from '../queue/runWorkers.ts';
import type { Line } from '../queue/workQueue.ts';
import { Admissions } from './admissions.ts';
import { LiveLooks } from './liveLooks.ts';
import { OwnWrites } from './ownWrites.ts';
import { pacedMs, RELEASE_MS } from './pace.ts';
import { wantsOf } from './place.ts';
import { Rejections } from './rejections.ts';
import { stripJob } from './strip.ts';

/** The watch brings our own write within a moment; should it not, we look again after so many milliseconds. */
const BEHIND_MS = 1000;
/** After a conflict: what changed is on its way to us. */
const CONFLICT_MS = 200;

/** What the watches brought; Jobs by index `video`, pods by index `job`. */
export interface Caches {
  readonly videos: Store<LoomVideoObject>;
  readonly jobs: Store<JobObject>;
  readonly pods: Store<PodObject>;
}

export interface ReconcilerOptions {
  readonly api: KubeApi;
  readonly caches: Caches;
  readonly settings: JobSettings;
  readonly scope: string;
  readonly caps: Caps;
  readonly clock: Clock;
  readonly log: Logger;
  /** The key of a video whose turn has come. */
  readonly enqueue: (key: string, line: Line) => void;
  readonly signal: AbortSignal;
}

/** Brings one video at a time to what its declaration asks for: gather, decide, act. */
export class Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #admissions: Admissions;
  readonly #rejections = new Rejections();
  readonly #ownWrites = new OwnWrites();
  readonly #declarations = new Declarations();
  readonly #looks: LiveLooks;
  readonly #announcer: Announcer;

  constructor(options: ReconcilerOptions) {
    this.#options = options;
    const { api, clock, log, signal, caps, enqueue } = options;
    this.#announcer = new Announcer({ api, clock, log, signal });
    this.#looks = new LiveLooks({ api, clock, log, ownWrites: this.#ownWrites });
    this.#admissions = new Admissions({
      caps,
      clock,
      onDecided: ({ namespace, name }, decided) =>
        enqueue(`${namespace}/${name}`, decided === 'admitted' ? 'new' : 'usual'),
    });
  }

  /** Tells the caps of all videos at once, so that the oldest come first from the beginning. */
  seed(): void {
    const now = this.#options.clock.now();
    for (const object of this.#options.caches.videos.values()) this.#plan(this.#observe(object), now);
  }

  /** The watch brought this Job, or its end. */
  jobSeen(videoUid: string, jobUid: string, gone: boolean): void {
    this.#ownWrites.forgetJob(videoUid, jobUid);
    if (gone) this.#looks.forgetJob(jobUid);
  }

  /** The video is gone, and whatever we remember of it with it. */
  videoGone({ metadata: { uid = '' } }: LoomVideoObject): void {
    this.#admissions.remove(uid);
    this.#rejections.clear(uid);
    this.#ownWrites.forgetVideo(uid);
    this.#declarations.forget(uid);
  }

  /** Attempts that hold a place. */
  get placesTaken(): number {
    return this.#admissions.taken;
  }

  /** Ends what runs by itself; resolves when the Events are out. */
  async stop(): Promise<void> {
    this.#admissions.stop();
    await this.#announcer.idle();
  }

  /** Throws ApiError for what passes: it is to be tried again. */
  async reconcile(key: string, signal: AbortSignal): Promise<WorkResult> {
    const object = this.#options.caches.videos.get(key);
    if (!object) return {};
    if (this.#ownWrites.isOutdated(object)) return { againAfterMs: BEHIND_MS };
    try {
      await this.#looks.look(this.#observe(object).observation, signal);
      return await this.#settle(object, signal);
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 409)) throw error;
      this.#options.log.debug({ video: key }, `Changed meanwhile: ${error.message}`);
      return { againAfterMs: CONFLICT_MS };
    }
  }

  async #settle(object: LoomVideoObject, signal: AbortSignal): Promise<WorkResult> {
    const { api, settings, scope, clock } = this.#options;
    const now = clock.now();
    const observed = this.#observe(object);
    const { observation } = observed;
    const { uid, namespace } = observation.video;
    const plan = this.#plan(observed, now);
    // Its place is being counted: that brings it here again.
    if (!plan) return {};
    // Its place is taken from here on: an older video that comes while the Job is posted must not be given it too.
    if (plan.admitted) this.#tell(observation, 'active');
    const laterMs = pacedMs(object.status ?? {}, plan.decision, this.#ownWrites.ageMs(uid, now));
    if (laterMs > 0) return { againAfterMs: laterMs };
    const acted = await act(
      { object, ...observed, decision: plan.decision },
      {
        api,
        settings,
        scope,
        signal,
        onWritten: (after) => this.#ownWrites.noteVideo(after, clock.now()),
        onJob: (job) => {
          // The watch may have been quicker than the answer: then it will not bring this Job again.
          if (!this.#isSeen(uid, job)) this.#ownWrites.noteJob(uid, stripJob(job), clock.now());
          this.#rejections.clear(uid);
        },
      },
    );
    if (acted.kind === 'rejected') {
      this.#rejections.note(uid, acted.name, acted.message, now);
      if (/because it is being terminated/.test(acted.message)) this.#looks.noteTerminating(namespace);
      // Decides anew, this time knowing that the Job is refused, and so does not post it again.
      return this.#settle(acted.object, signal);
    }
    if (acted.kind === 'posted') return { againAfterMs: 0 };
    this.#announcer.announce(object, plan.decision.notices);
    const { requeueAfterSeconds } = plan.decision;
    const waits = [
      acted.kind === 'recorded' ? RELEASE_MS : undefined,
      requeueAfterSeconds === undefined ? undefined : requeueAfterSeconds * 1000,
      plan.askAgainMs,
      this.#looks.dueMs(observation),
    ].filter((wait) => wait !== undefined);
    return waits.length === 0 ? {} : { againAfterMs: Math.min(...waits) };
  }

  #observe(object: LoomVideoObject): Observed {
    const { caches, settings, clock } = this.#options;
    const { uid = '', namespace = '' } = object.metadata;
    const unseen = this.#ownWrites
      .jobsOf(uid, clock.now())
      .map(({ job }) => job)
      .filter((job) => !this.#isSeen(uid, job));
    const seen = caches.jobs
      .by('video', uid)
      .filter(({ metadata }) => !unseen.some((job) => job.metadata.uid === metadata.uid));
    return observe({
      object,
      declaration: this.#declarations.of(object),
      jobs: [...seen, ...unseen],
      podsOf: (jobUid) => this.#looks.podsOf(jobUid, caches.pods.by('job', jobUid)),
      podRejectionOf: (jobUid) => this.#looks.podRejectionOf(jobUid),
      namespaceTerminating: this.#looks.isTerminating(namespace),
      jobRejection: undefined,
      settings,
    });
  }

  /** Whether the watch has brought this Job as it is here, or newer. */
  #isSeen(videoUid: string, { metadata: { uid, resourceVersion } }: JobObject): boolean {
    const seen = this.#options.caches.jobs.by('video', videoUid).find(({ metadata }) => metadata.uid === uid);
    return seen !== undefined && !isOlder(seen.metadata.resourceVersion, resourceVersion);
  }

  /** What is decided, with the caps and the refusals in view; undefined while the caps are being counted. */
  #plan({ observation }: Observed, now: Date): Plan | undefined {
    const { uid } = observation.video;
    const open = decide(observation, now);
    const job = open.actions.find(isJobCreation);
    const askAgainMs = job ? this.#rejections.waitMs(uid, job.name, now) : 0;
    if (askAgainMs > 0) {
      // A refused video takes no place from those that could go on.
      this.#tell(observation, 'none');
      const decision = decide({ ...observation, jobRejection: this.#rejections.messageOf(uid) }, now);
      const actions = decision.actions.filter((action) => !isJobCreation(action));
      return { admitted: false, decision: { ...decision, actions }, askAgainMs };
    }
    const wants = wantsOf(observation, open);
    this.#tell(observation, wants);
    if (wants !== 'waiting') return { admitted: false, decision: open, askAgainMs: undefined };
    const admission = this.#admissions.of(uid);
    if (!admission) return undefined;
    const admitted = admission.kind === 'admitted';
    const decision = admitted ? open : decide({ ...observation, admission }, now);
    return { admitted, decision, askAgainMs: undefined };
  }

  #tell({ video: { uid, namespace, name, createdAt } }: Observation, wants: Candidate['wants']): void {
    this.#admissions.update({ uid, namespace, name, createdAt, wants });
  }
}

interface Plan {
  /** It begins, by the caps' leave. */
  readonly admitted: boolean;
  readonly decision: Decision;
  /** When a refused Job may be posted again. */
  readonly askAgainMs: number | undefined;
}

function isJobCreation(
  action: Action,
): action is Extract<Action, { kind: 'create-job' | 'create-purge-job' }> {
  return action.kind === 'create-job' || action.kind === 'create-purge-job';
}
