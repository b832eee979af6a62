import { randomUUID } from 'node:crypto';
import type { Cluster } from '../cluster.ts';

/** A namespace for one test, with everything in it gone afterwards; its service account exists when it is returned. */
export async function makeNamespace(
  t: { after(work: () => unknown): void },
  cluster: Cluster,
  labels: Readonly<Record<string, string>> = {},
): Promise<string> {
  const name = `test-${randomUUID().slice(0, 8)}`;
  await cluster.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
  t.after(() => cluster.kubectl('delete', 'namespace', name, '--wait=false'));
  await cluster.kubectl('wait', '--for=create', 'serviceaccount/default', `--namespace=${name}`);
  return name;
}
