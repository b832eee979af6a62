import { levelOf } from '../api/levelOf.ts';
import { pause } from '../api/pause.ts';
import { oneLine } from '../../../common/oneLine.ts';
import { requestMs, untilNextTry, type Election, type Term } from './election.ts';
import { held, validForMs } from './leaseRecord.ts';
import { within } from '../api/within.ts';

/**
 * Waits for the lease to be free, and takes it. Another's term is over when its record has not changed for its
 * duration by our own clock: the times within it are of a clock that may be wrong. Undefined when the signal was
 * aborted before.
 */
export async function acquire(election: Election, signal: AbortSignal): Promise<Term | undefined> {
  const { identity, log } = election;
  const watched = observer(election);
  let failures = 0;
  while (!signal.aborted) {
    let waitMs = untilNextTry(election);
    try {
      const outcome = await within(requestMs(election), signal, async (limit) =>
        attempt(election, watched, limit),
      );
      failures = 0;
      if (typeof outcome === 'object') return outcome;
      // At the very end of the other's term, rather than up to a try later.
      waitMs = Math.min(waitMs, outcome);
    } catch (error) {
      if (signal.aborted) return undefined;
      failures++;
      const words = oneLine(error instanceof Error ? error.message : String(error));
      log[levelOf(failures)]({ identity, failures }, `The lease could not be tried for: ${words}`);
    }
    await pause(waitMs, signal).catch(() => undefined);
  }
  return undefined;
}

/** Milliseconds after which the other's term ends, unless it is renewed. */
async function attempt(
  election: Election,
  leftOf: (record: string, validMs: number) => number,
  signal: AbortSignal,
): Promise<Term | number> {
  const { client, identity, timings, clock, monotonic } = election;
  const lease = await client.read(signal);
  const record = lease?.spec;
  const ours = record?.holderIdentity === identity;
  const left = leftOf(JSON.stringify(record ?? null), validForMs(record, timings.durationMs));
  if (left > 0 && !ours) return left;
  const provenAt = monotonic();
  const written = await client.write(
    lease,
    held(record, identity, timings.durationMs / 1000, clock.now()),
    signal,
  );
  return written ? { lease: written, provenAt } : Infinity;
}

/** Remembers since when a record has been as it is. */
function observer({ monotonic }: Election): (record: string, validMs: number) => number {
  let seen: string | undefined;
  let since = 0;
  return (record, validMs) => {
    const now = monotonic();
    if (record !== seen) {
      seen = record;
      since = now;
    }
    return since + validMs - now;
  };
}
