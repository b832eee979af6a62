import { oneLine } from '../../../common/oneLine.ts';
import { requestMs, type Election } from './election.ts';
import { released, type Lease } from './leaseRecord.ts';
import { within } from '../api/within.ts';

/** Lets others take the lease at once. Where it fails they wait for its end: that is logged, and no error. */
export async function giveBack(election: Election, lease: Lease): Promise<void> {
  const { log } = election;
  try {
    await within(requestMs(election), new AbortController().signal, async (signal) => {
      for (let current: Lease | undefined = lease; current?.spec?.holderIdentity === election.identity;) {
        const record = released(current.spec, election.clock.now());
        if (await election.client.write(current, record, signal)) return;
        // Our last renewal may have come through though its answer did not.
        current = await election.client.read(signal);
      }
    });
  } catch (error) {
    log.warn(
      `The lease could not be given back: ${oneLine(error instanceof Error ? error.message : String(error))}`,
    );
  }
}
