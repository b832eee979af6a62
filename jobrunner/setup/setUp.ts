import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { tryLock, type FileLock } from '../../common/fileLock.ts';
import type { Clock } from '../../common/clock.ts';
import type { Progress } from './progress.ts';
import type { Step } from './step.ts';

export interface SetUpOptions {
  readonly steps: readonly Step[];
  /** Holds the lock and the steps' working folders. */
  readonly cache: string;
  readonly progress: Progress;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const WORK_PREFIX = 'setup-work-';
const LOCK_POLL_MS = 300;

/**
 * Runs the steps that are not done, in order. Only one set-up works on a cache at a time; a second one waits and
 * then finds the work done. Throws what the failing step throws; the steps before it stay done.
 */
export async function setUp({ steps, cache, progress, clock, signal }: SetUpOptions): Promise<void> {
  const done = await Promise.all(steps.map((step) => step.isDone()));
  if (done.every(Boolean)) {
    progress.nothingToDo();
    return;
  }
  await mkdir(cache, { recursive: true });
  const lock = await takeLock(join(cache, 'setup.lock'), { progress, clock, signal });
  try {
    await sweep(cache);
    // Asked anew for each: a step may undo a later one, and the set-up we waited for may have done them.
    let ran = 0;
    for (const step of steps) {
      if (await step.isDone()) continue;
      await runStep(step, { cache, progress, signal });
      ran++;
    }
    if (ran === 0) progress.nothingToDo();
  } finally {
    lock.release();
  }
}

async function runStep(
  step: Step,
  { cache, progress, signal }: Pick<SetUpOptions, 'cache' | 'progress' | 'signal'>,
): Promise<void> {
  const work = await mkdtemp(join(cache, WORK_PREFIX));
  progress.begin(step.title);
  try {
    progress.done(await step.run({ say: progress.detail, signal, work }));
  } catch (error) {
    progress.failed();
    throw error;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function takeLock(
  path: string,
  { progress, clock, signal }: Pick<SetUpOptions, 'progress' | 'clock' | 'signal'>,
): Promise<FileLock> {
  for (let attempt = 0; ; attempt++) {
    const lock = tryLock(path, clock.now());
    if (lock !== undefined) return lock;
    if (attempt === 0) progress.waiting();
    await sleep(LOCK_POLL_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

/** Removes what a killed set-up left. The caller holds the lock, so nobody uses it. */
async function sweep(cache: string): Promise<void> {
  for (const name of await readdir(cache))
    if (name.startsWith(WORK_PREFIX)) await rm(join(cache, name), { recursive: true, force: true });
}
