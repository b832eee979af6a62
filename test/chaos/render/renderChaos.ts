import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createLogger } from '../../../common/log.ts';
import { MB } from '../../../common/memory/source.ts';
import { FORCE_DELETE_ANNOTATION, RETRY_ANNOTATION } from '../../../controller/reconcile/names.ts';
import { openResources, type Resources } from '../../../controller/render/resources/openResources.ts';
import type { LoomVideo } from '../../../controller/render/resources/resource.ts';
import { ProgressBoard } from '../../../controller/render/runtime/progress.ts';
import { startRuntime, type Runtime } from '../../../controller/render/runtime/runtime.ts';
import { OOM_REASON } from '../../../jobrunner/contract/oomReason.ts';
import { factsOf, type Reason } from '../../../jobrunner/contract/reasons.ts';
import { abortError, StageError, throwIfAborted } from '../../../jobrunner/contract/stageError.ts';
import type { StageName } from '../../../jobrunner/contract/stageReport.ts';
import type { Stage, StageContext, StageFacts } from '../../../jobrunner/stages/stage.ts';
import { STAGE_FACTS } from '../../unit/render/runtimeWorld.ts';
import { manifest } from '../../unit/render/resourceWorld.ts';
import { must, type History } from '../history.ts';
import { seeded } from '../random.ts';
import { SECRET } from '../statusRules.ts';
import type { VirtualTime } from '../virtualTime.ts';
import { interceptDisk } from './disk.ts';
import { promptFiles } from './promptFiles.ts';
import { RenderModel, type Ended } from './renderModel.ts';

/** Things that happen in one history, before all is calm. */
const EVENTS = 120;
const NAMES = ['a', 'b', 'c', 'd'] as const;
const URLS = ['0', '1', '2'].map((digit) => `https://www.loom.com/share/${digit.repeat(32)}`);
const SETTLED_WITHIN_MS = 4 * 3600_000;
/** Folders that nobody uses are kept for a day, and looked for each hour. */
const SWEPT_WITHIN_MS = 26 * 3600_000;
/** A stop takes no longer than the stages' grace. */
const STOPS_WITHIN_MS = 30_000;
/** What the disk refused is tried again after five seconds, and then there is more to write. */
const WRITTEN_WITHIN_MS = 20_000;
const LIMIT_MB = 800;
/** Linux's disk in memory: a crash of ours is no crash of the machine. */
const MEMORY_DISK = '/dev/shm';

/** A process of Render mode. */
interface Life {
  readonly folder: string;
  readonly resources: Resources;
  readonly runtime: Runtime;
  dead: boolean;
  stopping: boolean;
}

/** Render mode's runtime on its own databases, in a world in which everything happens. */
export async function renderChaos(seed: number, time: VirtualTime, history: History): Promise<string> {
  const random = seeded(seed);
  const root = mkdtempSync(join(existsSync(MEMORY_DISK) ? MEMORY_DISK : tmpdir(), 'chaos-'));
  const model = new RenderModel();
  const faults: unknown[] = [];
  let lives = 0;
  let uids = 0;
  const stamps = new Map<string, number>();
  let writes = 0;
  let stages = 0;
  let folder = join(root, 'life-0');
  let life: Life | undefined;
  let full = false;
  /** Until then something may wait to be written that the disk did not take. */
  let blindUntil = 0;
  let calm = false;
  let clockOffMs = 0;
  let usedMb = 100;
  let oomKills = 0;
  let deaf = false;
  /** Writes until the process is killed, at one of them. */
  let killIn: number | undefined;
  const clock = { now: () => new Date(Date.now() + clockOffMs) };
  const isBlind = (): boolean => full || Date.now() < blindUntil;
  const guarded = (act: () => void): void => {
    try {
      act();
    } catch (error) {
      faults.push(error);
    }
  };
  const check = (): void => {
    stampFolders();
    if (faults.length > 0) throw faults[0];
  };
  const log = createLogger({
    level: 'debug',
    format: 'json',
    write: (line) => {
      guarded(() => must(!line.includes(SECRET), `no secret in a log line: ${line}`));
      if (line.includes('"level":"error"')) history.note(`log: ${line.trim().slice(0, 300)}`);
    },
  });

  using _files = promptFiles();
  using _disk = interceptDisk({
    folder: () => folder,
    isFull: () => full,
    onWrite() {
      writes++;
      if (killIn !== undefined && --killIn <= 0) strike('at a write', false);
    },
  });
  try {
    await begin();
    for (let event = 0; event < EVENTS; event++) {
      if (life && !life.dead) await happen(life);
      await time.pass(random.chance(0.1) ? random.whole(30_000, 400_000) : random.whole(0, 8000));
      check();
      if (!life || life.dead) await begin();
    }
    history.note('calm');
    [calm, full, clockOffMs, killIn, deaf, usedMb] = [true, false, 0, undefined, false, 100];
    if (!life || life.dead) await begin();
    const list = (): readonly LoomVideo[] => life?.resources.videos.list().items ?? [];
    for (let waited = 0; model.unsettled(list()) !== undefined; waited += 30_000) {
      must(waited < SETTLED_WITHIN_MS, `all ends in time: ${model.unsettled(list())}`);
      await time.pass(30_000);
      check();
    }
    await time.pass(60_000);
    const before = writes;
    await time.pass(SWEPT_WITHIN_MS);
    check();
    must(writes === before, `nothing is written where nothing changes: ${writes - before} writes`);
    model.checkEnd(list());
    const phases = list().map(({ status }) => String(status?.phase));
    const present = new Set(list().map(({ metadata }) => metadata.uid));
    if (life) await stop(life);
    checkLeft(present);
    return `${lives} lives, ${stages} stages, ${writes} writes; ${phases.join(' ') || 'all gone'}`;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }

  function newUid(): string {
    return `00000000-0000-4000-8000-${String(++uids).padStart(12, '0')}`;
  }

  /** Working folders were touched at the time that passes here, not at the machine's. */
  function stampFolders(): void {
    const workDir = join(folder, 'work');
    for (const name of existsSync(workDir) ? readdirSync(workDir) : []) {
      const path = join(workDir, name);
      if (statSync(path).mtimeMs === stamps.get(name)) continue;
      const seconds = Math.floor(time.nowMs / 1000);
      utimesSync(path, seconds, seconds);
      stamps.set(name, seconds * 1000);
    }
  }

  /** A process on the files as they are; where the disk does not let it, its host tries again. */
  async function begin(): Promise<void> {
    if (life) await bury(life);
    life = undefined;
    // What its children used is free.
    usedMb = 100;
    lives++;
    const resources = openResources({ file: join(folder, 'resources.db'), log, clock, newUid });
    const mine = {
      ...{ folder, resources, dead: false, stopping: false },
    } as unknown as Life & { runtime: Runtime };
    model.reborn(resources.videos.list().items);
    resources.videos.subscribe(({ type, video }) => {
      if (!mine.dead) guarded(() => model.changed(type, video));
    });
    life = mine;
    try {
      mine.runtime = startRuntime({
        resources,
        services: {
          memory: {
            source: {
              kind: 'process',
              limitBytes: undefined,
              sample: () => ({ residentBytes: usedMb * MB, unreclaimableBytes: usedMb * MB }),
              oomKills: () => oomKills,
            },
            limitBytes: LIMIT_MB * MB,
            guard: true,
          },
          stage: (name) => stageOf(name, mine),
        },
        file: join(folder, 'runtime.db'),
        workDir: join(folder, 'work'),
        board: new ProgressBoard(),
        clock,
        uptimeMs: () => time.passedMs,
        log,
      });
    } catch (error) {
      if (!(error instanceof StageError && (full || mine.dead))) throw error;
      history.note(`it does not start: ${error.message}`);
      mine.runtime = { runsOf: () => [], stop: async () => Promise.resolve() };
      mine.dead = true;
    }
    await time.settle();
  }

  /** The process is gone at this very moment, with its files as they are. */
  function strike(when: string, isSure: boolean): void {
    killIn = undefined;
    if (!life || life.dead) return;
    history.note(`the process is killed ${when}`);
    life.dead = true;
    guarded(() => model.died(isSure && life?.stopping === false && !isBlind(), isBlind()));
    const left = folder;
    folder = join(root, `life-${lives}`);
    cpSync(left, folder, { recursive: true, preserveTimestamps: true });
  }

  /** What a dead process does and writes reaches nobody; and it is to leave nothing behind. */
  async function bury(dead: Life): Promise<void> {
    deaf = false;
    void dead.runtime.stop().catch(() => undefined);
    await time.pass(10);
    dead.resources.close();
    if (dead.folder !== folder) rmSync(dead.folder, { recursive: true, force: true });
  }

  async function stop(one: Life): Promise<void> {
    history.note('it is asked to stop');
    one.stopping = true;
    let stopped = false;
    const blind = isBlind();
    const stopping = one.runtime.stop().then(() => (stopped = true));
    await time.pass(STOPS_WITHIN_MS);
    if (one.dead) return;
    must(stopped, 'it stops within the grace of its stages');
    await stopping;
    one.dead = true;
    model.died(false, blind || isBlind());
  }

  function stageOf(name: StageName, mine: Life): Stage {
    const output = (context: StageContext): string => join(context.folder.path, `${name}.out`);
    return {
      name,
      finished: (context) =>
        Promise.resolve(name !== 'purge' && existsSync(output(context)) ? STAGE_FACTS[name] : undefined),
      run: (context) =>
        new Promise<StageFacts>((resolve, reject) => {
          const { signal, job } = context;
          throwIfAborted(signal);
          if (!mine.dead) {
            stages++;
            history.note(`${name} of ${job.name} ${job.owner.uid.slice(-4)} begins`);
            guarded(() => model.began(name, context));
          }
          let over = false;
          const end = (as: Ended | undefined, act: () => void): void => {
            if (over) return;
            over = true;
            clearTimeout(timer);
            if (!mine.dead) {
              if (as) history.note(`${name} of ${job.name} ends: ${as.kind} ${as.reason}`);
              guarded(() => model.ended(name, context, as));
            }
            usedMb = 100;
            act();
          };
          const fail = (reason: Reason, error: Error): void =>
            end({ kind: factsOf(reason).class, reason }, () => reject(error));
          const ending = endingOf(name);
          const timer = setTimeout(
            () => {
              if (ending.kind === 'well')
                end({ kind: 'success', reason: '' }, () => {
                  if (name !== 'purge' && !mine.dead) writeFileSync(output(context), 'An output.');
                  resolve(STAGE_FACTS[name]);
                });
              else if (ending.kind === 'says') fail(ending.reason, stageError(ending.reason));
              else if (ending.kind === 'throws')
                fail('InternalError', Object.assign(new Error('It broke.'), { headers: { key: SECRET } }));
              else if (ending.kind === 'oom') {
                oomKills++;
                fail(OOM_REASON[name], new Error('A child was killed.'));
              } else if (ending.kind === 'hungry') usedMb = 2 * LIMIT_MB;
            },
            random.chance(0.1) ? 0 : random.whole(100, 30_000),
          );
          const onAbort = (): void => {
            const error = abortError(signal);
            const isOwn = error.reason === 'Interrupted';
            const told: Ended | undefined = isOwn
              ? undefined
              : { kind: factsOf(error.reason).class, reason: error.reason };
            const leave = (): void => end(told, () => reject(error));
            if (mine.dead) leave();
            else if (!deaf) setTimeout(leave, random.whole(0, 5000));
          };
          signal.addEventListener('abort', onAbort, { once: true });
        }),
    };
  }

  function stageError(reason: Reason): StageError {
    const asks = random.chance(0.2);
    return new StageError(
      reason,
      `It says ${reason}.`,
      asks ? { retryAfterSeconds: random.whole(1, 100) } : {},
    );
  }

  type Ending =
    | { readonly kind: 'well' | 'throws' | 'oom' | 'hungry' | 'slow' }
    | { kind: 'says'; reason: Reason };

  type Kind = Exclude<Ending['kind'], 'says'> | 'permanent' | 'transient' | 'memory' | 'configuration';

  function endingOf(stage: StageName): Ending {
    const kind = random.weighted<Kind>(
      calm
        ? { well: 60, permanent: stage === 'purge' ? 0 : 1, transient: 1 }
        : {
            ...{ well: 60, permanent: 2, transient: 6, memory: 3, configuration: 1 },
            ...{ throws: 2, oom: 2, hungry: 2, slow: 3 },
          },
    );
    switch (kind) {
      case 'permanent':
        return { kind: 'says', reason: random.pick(['VideoPrivate', 'InvalidFile', 'NoAudioTrack']) };
      case 'transient':
        return { kind: 'says', reason: random.pick(['LoomUnavailable', 'StoreUnavailable', 'DiskFull']) };
      case 'memory':
        return { kind: 'says', reason: 'MemoryLimitExceeded' };
      case 'configuration':
        return { kind: 'says', reason: random.pick(['CredentialsRejected', 'ModelMissing']) };
      default:
        return { kind };
    }
  }

  async function happen(now: Life): Promise<void> {
    const { videos } = now.resources;
    const some = (): LoomVideo | undefined => {
      const { items } = videos.list();
      return items.length === 0 ? undefined : random.pick(items);
    };
    /** As a user, who is told where it does not go. */
    const ask = (what: string, act: () => unknown): void => {
      try {
        act();
        history.note(`user ${what}`);
      } catch (error) {
        if (!full && !now.dead) throw error;
        history.note(`user ${what}: refused`);
      }
    };
    const kind = random.weighted({
      ...{ create: 12, edit: 5, suspend: 4, retry: 5, delete: 5, force: 0.6, retain: 0.4 },
      ...{ kill: 6, killAtWrite: 10, stop: 4, killStopping: 2, full: 4, clock: 4, nothing: 15 },
    });
    switch (kind) {
      case 'create': {
        const name = random.pick(NAMES);
        if (!videos.get({ namespace: 'default', name }))
          ask(`creates ${name}`, () =>
            videos.create('default', manifest(name, { url: random.pick(URLS), ...edit() })),
          );
        break;
      }
      case 'edit':
        patch('edits', () => edit());
        break;
      case 'suspend':
        patch('suspends or resumes', ({ spec }) => ({ suspend: !spec.suspend }));
        break;
      case 'retain':
        patch('retains', () => ({ deletionPolicy: 'Retain' }));
        break;
      case 'retry':
        annotate(RETRY_ANNOTATION, String(random.next()));
        break;
      case 'force':
        annotate(FORCE_DELETE_ANNOTATION, 'true');
        break;
      case 'delete': {
        const video = some();
        if (video) ask(`deletes ${video.metadata.name}`, () => videos.delete(video.metadata));
        break;
      }
      case 'kill':
        strike('between two moments', true);
        break;
      case 'killAtWrite':
        killIn = random.whole(1, 25);
        break;
      case 'stop':
        await stop(now);
        break;
      case 'killStopping':
        deaf = true;
        now.stopping = true;
        history.note('it is asked to stop, and does not manage to');
        void now.runtime.stop();
        await time.pass(random.whole(0, 10_000));
        strike('while it stops', false);
        break;
      case 'full':
        full = true;
        history.note('the disk is full');
        setTimeout(
          () => {
            full = false;
            blindUntil = Date.now() + WRITTEN_WITHIN_MS;
            history.note('the disk has room');
          },
          random.whole(1000, 60_000),
        );
        break;
      case 'clock':
        clockOffMs = random.chance(0.4) ? 0 : random.whole(-3600_000, 3600_000);
        if (random.chance(0.1)) clockOffMs = 3 * 86_400_000;
        if (clockOffMs > 7200_000) model.swept = true;
        history.note(`the clock is off by ${clockOffMs} ms`);
        break;
      case 'nothing':
        break;
    }

    function patch(what: string, spec: (video: LoomVideo) => object): void {
      const video = some();
      if (!video) return;
      const changes = spec(video);
      ask(`${what} ${video.metadata.name}: ${JSON.stringify(changes)}`, () =>
        videos.patch(video.metadata, { spec: changes }),
      );
    }

    function annotate(name: string, value: string): void {
      const video = some();
      if (!video) return;
      ask(`annotates ${video.metadata.name} with ${name}`, () =>
        videos.patch(video.metadata, { metadata: { annotations: { [name]: value } } }),
      );
    }
  }

  function edit(): object {
    return random.pick([
      { transcription: { source: random.pick(['auto', 'captions', 'whisper']) } },
      { timeout: random.pick(['1m', '2m', '10m']) },
      { maxAttempts: random.whole(1, 5) },
      { memory: { limit: '400Mi', max: random.pick(['400Mi', '600Mi', '1600Mi']), factor: '1.5' } },
    ]);
  }

  /** What lies on the disk when all is over. */
  function checkLeft(present: ReadonlySet<string>): void {
    const folders = readdirSync(join(folder, 'work')).filter((name) => name !== '.locks');
    must(folders.length === 0, `no working folder is left behind: ${folders.join()}`);
    using db = new DatabaseSync(join(folder, 'runtime.db'), { readOnly: true });
    const attempts = db.prepare('SELECT name FROM attempts').all();
    must(attempts.length === 0, `no attempt is left behind: ${JSON.stringify(attempts)}`);
    for (const table of ['kills', 'arrivals', 'runs'])
      for (const row of db.prepare(`SELECT DISTINCT video_uid AS uid FROM ${table}`).all())
        must(
          present.has(String(row['uid'])),
          `nothing is remembered of what is gone: ${String(row['uid'])} in ${table}`,
        );
  }
}
