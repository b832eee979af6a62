import { parseQuantity } from '../../common/quantity.ts';
import type { LoomVideoSpec, LoomVideoStatus } from '../../crds/generated/loomvideo.ts';
import type { AttemptFailure } from './attempt.ts';
import { RETRY_ANNOTATION } from './names.ts';
import type { Observation } from './observation.ts';

/** What one attempt leaves to the next; status.ledger, whole. Memory in bytes. */
export interface Ledger {
  /** Counts fresh starts, from 1. */
  readonly run: number;
  readonly resultHash: string;
  readonly specHash: string;
  readonly retry: string;
  /** Attempts of this run whose failure is recorded. */
  readonly recorded: number;
  readonly memoryBytes: number;
  readonly memoryFailures: number;
  readonly transientFailures: number;
  readonly infrastructureFailures: number;
  readonly notBefore: Date | undefined;
  readonly stored: boolean;
  readonly purgeAttempts: number;
}

/** Lost attempts of one run before it is given up: something is wrong with the cluster then, not with the video. */
const MAX_INFRASTRUCTURE_FAILURES = 10;
/** Raises of memory in one run: even a factor close to 1 comes to an end. */
const MAX_MEMORY_FAILURES = 5;

/** First waits in seconds, doubled with each failure of the kind up to the longest. */
const BACKOFF = { transient: 10, infrastructure: 5, longest: 600 } as const;

/** However long a service asks us to wait. */
const LONGEST_WAIT_SECONDS = 24 * 3600;

/** The ledger as the status has it; undefined before the first look. */
export function readLedger(status: LoomVideoStatus, spec: LoomVideoSpec): Ledger | undefined {
  const { ledger } = status;
  if (ledger?.run === undefined) return undefined;
  const notBefore = ledger.notBefore === undefined ? Number.NaN : Date.parse(ledger.notBefore);
  return {
    run: ledger.run,
    resultHash: ledger.resultHash ?? '',
    specHash: ledger.specHash ?? '',
    retry: ledger.retry ?? '',
    recorded: ledger.recorded ?? 0,
    memoryBytes: raised(ledger.memoryLimit, spec),
    memoryFailures: ledger.memoryFailures ?? 0,
    transientFailures: ledger.transientFailures ?? 0,
    infrastructureFailures: ledger.infrastructureFailures ?? 0,
    notBefore: Number.isNaN(notBefore) ? undefined : new Date(notBefore),
    stored: ledger.stored ?? false,
    purgeAttempts: ledger.purgeAttempts ?? 0,
  };
}

function raised(limit: string | undefined, spec: LoomVideoSpec): number {
  const first = parseQuantity(spec.memory.limit);
  try {
    return Math.max(first, limit === undefined ? 0 : parseQuantity(limit));
  } catch {
    // Somebody edited the status: the spec stands.
    return first;
  }
}

export function writeLedger(ledger: Ledger): NonNullable<LoomVideoStatus['ledger']> {
  const { memoryBytes, notBefore, ...rest } = ledger;
  return {
    ...rest,
    memoryLimit: String(memoryBytes),
    ...(notBefore && { notBefore: notBefore.toISOString() }),
  };
}

/**
 * The ledger of the run that this declaration asks for: the present one, or a fresh one. A finished video starts afresh
 * when what is stored would be another; one that failed or is under way also when anything an attempt depends on was
 * changed. The annotation starts a failed one afresh; elsewhere its value is only noted.
 */
export function currentLedger({ video, resultHash, specHash, jobs }: Observation): Ledger {
  const { status, spec, annotations } = video;
  const retry = annotations[RETRY_ANNOTATION] ?? '';
  const present = readLedger(status, spec);
  // A Job is posted before the status tells of it, and the next look may be one that ends it.
  const stored = present?.stored === true || jobs.length > 0;
  if (!present) return freshLedger(1);
  // Nothing is asked any more of what is deleted, and its purges go on being counted.
  if (video.deletedAt) return { ...present, stored };
  const changed =
    status.phase === 'Ready' ? present.resultHash !== resultHash : present.specHash !== specHash;
  const asked = status.phase === 'Failed' && retry !== present.retry;
  if (changed || asked) return freshLedger(present.run + 1);
  return { ...present, retry, specHash, stored };

  function freshLedger(run: number): Ledger {
    return {
      run,
      resultHash,
      specHash,
      retry,
      recorded: 0,
      memoryBytes: parseQuantity(spec.memory.limit),
      memoryFailures: 0,
      transientFailures: 0,
      infrastructureFailures: 0,
      notBefore: undefined,
      stored,
      purgeAttempts: 0,
    };
  }
}

/** What becomes of a run after a failed attempt. `verdict`: undefined while it goes on, else why it is given up. */
export interface Recorded {
  readonly ledger: Ledger;
  readonly verdict: string | undefined;
}

/** Charges a failed attempt to its budget and sets when the next one may begin. */
export function recordFailure(
  ledger: Ledger,
  failure: AttemptFailure,
  { video: { spec }, noMoreMemory }: Pick<Observation, 'video' | 'noMoreMemory'>,
  now: Date,
): Recorded {
  const next: Ledger = { ...ledger, recorded: ledger.recorded + 1, notBefore: undefined };
  if (failure.kind === 'memory') return raiseMemory(next, failure, spec, noMoreMemory);
  if (failure.kind === 'transient') {
    const transientFailures = ledger.transientFailures + 1;
    const seconds = failure.retryAfterSeconds ?? backoff(BACKOFF.transient, transientFailures);
    const spent = transientFailures >= spec.maxAttempts;
    return {
      ledger: { ...next, transientFailures, ...(!spent && { notBefore: later(now, seconds) }) },
      verdict: spent ? `${failure.message} (failed ${transientFailures} times, spec.maxAttempts)` : undefined,
    };
  }
  if (failure.kind === 'infrastructure') {
    // What never started waits for the cluster or for a user (a node, an image, a Secret), however long that takes.
    const lost = failure.reason === 'NotStarted' ? 0 : 1;
    const infrastructureFailures = ledger.infrastructureFailures + lost;
    const seconds = backoff(BACKOFF.infrastructure, Math.max(1, infrastructureFailures));
    const spent = infrastructureFailures >= MAX_INFRASTRUCTURE_FAILURES;
    return {
      ledger: { ...next, infrastructureFailures, ...(!spent && { notBefore: later(now, seconds) }) },
      verdict: spent ? `${failure.message} (lost ${infrastructureFailures} times)` : undefined,
    };
  }
  return { ledger: next, verdict: failure.message };
}

function raiseMemory(
  next: Ledger,
  failure: AttemptFailure,
  spec: LoomVideoSpec,
  noMore = 'spec.memory allows no more.',
): Recorded {
  const memoryFailures = next.memoryFailures + 1;
  const max = Math.max(parseQuantity(spec.memory.max), next.memoryBytes);
  const memoryBytes = Math.min(max, Math.ceil(next.memoryBytes * Number(spec.memory.factor)));
  const given = { ...next, memoryFailures };
  if (memoryBytes <= next.memoryBytes || memoryFailures > MAX_MEMORY_FAILURES)
    return {
      ledger: given,
      verdict: `${failure.message} It had ${mebibytes(next.memoryBytes)}. ${noMore}`,
    };
  return { ledger: { ...given, memoryBytes }, verdict: undefined };
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 1024 ** 2)} MB`;
}

/** Seconds before the next attempt after `failures` of one kind. */
export function backoff(first: number, failures: number): number {
  return Math.min(BACKOFF.longest, first * 2 ** (failures - 1));
}

export function later(now: Date, seconds: number): Date {
  return new Date(now.getTime() + Math.ceil(Math.min(seconds, LONGEST_WAIT_SECONDS)) * 1000);
}

/**
 * Milliseconds until the next attempt, or purge, may begin; 0: it may now. A wait that is longer than any of ours was set by a
 * clock that was wrong, and is over.
 */
export function waitMs({ notBefore }: Ledger, now: Date): number {
  const ms = (notBefore?.getTime() ?? 0) - now.getTime();
  return ms > LONGEST_WAIT_SECONDS * 1000 ? 0 : Math.max(0, ms);
}
