import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { pino } from 'pino';
import type { Clock } from '../../../common/clock.ts';
import { MB } from '../../../common/memory/source.ts';
import { openResources, type Resources } from '../../../controller/render/resources/openResources.ts';
import type { LoomVideo } from '../../../controller/render/resources/resource.ts';
import { ProgressBoard } from '../../../controller/render/runtime/progress.ts';
import type { PastRun } from '../../../controller/render/runtime/runHistory.ts';
import { RuntimeStore } from '../../../controller/render/runtime/runtimeStore.ts';
import { startRuntime, type Runtime } from '../../../controller/render/runtime/runtime.ts';
import { abortError, throwIfAborted, type StageError } from '../../../jobrunner/contract/stageError.ts';
import type { StageName } from '../../../jobrunner/contract/stageReport.ts';
import type { Stage, StageContext, StageFacts } from '../../../jobrunner/stages/stage.ts';
import { manifest } from './resourceWorld.ts';

/** What each stage tells when it ends well. */
export const STAGE_FACTS: Record<StageName, StageFacts> = {
  fetch: { video: { title: 'A demo', durationSeconds: 60, sizeBytes: 1000, source: 'yt-dlp' } },
  transcribe: { transcript: { language: 'en', model: 'tiny', segments: 4, words: 50 } },
  index: {
    index: { passages: 2, model: 'm', dimensions: 8, vectorStore: 'sqlite', recordStore: 'sqlite' },
  },
  purge: { purge: { vectors: 2, records: 1 } },
};

export interface WorldOptions {
  /** MAX_MEMORY_MB. */
  readonly limitMb?: number;
  /** Of the container it runs in. */
  readonly containerMb?: number;
}

/** A stage that began and waits to be told how it ends. */
export interface Played {
  readonly stage: StageName;
  readonly video: string;
  readonly context: StageContext;
  succeed(): void;
  fail(error: StageError): void;
}

/**
 * Render mode's runtime over a real store, with stages that end as the test says. Timers and the date are the test's; a
 * kill is a runtime that is left behind with all it would still write.
 */
export class RuntimeWorld {
  readonly #root = mkdtempSync(join(tmpdir(), 'runtime-'));
  /** Of the runtime that lives. */
  folder = join(this.#root, 'life-0');
  readonly #limits: Required<WorldOptions>;
  resources: Resources;
  /** Of the runtime that lives. */
  board = new ProgressBoard();
  runtime: Runtime;
  /** Stages in the order in which they began, as `a fetch`. */
  readonly began: string[] = [];
  /** Finished outputs, as the working folders hold them. */
  readonly #outputs = new Set<string>();
  #current: Played[] = [];
  #life = 0;
  /** Stages do not end when they are told to. */
  #deaf = false;
  /** So much the clock is wrong; milliseconds. Timers know nothing of it. */
  clockOffMs = 0;
  readonly #clock: Clock = { now: () => new Date(Date.now() + this.clockOffMs) };
  /** What the source tells of memory. */
  usedMb = 100;
  oomKills = 0;

  constructor(t: TestContext, { limitMb = 400, containerMb = Infinity }: WorldOptions = {}) {
    t.mock.timers.enable({
      apis: ['setTimeout', 'setInterval', 'Date'],
      now: Date.parse('2026-11-24T12:00:00Z'),
    });
    this.#limits = { limitMb, containerMb };
    this.resources = this.#open();
    this.runtime = this.#start();
    t.after(async () => {
      await this.runtime.stop();
      this.resources.close();
      rmSync(this.#root, { recursive: true });
    });
  }

  add(name: string, spec: object = {}, metadata: object = {}): LoomVideo {
    return this.resources.videos.create('default', manifest(name, spec, metadata));
  }

  get(name: string): LoomVideo | undefined {
    return this.resources.videos.get({ namespace: 'default', name });
  }

  patch(name: string, patch: object): void {
    this.resources.videos.patch({ namespace: 'default', name }, patch);
  }

  delete(name: string): void {
    this.resources.videos.delete({ namespace: 'default', name });
  }

  phase(name: string): string | undefined {
    return this.get(name)?.status?.phase;
  }

  /** Once this stage of this video runs. */
  async playing(video: string, stage: StageName): Promise<Played> {
    const find = (): Played | undefined =>
      this.#current.find((played) => played.video === video && played.stage === stage);
    await this.until(() => find() !== undefined, `${video} is in ${stage}`);
    const played = find();
    assert.ok(played);
    return played;
  }

  async through(video: string, ...stages: readonly StageName[]): Promise<void> {
    for (const stage of stages) (await this.playing(video, stage)).succeed();
  }

  async ready(name: string): Promise<void> {
    await this.until(() => this.phase(name) === 'Ready', `${name} is Ready`);
  }

  async until(holds: () => boolean, what: string): Promise<void> {
    const end = performance.now() + 5000;
    while (!holds()) {
      if (performance.now() > end)
        throw new Error(`not within 5 s: ${what}; began ${this.began.join(', ')}; ${this.#describe()}`);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Long enough for whatever would happen by itself. */
  async quiet(): Promise<void> {
    const end = performance.now() + 60;
    while (performance.now() < end) await new Promise((resolve) => setImmediate(resolve));
  }

  /** The process dies and another begins, on the files as they were. What the dead one does and writes reaches nobody. */
  async kill(): Promise<void> {
    const dead = this.runtime;
    const crashed = this.resources;
    const left = this.folder;
    this.#life++;
    this.#current = [];
    this.folder = join(this.#root, `life-${this.#life}`);
    cpSync(left, this.folder, { recursive: true });
    void dead.stop();
    await this.quiet();
    crashed.close();
    this.resources = this.#open();
    this.runtime = this.#start();
  }

  /** Asked to stop, it does not manage to, and is killed in the end. */
  async killWhileStopping(): Promise<void> {
    this.#deaf = true;
    void this.runtime.stop();
    await this.quiet();
    this.#deaf = false;
    await this.kill();
  }

  runs(name: string): readonly PastRun[] {
    return this.runtime.runsOf(this.get(name)?.metadata.uid ?? '');
  }

  /** Ends as by SIGTERM and begins again. */
  async restart(between: () => void = () => undefined): Promise<void> {
    await this.runtime.stop();
    this.resources.close();
    between();
    this.resources = this.#open();
    this.runtime = this.#start();
  }

  /** What is remembered of attempts, read beside the runtime. */
  remembered(): string[] {
    const store = new RuntimeStore(join(this.folder, 'runtime.db'));
    try {
      return store.attempts().map(({ job, kind, state }) => `${job.name} ${kind} ${state}`);
    } finally {
      store.close();
    }
  }

  #open(): Resources {
    return openResources({
      file: join(this.folder, 'resources.db'),
      log: pino({ level: 'silent' }),
      clock: this.#clock,
    });
  }

  #start(): Runtime {
    const life = this.#life;
    const { limitMb, containerMb } = this.#limits;
    this.board = new ProgressBoard();
    return startRuntime({
      resources: this.resources,
      services: {
        memory: {
          source: {
            kind: 'process',
            limitBytes: containerMb === Infinity ? undefined : containerMb * MB,
            sample: () => ({ residentBytes: this.usedMb * MB, unreclaimableBytes: 90 * MB }),
            oomKills: () => this.oomKills,
          },
          limitBytes: Math.min(limitMb, containerMb) * MB,
          guard: true,
        },
        stage: (name) => this.#stage(name, life),
      },
      file: join(this.folder, 'runtime.db'),
      workDir: join(this.folder, 'work'),
      board: this.board,
      clock: this.#clock,
      uptimeMs: () => Date.now(),
      log: pino({ level: 'silent' }),
    });
  }

  #stage(name: StageName, life: number): Stage {
    return {
      name,
      finished: ({ job }) =>
        Promise.resolve(this.#outputs.has(`${job.owner.uid} ${name}`) ? STAGE_FACTS[name] : undefined),
      run: (context) =>
        new Promise<StageFacts>((resolve, reject) => {
          if (life !== this.#life) return;
          const { job, signal } = context;
          throwIfAborted(signal);
          const end = (act: () => void) => (): void => {
            if (life !== this.#life) return;
            this.#current = this.#current.filter((other) => other !== played);
            act();
          };
          const played: Played = {
            stage: name,
            video: job.name,
            context,
            succeed: end(() => {
              if (name !== 'purge') this.#outputs.add(`${job.owner.uid} ${name}`);
              resolve(STAGE_FACTS[name]);
            }),
            fail: (error) => end(() => reject(error))(),
          };
          this.began.push(`${job.name} ${name}`);
          this.#current.push(played);
          signal.addEventListener('abort', () => {
            if (!this.#deaf) end(() => reject(abortError(signal)))();
          });
        }),
    };
  }

  #describe(): string {
    return this.resources.videos
      .list()
      .items.map(({ metadata, status }) => `${metadata.name}: ${JSON.stringify(status)}`)
      .join('; ');
  }
}

export function readyOf(video: LoomVideo | undefined): { reason: string; message: string } | undefined {
  const ready = video?.status?.conditions?.find(({ type }) => type === 'Ready');
  return ready && { reason: ready.reason, message: ready.message };
}
