import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../../../common/clock.ts';
import type { Candidate } from '../../reconcile/admission.ts';
import { decide } from '../../reconcile/decide.ts';
import type { Action, Decision } from '../../reconcile/decision.ts';
import { FINALIZER } from '../../reconcile/names.ts';
import type { Observation } from '../../reconcile/observation.ts';
import type { Resources } from '../resources/openResources.ts';
import { ownerKeyOf } from '../resources/ownerKey.ts';
import type { LoomVideo, VideoKey } from '../resources/resource.ts';
import type { Attempt } from './attempt.ts';
import type { MemoryCap } from './memoryCap.ts';
import { observe } from './observe.ts';
import { Places } from './places.ts';
import type { RuntimeStore } from './runtimeStore.ts';

export interface ReconcilerOptions {
  readonly resources: Pick<Resources, 'videos' | 'events'>;
  readonly store: RuntimeStore;
  /** All the process tree may use. */
  readonly memoryCap: MemoryCap;
  readonly clock: Clock;
  /** An attempt was put into the store. */
  readonly onAttempt: (attempt: Attempt) => void;
  readonly abort: (attempt: Attempt) => void;
  /** A video to look at again, now or after so many milliseconds. */
  readonly again: (key: VideoKey, afterMs?: number) => void;
}

/**
 * Brings a video to what its declaration asks for: gather, decide, act. All in one turn of the event loop, so nothing
 * changes under it; interrupted anywhere by a kill, the next look goes on.
 */
export class Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #places = new Places();

  constructor(options: ReconcilerOptions) {
    this.#options = options;
  }

  /** Tells all videos' wishes at once, so that the one that is under way, then the oldest, come first from the beginning. */
  seed(): void {
    const { resources, store, clock, again } = this.#options;
    const { items } = resources.videos.list();
    const unplaced = items.filter(({ metadata }) => !store.isKnown(metadata.uid));
    for (const { metadata } of unplaced.sort(byArrival)) store.placeOf(metadata.uid);
    for (const video of items) {
      const seen = this.#observe(video);
      this.#places.update(this.#candidate(seen, wantsOf(seen, decide(seen, clock.now()))));
    }
    const present = new Set(items.map(({ metadata }) => metadata.uid));
    for (const uid of store.videoUids()) if (!present.has(uid)) this.gone(uid);
    for (const { metadata } of items) again(metadata);
  }

  /** The video is no more: what runs for it ends, and it is forgotten. */
  gone(uid: string): void {
    const { store, abort } = this.#options;
    for (const attempt of store.attemptsOf(uid)) abort(attempt);
    store.forgetVideo(uid);
    this.#lookAgain(this.#places.remove(uid));
  }

  reconcile(key: VideoKey): void {
    const { resources, clock, again } = this.#options;
    const video = resources.videos.get(key);
    if (!video) return;
    const now = clock.now();
    const decision = this.#plan(this.#observe(video), now);
    this.#act(video, decision, now);
    if (decision.requeueAfterSeconds !== undefined) again(key, decision.requeueAfterSeconds * 1000);
  }

  #observe(video: LoomVideo): Observation {
    const { store, memoryCap } = this.#options;
    return observe(video, store.attemptsOf(video.metadata.uid), memoryCap);
  }

  /** What is decided with the caps in view. */
  #plan(seen: Observation, now: Date): Decision {
    const open = decide(seen, now);
    const wants = wantsOf(seen, open);
    this.#lookAgain(this.#places.update(this.#candidate(seen, wants)));
    if (wants !== 'waiting') return open;
    const admission = this.#places.of(seen.video.uid);
    if (admission.kind === 'queued') return decide({ ...seen, admission }, now);
    // It has its place from here on.
    this.#lookAgain(this.#places.update(this.#candidate(seen, 'active')));
    return open;
  }

  #act({ metadata, spec, status }: LoomVideo, decision: Decision, now: Date): void {
    const { resources, store, onAttempt, abort } = this.#options;
    const { namespace, name, uid, finalizers = [] } = metadata;
    const key = { namespace, name };
    for (const action of decision.actions)
      switch (action.kind) {
        case 'add-finalizer':
          resources.videos.setFinalizers(key, uid, [...finalizers, FINALIZER]);
          break;
        case 'remove-finalizer':
          resources.videos.setFinalizers(
            key,
            uid,
            finalizers.filter((finalizer) => finalizer !== FINALIZER),
          );
          // It is gone, or about to be: there is no status left to write.
          return;
        case 'create-job':
        case 'create-purge-job':
          onAttempt(
            store.attempt(action.name) ?? store.put(attemptOf({ metadata, spec, action, decision, now })),
          );
          break;
        case 'delete-job': {
          const attempt = store.attempt(action.name);
          if (attempt) abort(attempt);
          // What did not run is gone at once, and nobody else tells.
          if (attempt && !store.attempt(action.name)) this.#options.again(key);
          break;
        }
        case 'release-job':
          break;
      }
    if (!isDeepStrictEqual(decision.status, status ?? {}))
      resources.videos.setStatus(key, uid, decision.status);
    for (const action of decision.actions)
      if (action.kind === 'release-job') store.forgetAttempt(action.name);
    const purged = decision.status.ledger?.purgeAttempts ?? 0;
    for (const attempt of store.attemptsOf(uid))
      if (attempt.kind === 'purge' && attempt.state === 'failed' && attempt.attempt <= purged)
        store.forgetAttempt(attempt.name);
    for (const notice of decision.notices) resources.events.record({ ...key, uid }, notice);
  }

  #candidate({ video: { uid, namespace, name } }: Observation, wants: Candidate['wants']): Candidate {
    // Creation times have seconds only; the order in which videos came is known better, and stands in as a time.
    return { uid, namespace, name, wants, createdAt: new Date(this.#options.store.placeOf(uid)) };
  }

  #lookAgain(candidates: readonly Candidate[]): void {
    for (const { namespace, name } of candidates) this.#options.again({ namespace, name });
  }
}

function wantsOf(seen: Observation, open: Decision): Candidate['wants'] {
  if (seen.jobs.some(({ state }) => state === 'active')) return 'active';
  return open.actions.some(({ kind }) => kind === 'create-job') ? 'waiting' : 'none';
}

/** Of videos that nobody has looked at yet: their version is that of their creation. */
function byArrival({ metadata: a }: LoomVideo, { metadata: b }: LoomVideo): number {
  return (
    Date.parse(a.creationTimestamp) - Date.parse(b.creationTimestamp) ||
    Number(a.resourceVersion) - Number(b.resourceVersion)
  );
}

function attemptOf({
  metadata: { namespace, name, uid },
  spec,
  action,
  decision,
  now,
}: Pick<LoomVideo, 'metadata' | 'spec'> & {
  readonly action: Extract<Action, { kind: 'create-job' | 'create-purge-job' }>;
  readonly decision: Decision;
  readonly now: Date;
}): Attempt {
  const { ledger } = decision.status;
  const isPurge = action.kind === 'create-purge-job';
  return {
    name: action.name,
    uid: randomUUID(),
    kind: isPurge ? 'purge' : 'process',
    video: { namespace, name },
    videoUid: uid,
    run: isPurge ? 0 : action.run,
    specHash: ledger?.specHash ?? '',
    attempt: action.attempt,
    memoryBytes: isPurge ? Number.MAX_SAFE_INTEGER : action.memoryBytes,
    createdAt: now.toISOString(),
    job: { name, owner: { key: ownerKeyOf({ namespace, name }), uid }, spec },
    state: 'waiting',
    stage: undefined,
    stageStartedAt: undefined,
    stopping: false,
    leaving: false,
    struckOut: false,
    vitals: { livedMs: 0, peakMb: 0, oomKills: 0 },
    reports: [],
  };
}
