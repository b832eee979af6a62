import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LoomVideoSpecInput } from '../../../crds/generated/loomvideo.ts';
import { decide } from '../../../controller/reconcile/decide.ts';
import type { Action } from '../../../controller/reconcile/decision.ts';
import type { Observation, ObservedJob, ObservedPod } from '../../../controller/reconcile/observation.ts';
import { seededRandom } from '../../support/seededRandom.ts';
import { checkStatus, computeKstatus } from './kstatus.ts';
import { ended, failedWith, job as jobOf, later, observe, pod, running, terminated, video } from './world.ts';

/** Seeds run; each is a history of some hundred events. */
const SEEDS = 300;
const EVENTS = 80;

/**
 * A cluster of one LoomVideo in which everything happens in any order: stages end well or badly, users edit, suspend,
 * retry and delete, Jobs vanish, the controller dies between any two of its calls.
 */
class Cluster {
  readonly #random: () => number;
  #seconds = 0;
  #seen: Observation;
  #spec: Partial<LoomVideoSpecInput> = {};
  #gone = false;
  #purged = false;
  /** Jobs ever made, by name: none is made twice while it or another is there. */
  readonly history: string[] = [];

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    this.#seen = observe({ video: video({ finalizers: [] }) });
  }

  get gone(): boolean {
    return this.#gone;
  }

  get phase(): string | undefined {
    return this.#seen.video.status.phase;
  }

  get kstatus(): string {
    return computeKstatus(this.#seen.video.status, this.#seen.video.generation);
  }

  /** Anything that may happen. */
  event(): void {
    const what = this.#pick([
      ...Array.from({ length: 8 }, () => 'reconcile' as const),
      ...Array.from({ length: 6 }, () => 'progress' as const),
      'time',
      'edit',
      'suspend',
      'retry',
      'vanish',
      'delete',
    ] as const);
    if (what === 'reconcile') this.reconcile(this.#random() < 0.3);
    else if (what === 'progress') this.progress(false);
    else if (what === 'time') this.#seconds += Math.floor(this.#random() * 120);
    else if (what === 'edit') this.#edit();
    else if (what === 'suspend') this.#change({ ...this.#spec, suspend: !(this.#spec.suspend ?? false) });
    else if (what === 'retry') this.#annotate();
    else if (what === 'vanish') this.#vanish();
    else if (this.#random() < 0.1) this.#delete();
  }

  /** From here on nobody interferes and every stage ends well. */
  calm(): void {
    this.#change({ ...this.#spec, suspend: false });
    for (let step = 0; step < 400 && !this.#gone; step++) {
      this.reconcile(false);
      this.progress(true);
      this.#seconds += 30;
    }
  }

  /** One look and what follows from it; `dies`: after a random number of its calls. */
  reconcile(dies: boolean): void {
    if (this.#gone) return;
    const now = later(this.#seconds);
    const before = this.#seen.video;
    const decision = decide(this.#seen, now);
    assert.deepEqual(decide(this.#seen, now), decision, 'one world, one decision');
    const calls: (() => void)[] = [
      ...decision.actions
        .filter(({ kind }) => kind !== 'release-job')
        .map((action) => () => this.#act(action)),
      () => {
        if (this.#gone || decision.actions.some(({ kind }) => kind === 'remove-finalizer')) return;
        if (before.deletedAt === undefined || before.finalizers.length > 0)
          checkStatus(decision.status, before.generation);
        this.#seen = { ...this.#seen, video: { ...this.#seen.video, status: decision.status } };
      },
      ...decision.actions
        .filter(({ kind }) => kind === 'release-job')
        .map((action) => () => this.#act(action)),
    ];
    const made = dies ? Math.floor(this.#random() * calls.length) : calls.length;
    for (const call of calls.slice(0, made)) call();
  }

  /** Jobs go on: one step each, or to their end. */
  progress(well: boolean): void {
    const kept: ObservedJob[] = [];
    for (const each of this.#seen.jobs) {
      if (each.deleting && (well || this.#random() < 0.5)) continue;
      if (each.state !== 'active' && each.hasTtl && (well || this.#random() < 0.5)) continue;
      kept.push(
        each.state === 'active' && !each.deleting
          ? this.#step(each, well, ['fetch', 'transcribe', 'index'])
          : each,
      );
    }
    this.#seen = {
      ...this.#seen,
      jobs: kept,
      purgeJobs: this.#seen.purgeJobs.map((each) =>
        each.state === 'active' ? this.#step(each, well, ['purge']) : each,
      ),
    };
    this.#purged ||= this.#seen.purgeJobs.some(({ state }) => state === 'complete');
  }

  #step(
    each: ObservedJob,
    well: boolean,
    stages: readonly ('fetch' | 'transcribe' | 'index' | 'purge')[],
  ): ObservedJob {
    const done = well ? stages.length : Math.floor(this.#random() * (stages.length + 1));
    const states = Object.fromEntries(stages.slice(0, done).map((stage) => [stage, ended(stage)]));
    if (done === stages.length) {
      const podLeft: ObservedPod | undefined = this.#random() < 0.7 ? pod(states) : undefined;
      return { ...each, state: 'complete', pod: podLeft };
    }
    const stage = stages[done] ?? 'fetch';
    if (this.#random() < 0.4) return { ...each, pod: pod({ ...states, [stage]: running }) };
    const broken = this.#pick([
      failedWith(stage, 'LoomUnavailable'),
      failedWith(stage, 'StoreUnavailable', 5),
      failedWith(stage, 'MemoryLimitExceeded'),
      terminated(137, { reason: 'OOMKilled' }),
      terminated(137),
      terminated(1),
      ...(this.#random() < 0.5 ? [failedWith(stage, 'VideoPrivate')] : []),
    ]);
    const left = this.#random() < 0.8 ? pod({ ...states, [stage]: broken }) : undefined;
    return { ...each, state: 'failed', failureReason: 'PodFailurePolicy', pod: left };
  }

  #act(action: Action): void {
    const { video: present } = this.#seen;
    switch (action.kind) {
      case 'add-finalizer':
        this.#seen = { ...this.#seen, video: { ...present, finalizers: ['qudemo.dev/purge'] } };
        return;
      case 'remove-finalizer': {
        const stored = this.history.length > 0;
        assert.ok(this.#purged || !stored, 'what was stored is purged before the object goes');
        assert.deepEqual(
          this.#seen.jobs.filter(({ state }) => state === 'active'),
          [],
          'nothing writes after the purge',
        );
        this.#gone = true;
        return;
      }
      case 'create-job': {
        if (this.#seen.jobs.some(({ name }) => name === action.name)) return;
        const active = this.#seen.jobs.filter(({ state }) => state === 'active');
        assert.deepEqual(active, [], 'never two Jobs at once');
        this.history.push(action.name);
        const { run, attempt, name } = action;
        const made = jobOf({
          run,
          attempt,
          name,
          uid: `${name}-${this.history.length}`,
          specHash: this.#seen.specHash,
        });
        this.#seen = { ...this.#seen, jobs: [...this.#seen.jobs, made] };
        return;
      }
      case 'create-purge-job': {
        assert.deepEqual(
          this.#seen.jobs.filter(({ state }) => state === 'active'),
          [],
          'purge waits for the attempt',
        );
        if (this.#seen.purgeJobs.some(({ name }) => name === action.name)) return;
        const { name, attempt } = action;
        this.#seen = {
          ...this.#seen,
          purgeJobs: [...this.#seen.purgeJobs, jobOf({ name, attempt, uid: name })],
        };
        return;
      }
      case 'delete-job':
        this.#mark(action.uid, { deleting: true });
        return;
      case 'release-job':
        this.#mark(action.uid, { hasTtl: true });
    }
  }

  #mark(uid: string, change: Partial<ObservedJob>): void {
    const jobs = this.#seen.jobs.map((each) => (each.uid === uid ? { ...each, ...change } : each));
    this.#seen = { ...this.#seen, jobs };
  }

  #edit(): void {
    const serial = Math.floor(this.#random() * 4);
    const result = this.#random() < 0.5 ? { resultHash: `result-${serial}` } : {};
    this.#seen = { ...this.#seen, specHash: `spec-${serial}`, ...result };
    this.#change(this.#spec);
  }

  #change(spec: Partial<LoomVideoSpecInput>): void {
    this.#spec = spec;
    const { spec: _spec, ...present } = this.#seen.video;
    this.#seen = { ...this.#seen, video: video({ ...present, generation: present.generation + 1 }, spec) };
  }

  #annotate(): void {
    const annotations = { 'qudemo.dev/retry': String(this.#random()) };
    this.#seen = { ...this.#seen, video: { ...this.#seen.video, annotations } };
  }

  #vanish(): void {
    const { jobs } = this.#seen;
    const victim = jobs[Math.floor(this.#random() * jobs.length)];
    this.#seen = { ...this.#seen, jobs: jobs.filter((each) => each !== victim) };
  }

  #delete(): void {
    const { video: present } = this.#seen;
    if (present.deletedAt) return;
    this.#gone = present.finalizers.length === 0;
    this.#seen = { ...this.#seen, video: { ...present, deletedAt: later(this.#seconds) } };
  }

  #pick<T>(choices: readonly T[]): T {
    const choice = choices[Math.floor(this.#random() * choices.length)];
    assert.ok(choice !== undefined);
    return choice;
  }
}

describe('the core in a cluster where anything happens', () => {
  it(`keeps its promises through ${SEEDS} histories`, () => {
    const ends = new Map<string, number>();
    for (let seed = 1; seed <= SEEDS; seed++) {
      const cluster = new Cluster(seed);
      try {
        for (let event = 0; event < EVENTS; event++) cluster.event();
        cluster.calm();
        const end = cluster.gone ? 'gone' : String(cluster.phase);
        ends.set(end, (ends.get(end) ?? 0) + 1);
        assert.ok(['gone', 'Ready', 'Failed'].includes(end), `ended as ${end}`);
        if (!cluster.gone) assert.equal(cluster.kstatus, end === 'Ready' ? 'Current' : 'Failed');
      } catch (error) {
        throw new Error(`seed ${seed}: ${String(error)}`, { cause: error });
      }
    }
    for (const end of ['gone', 'Ready', 'Failed'])
      assert.ok((ends.get(end) ?? 0) > 0, `no history ended ${end}`);
  });
});
