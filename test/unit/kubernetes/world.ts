import type { LoomVideoObject } from '../../../controller/kubernetes/objects.ts';
import { parseJobSettings, type JobSettings } from '../../../controller/kubernetes/job/settings.ts';
import { createLogger } from '../../../common/log.ts';
import type { LoomVideoSpecInput } from '../../../crds/generated/loomvideo.ts';

export const URL = 'https://www.loom.com/share/0123456789abcdef0123456789abcdef';
export const VIDEOS = '/apis/qudemo.dev/v1alpha1/namespaces/default/loomvideos';
export const JOBS = '/apis/batch/v1/namespaces/default/jobs';
export const CREDENTIALS = { credentialsSecretRef: { name: 'loomvideo-credentials' } };

export const silent = createLogger({ level: 'silent', format: 'json' });

export function jobSettings(changes: object = {}): JobSettings {
  return parseJobSettings({ image: 'registry.test/loomvideo:1', ...changes });
}

/** A LoomVideo as a user posts it. */
export function manifest(
  name: string,
  spec: Partial<LoomVideoSpecInput> = CREDENTIALS,
): LoomVideoObject & { readonly spec: LoomVideoSpecInput } {
  return {
    apiVersion: 'qudemo.dev/v1alpha1',
    kind: 'LoomVideo',
    metadata: { name },
    spec: { url: URL, ...spec },
  };
}

/** Waits until it is so, by turns of the event loop. */
export async function until(what: string, isSo: () => boolean, patienceMs = 10_000): Promise<void> {
  const end = Date.now() + patienceMs;
  while (!isSo()) {
    if (Date.now() > end) throw new Error(`not within ${patienceMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
