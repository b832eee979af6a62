import { oneLine } from '../../../common/oneLine.ts';
import { pause } from '../api/pause.ts';
import { requestMs, untilNextTry, type Election, type Term } from './election.ts';
import { held, type Lease } from './leaseRecord.ts';
import { within } from '../api/within.ts';

/** It cannot be proved any more that we lead. The process should end: what it holds in memory may be out of date. */
export class LeadershipLost extends Error {
  override readonly name = 'LeadershipLost';
}

/**
 * Renews the lease until the signal is aborted, and answers with its last state. Throws LeadershipLost the moment the
 * deadline has passed since the last renewal that came through was sent, and when another is seen to lead.
 * `onProven` is told of each term: when its renewal was sent.
 */
export async function keepLease(
  election: Election,
  term: Term,
  signal: AbortSignal,
  onProven: (at: number) => void = () => undefined,
): Promise<Lease> {
  const { timings, monotonic, log } = election;
  const deadline = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const prove = (provenAt: number): void => {
    onProven(provenAt);
    clearTimeout(timer);
    const late = `no renewal of the lease came through for ${timings.renewDeadlineMs / 1000} s`;
    const leftMs = provenAt + timings.renewDeadlineMs - monotonic();
    timer = setTimeout(() => deadline.abort(new LeadershipLost(late)), leftMs);
  };
  const either = AbortSignal.any([signal, deadline.signal]);

  let { lease } = term;
  prove(term.provenAt);
  try {
    for (;;) {
      await pause(untilNextTry(election), either);
      try {
        const renewed = await within(requestMs(election), either, async (limit) =>
          renew(election, lease, limit),
        );
        lease = renewed.lease;
        prove(renewed.provenAt);
      } catch (error) {
        if (error instanceof LeadershipLost) throw error;
        either.throwIfAborted();
        log.warn(`The lease could not be renewed: ${wordsOf(error)}`);
      }
    }
  } catch (error) {
    deadline.signal.throwIfAborted();
    if (error instanceof LeadershipLost) throw error;
    // All that is left is that we were asked to end.
    return lease;
  } finally {
    clearTimeout(timer);
  }
}

/** Renews once. When the Lease is not as we left it, looks who leads: a label that somebody set changes nothing. */
async function renew(election: Election, lease: Lease, signal: AbortSignal): Promise<Term> {
  const { client, identity, monotonic } = election;
  for (let current = lease; ;) {
    const provenAt = monotonic();
    const written = await client.write(current, recordOf(election, current), signal);
    if (written) return { lease: written, provenAt };
    const found = await client.read(signal);
    // Where it was deleted another may have made it anew, and be leading.
    if (found?.spec?.holderIdentity !== identity)
      throw new LeadershipLost(`the lease is held by ${found?.spec?.holderIdentity ?? 'nobody'}`);
    current = found;
  }
}

function recordOf({ identity, timings, clock }: Election, { spec }: Lease) {
  return held(spec, identity, timings.durationMs / 1000, clock.now());
}

function wordsOf(error: unknown): string {
  return oneLine(error instanceof Error ? error.message : String(error));
}
