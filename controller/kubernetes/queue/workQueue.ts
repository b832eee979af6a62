import type { Clock } from '../../../common/clock.ts';
import { backoff, type BackoffLimits } from './backoff.ts';

/** For metrics; told synchronously. */
export interface QueueObserver {
  /** A key joined those that wait. */
  added?(): void;
  /** A key was taken, after waiting so long, seconds. */
  taken?(waitedSeconds: number): void;
  /** Work on a key ended, after so long, seconds. */
  finished?(workedSeconds: number): void;
  /** A key is to be tried again after a failure. */
  retried?(): void;
}

/** Where a key joins: `new` work goes ahead of what only follows work that was begun. */
export type Line = 'new' | 'usual';

/**
 * Keys to work on, each at most once in the line and by one worker at a time, first come first served within its line.
 * All is in memory: a key lost with the process comes again with the first list.
 */
export interface WorkQueue {
  /**
   * A key that waits already is not added twice, but may come into the better line; one that is being worked on is worked
   * on again afterwards.
   */
  add(key: string, line?: Line): void;
  /** Adds later. Of several times given for a key the earliest counts. */
  addAfter(key: string, ms: number): void;
  /** Adds after a wait that grows with each failure in a row, and is no shorter than `leastMs`. */
  addRateLimited(key: string, leastMs?: number): void;
  /** Ends a row of failures. */
  forget(key: string): void;
  /** Failures of a key in a row. */
  failures(key: string): number;
  /** The next key; `done` must follow. Rejects with the signal's reason. */
  next(signal: AbortSignal): Promise<string>;
  /** The work that `next` began on this key has ended. */
  done(key: string): void;
  /** Keys that wait for a worker. */
  readonly depth: number;
  /** Keys that are added later. */
  readonly delayed: number;
  /** Seconds since the oldest work that is under way began; 0: none is. */
  longestRunning(): number;
}

export interface WorkQueueOptions {
  readonly clock: Clock;
  /** 0 ≤ n < 1 */
  readonly random: () => number;
  readonly backoff?: BackoffLimits;
  readonly observer?: QueueObserver;
}

/** Of so many keys taken one is of the usual line, though new ones wait: no stream of new work stops the rest. */
const USUAL_SHARE = 8;

/** A timer set for longer would end at once (2³¹ − 1, Node's setTimeout). */
const LONGEST_TIMER_MS = 2_147_483_647;

export function workQueue({ clock, random, observer, ...options }: WorkQueueOptions): WorkQueue {
  /** Since when, milliseconds; in the order of their turn. */
  const lines: Readonly<Record<Line, Map<string, number>>> = { new: new Map(), usual: new Map() };
  const running = new Map<string, number>();
  /** To be worked on again once the work under way is done. */
  const again = new Map<string, { readonly since: number; readonly line: Line }>();
  const later = new Map<string, { readonly due: number; readonly timer: NodeJS.Timeout }>();
  const failed = new Map<string, number>();
  const takers: ((key: string) => void)[] = [];
  /** Keys of the new line taken in a row. */
  let newInRow = 0;
  const now = (): number => clock.now().getTime();

  function add(key: string, line: Line = 'usual'): void {
    const planned = again.get(key);
    if (running.has(key)) {
      if (!planned) observer?.added?.();
      if (!planned || (line === 'new' && planned.line === 'usual'))
        again.set(key, { since: planned?.since ?? now(), line });
      return;
    }
    if (lines.new.has(key)) return;
    const since = lines.usual.get(key);
    if (since === undefined) {
      observer?.added?.();
      join(key, now(), line);
    } else if (line === 'new') {
      lines.usual.delete(key);
      lines.new.set(key, since);
    }
  }

  function join(key: string, since: number, line: Line): void {
    lines[line].set(key, since);
    if (takers.length > 0) takers.shift()?.(take(line, key));
  }

  function take(line: Line, key: string): string {
    const begun = now();
    newInRow = line === 'new' ? newInRow + 1 : 0;
    observer?.taken?.(secondsBetween(lines[line].get(key) ?? begun, begun));
    lines[line].delete(key);
    running.set(key, begun);
    return key;
  }

  function takeFirst(): string | undefined {
    const [fresh] = lines.new.keys();
    const [usual] = lines.usual.keys();
    if (fresh !== undefined && (usual === undefined || newInRow < USUAL_SHARE - 1)) return take('new', fresh);
    return usual === undefined ? undefined : take('usual', usual);
  }

  function addAfter(key: string, ms: number): void {
    if (!(ms > 0)) {
      add(key);
      return;
    }
    const due = now() + ms;
    const planned = later.get(key);
    if (planned && planned.due <= due) return;
    clearTimeout(planned?.timer);
    const fire = (): void => {
      later.delete(key);
      // Not due yet: the wait was longer than a timer can be.
      addAfter(key, due - now());
    };
    const timer = setTimeout(fire, Math.min(ms, LONGEST_TIMER_MS));
    // What is to be done in an hour keeps no process alive.
    timer.unref();
    later.set(key, { due, timer });
  }

  return {
    add,
    addAfter,
    addRateLimited(key, leastMs = 0) {
      const failures = (failed.get(key) ?? 0) + 1;
      failed.set(key, failures);
      observer?.retried?.();
      addAfter(key, Math.max(leastMs, backoff(failures, random, options.backoff)));
    },
    forget: (key) => void failed.delete(key),
    failures: (key) => failed.get(key) ?? 0,
    async next(signal) {
      signal.throwIfAborted();
      const first = takeFirst();
      if (first !== undefined) return first;
      return new Promise<string>((resolve, reject) => {
        const taker = (key: string): void => {
          signal.removeEventListener('abort', leave);
          resolve(key);
        };
        const leave = (): void => {
          takers.splice(takers.indexOf(taker), 1);
          reject(signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason)));
        };
        signal.addEventListener('abort', leave, { once: true });
        takers.push(taker);
      });
    },
    done(key) {
      const begun = running.get(key);
      if (begun === undefined) return;
      running.delete(key);
      observer?.finished?.(secondsBetween(begun, now()));
      const planned = again.get(key);
      if (planned === undefined) return;
      again.delete(key);
      join(key, planned.since, planned.line);
    },
    get depth() {
      return lines.new.size + lines.usual.size;
    },
    get delayed() {
      return later.size;
    },
    longestRunning() {
      // Insertion order is the order in which work began.
      const [oldest] = running.values();
      return oldest === undefined ? 0 : secondsBetween(oldest, now());
    },
  };
}

/** Never below 0, though the clock may be set back. */
function secondsBetween(from: number, to: number): number {
  return Math.max(0, to - from) / 1000;
}
