import type { Clock } from '../../../common/clock.ts';
import type { Logger } from '../../../common/log.ts';
import type { KubeApi } from '../api/kubeApi.ts';
import { pause } from '../api/pause.ts';
import { acquire } from './acquire.ts';
import type { Election, LeaseTimings } from './election.ts';
import { giveBack } from './giveBack.ts';
import { keepLease } from './keepLease.ts';
import { leaseClient } from './leaseClient.ts';

/** client-go's (tools/leaderelection, as kube-controller-manager runs it). */
const TIMINGS: LeaseTimings = { durationMs: 15_000, renewDeadlineMs: 10_000, retryMs: 2000 };

export interface LeaderOptions {
  readonly api: Pick<KubeApi, 'get' | 'create' | 'replace'>;
  readonly namespace: string;
  readonly name: string;
  /** This process's alone, such as its pod's name and a random part: two of one identity would both lead. */
  readonly identity: string;
  readonly clock: Clock;
  /** Milliseconds of a clock that nobody sets; Node's own unless told. */
  readonly monotonic?: () => number;
  /** 0 ≤ n < 1 */
  readonly random: () => number;
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly timings?: LeaseTimings;
  /** For metrics. */
  readonly onLeading?: (leading: boolean) => void;
}

/**
 * Waits until nobody else leads, runs `lead`, and renews the lease until that has ended; then gives it back at once.
 * Two never lead at a time: the deadline is counted from when a renewal was sent, others count from when they saw it.
 *
 * `lead`'s signal is aborted with ours, and `lead` may then take its time, for the lease is still renewed. When the
 * lease is lost it is aborted with LeadershipLost, and that is thrown: once `lead` has ended, or when others may have
 * taken over. `leads` says whether it is so at this moment: a process that slept through its term learns that sooner
 * than from the signal. Throws what `lead` throws; resolves without having led when the signal was aborted before.
 */
export async function runLeader(
  options: LeaderOptions,
  lead: (signal: AbortSignal, leads: () => boolean) => Promise<void>,
): Promise<void> {
  const { api, namespace, name, identity, log, signal, onLeading, timings = TIMINGS } = options;
  const election: Election = {
    client: leaseClient({ api, namespace, name }),
    monotonic: options.monotonic ?? ((): number => performance.now()),
    ...{ identity, log, timings, clock: options.clock, random: options.random },
  };
  log.info({ identity, lease: `${namespace}/${name}` }, `Waiting to lead, as ${identity}.`);
  const term = await acquire(election, signal);
  if (!term) return;
  log.info({ identity, lease: `${namespace}/${name}` }, `Leading, as ${identity}.`);
  onLeading?.(true);

  const lost = new AbortController();
  const ended = new AbortController();
  let { provenAt } = term;
  const keeping = keepLease(election, term, ended.signal, (at) => (provenAt = at)).catch((error: unknown) => {
    lost.abort(error);
    return undefined;
  });
  const leads = (): boolean =>
    !lost.signal.aborted && election.monotonic() < provenAt + timings.renewDeadlineMs;
  const work = lead(AbortSignal.any([signal, lost.signal]), leads);
  const overdueMs = timings.durationMs - timings.renewDeadlineMs;
  const [outcome] = await Promise.race([
    Promise.allSettled([work]),
    overdue(lost.signal, overdueMs, ended.signal),
  ]);
  onLeading?.(false);
  ended.abort();
  const lease = await keeping;
  lost.signal.throwIfAborted();
  if (lease) await giveBack(election, lease);
  if (outcome?.status === 'rejected') throw outcome.reason;
}

/** Resolves when others may have taken over since we lost the lease. */
async function overdue(lost: AbortSignal, ms: number, ended: AbortSignal): Promise<readonly undefined[]> {
  await new Promise<void>((resolve) => lost.addEventListener('abort', () => resolve(), { once: true }));
  await pause(ms, ended).catch(() => undefined);
  return [undefined];
}
