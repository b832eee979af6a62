import { randomUUID } from 'node:crypto';
import { chown, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cluster } from '../cluster.ts';
import type { CleanUp } from './cleanUp.ts';

const DEFAULT_CLASS = 'storageclass.kubernetes.io/is-default-class';

/**
 * Sees to it that claims which name no class get a volume. Where the cluster has a default class (kind, k3d, a cloud's)
 * that is so already; our own is given one, and one volume on the disk of its node, that is bound, as is usual, when the
 * first pod asks for it. A `local` volume, since kubelet makes a `hostPath` writable for nobody.
 */
export async function provideVolume(t: Pick<CleanUp, 'after'>, cluster: Cluster): Promise<void> {
  const { items } = JSON.parse(await cluster.kubectl('get', 'storageclasses', '--output=json')) as {
    items: readonly { metadata: { annotations?: Record<string, string> } }[];
  };
  if (items.some(({ metadata }) => metadata.annotations?.[DEFAULT_CLASS] === 'true')) return;
  if (!cluster.booted) throw new Error('the cluster of KUBECONFIG has no default StorageClass');
  const folder = await mkdtemp(join(tmpdir(), 'loomvideo-volume-'));
  const path = join(folder, 'data');
  await mkdir(path);
  await chown(path, 0, 0);
  const name = `loomvideo-test-${randomUUID().slice(0, 8)}`;
  t.after(async () => {
    const what = [`persistentvolume/${name}`, `storageclass/${name}`];
    await cluster.kubectl('delete', ...what, '--ignore-not-found', '--timeout=30s');
    await rm(folder, { recursive: true, force: true });
  });
  const node = await cluster.kubectl('get', 'nodes', '--output=jsonpath={.items[0].metadata.name}');
  const nodeIs = { key: 'kubernetes.io/hostname', operator: 'In', values: [node] };
  await cluster.apply(
    {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name, annotations: { [DEFAULT_CLASS]: 'true' } },
      provisioner: 'kubernetes.io/no-provisioner',
      volumeBindingMode: 'WaitForFirstConsumer',
    },
    {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name },
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteOnce'],
        persistentVolumeReclaimPolicy: 'Retain',
        storageClassName: name,
        local: { path },
        nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [nodeIs] }] } },
      },
    },
  );
}
