import type { Clock } from '../../../common/clock.ts';
import type { Logger } from '../../../common/log.ts';
import type { Services } from '../../../jobrunner/compose.ts';
import { sweepWorkDir, workFolderOf } from '../../../jobrunner/workFolders.ts';
import type { Resources } from '../resources/openResources.ts';
import type { Attempt } from './attempt.ts';
import { KeyQueue } from './keyQueue.ts';
import { Lane } from './lane.ts';
import { memoryCapOf } from './memoryCap.ts';
import type { ProgressBoard } from './progress.ts';
import { Reconciler } from './reconciler.ts';
import type { RunsOf } from './runHistory.ts';
import { RuntimeStore } from './runtimeStore.ts';
import { takeUpAttempts } from './strikes.ts';

/** A look that failed (the disk refuses) is repeated after so many milliseconds. */
const FAILED_LOOK_MS = 5000;
/** Between two looks for working folders that nobody has touched for a day; milliseconds. */
const SWEEP_MS = 3600_000;

export interface RuntimeOptions {
  readonly resources: Pick<Resources, 'videos' | 'events'>;
  readonly services: Pick<Services, 'memory' | 'stage'>;
  /** Of what the runtime remembers; made, with its folder, where it is absent. */
  readonly file: string;
  readonly workDir: string;
  /** Where it is told how far the videos are. */
  readonly board: ProgressBoard;
  readonly clock: Clock;
  /** Time that only goes forward, whatever the clock does; milliseconds. The process's unless told. */
  readonly uptimeMs?: () => number;
  readonly log: Logger;
}

/** Works on the LoomVideos of the store, in this process, until it is stopped. */
export interface Runtime {
  readonly runsOf: RunsOf;
  /**
   * Takes up no more work, ends the stage that runs with the children's grace, and resolves when all is saved: the next
   * start goes on after the last finished stage.
   */
  stop(): Promise<void>;
}

/**
 * The reconcile core with attempts played in this process: one video at a time, in the order in which they came, and
 * beside it one purge. Throws StageError where its file cannot be used.
 */
export function startRuntime(options: RuntimeOptions): Runtime {
  const { resources, services, board, workDir, clock, log } = options;
  const { uptimeMs = () => performance.now() } = options;
  const store = new RuntimeStore(options.file, clock);
  takeUpAttempts({ store, memory: services.memory, now: clock.now(), log });

  const gone: string[] = [];
  const queue = new KeyQueue((key) => {
    try {
      for (let uid = gone[0]; uid !== undefined; uid = gone[0]) {
        reconciler.gone(uid);
        gone.shift();
      }
      reconciler.reconcile(key);
    } catch (error) {
      log.error({ err: error, video: `${key.namespace}/${key.name}` }, 'A video could not be looked after');
      queue.addAfter(key, FAILED_LOOK_MS);
    }
  });
  const laneOf = (kind: Attempt['kind']): Lane =>
    new Lane({
      kind,
      store,
      services,
      workDir,
      clock,
      uptimeMs,
      log,
      board,
      onChange: ({ video }) => queue.add(video),
    });
  const lanes = { process: laneOf('process'), purge: laneOf('purge') };
  const reconciler = new Reconciler({
    resources,
    store,
    memoryCap: memoryCapOf(services.memory),
    clock,
    onAttempt: ({ kind }) => lanes[kind].wake(),
    abort: (attempt) => lanes[attempt.kind].abort(attempt),
    again: ({ namespace, name }, afterMs = 0) => {
      if (afterMs > 0) queue.addAfter({ namespace, name }, afterMs);
      else queue.add({ namespace, name });
    },
  });
  const unsubscribe = resources.videos.subscribe(({ type, video: { metadata } }) => {
    if (type === 'DELETED') gone.push(metadata.uid);
    queue.add({ namespace: metadata.namespace, name: metadata.name });
  });
  reconciler.seed();
  const sweep = (): Promise<void> =>
    sweepWorkDir(workDir, clock.now(), (folder) =>
      store.attempts().some(({ job }) => workFolderOf(workDir, job).path === folder),
    ).catch((error: unknown) => log.warn({ err: error }, 'Old working folders could not be removed'));
  const sweeping = setInterval(() => void sweep(), SWEEP_MS).unref();
  let open = true;
  // After a long pause what is swept first may be what an attempt would go on from.
  void sweep().finally(() => {
    if (open) for (const lane of Object.values(lanes)) lane.start();
  });

  return {
    runsOf: (uid) => (open ? store.runsOf(uid) : []),
    async stop() {
      open = false;
      unsubscribe();
      clearInterval(sweeping);
      queue.stop();
      await Promise.all(Object.values(lanes).map((lane) => lane.stop()));
      store.close();
    },
  };
}
