import { isDeepStrictEqual } from 'node:util';
import { parseQuantity } from '../../common/quantity.ts';
import type { LoomVideoSpec, LoomVideoStatus } from '../../crds/generated/loomvideo.ts';
import { checkStatus } from '../unit/reconcile/kstatus.ts';
import { must, Violation } from './history.ts';

/** A mark that stands for a secret: it lies where a broken process may leave one, and must be told nowhere. */
export const SECRET = 'sk-chaos-secret-0123456789';

export interface StatusWrite {
  readonly video: string;
  readonly before: LoomVideoStatus | undefined;
  readonly after: LoomVideoStatus;
  readonly generation: number;
  readonly deleted: boolean;
  readonly spec: LoomVideoSpec;
  /** The most attempts that the spec ever allowed. */
  readonly mostAttempts: number;
  /** More memory than this no attempt is ever given; bytes. */
  readonly mostMemoryBytes: number;
}

/** What must hold of every status that is written. */
export function checkWrite(write: StatusWrite): void {
  const { video, before, after, generation, deleted, mostAttempts, mostMemoryBytes } = write;
  const told = `${video}: ${JSON.stringify(after)}`;
  try {
    checkStatus(after, generation);
  } catch (error) {
    throw new Violation(`every status obeys kstatus' rules: ${String(error)}: ${told}`);
  }
  must(!JSON.stringify(after).includes(SECRET), `no secret in a status: ${told}`);
  must(!isDeepStrictEqual(before, after), `a status is written only where it differs: ${told}`);
  const { ledger, phase } = after;
  const known = before?.ledger;
  must(ledger?.run !== undefined, `the ledger is whole: ${told}`);
  const run = ledger?.run ?? 0;
  const knownRun = known?.run ?? 0;
  must(run >= knownRun && run <= knownRun + 1, `runs are counted one by one: ${knownRun} → ${told}`);
  must(
    (phase === 'Deleting') === deleted,
    `Deleting is said of what is deleted, and of nothing else: ${told}`,
  );
  if (before?.phase === 'Ready' && phase !== 'Ready' && !deleted)
    must(run > knownRun, `Ready is left only for another run: ${told}`);
  if (before?.phase === 'Failed' && phase !== 'Failed' && !deleted)
    must(run > knownRun, `Failed is left only for another run: ${told}`);
  if (known && run === knownRun) {
    const recorded = (ledger?.recorded ?? 0) - (known.recorded ?? 0);
    must(recorded === 0 || recorded === 1, `attempts are recorded one by one: ${known.recorded} → ${told}`);
    if (known.stored) must(ledger?.stored === true, `that something is stored is not forgotten: ${told}`);
  }
  must((ledger?.transientFailures ?? 0) <= mostAttempts, `no more attempts than spec.maxAttempts: ${told}`);
  must((ledger?.infrastructureFailures ?? 0) <= 10, `no more than ten attempts are lost: ${told}`);
  must((ledger?.memoryFailures ?? 0) <= 6, `memory is raised five times at the most: ${told}`);
  must(
    parseQuantity(ledger?.memoryLimit ?? '0') <= mostMemoryBytes,
    `no attempt has more than spec.memory.max: ${told}`,
  );
}
