import { oneLine } from '../../../common/oneLine.ts';
import type { KubeApi } from '../api/kubeApi.ts';
import type { EventObject } from '../objects.ts';
import { eventsPath } from '../paths.ts';

/**
 * Why the Job controller could not make a Job's pod (quota, Pod Security, a webhook): it says so in an Event only.
 * Undefined where it has not said so. Throws ApiError.
 */
export async function podRejection(
  api: Pick<KubeApi, 'list'>,
  job: { readonly namespace: string; readonly uid: string },
  signal: AbortSignal,
): Promise<string | undefined> {
  const fieldSelector = `involvedObject.uid=${job.uid},reason=FailedCreate`;
  const { items } = await api.list<EventObject>(
    eventsPath(job.namespace),
    { fieldSelector, limit: 50 },
    signal,
  );
  const newest = items.reduce<EventObject | undefined>(
    (known, event) => (known && timeOf(known) >= timeOf(event) ? known : event),
    undefined,
  );
  return newest && oneLine((newest.message ?? '').replace(/^Error creating: /, ''), 1000);
}

function timeOf({ lastTimestamp, eventTime, metadata }: EventObject): string {
  return lastTimestamp ?? eventTime ?? metadata.creationTimestamp ?? '';
}
