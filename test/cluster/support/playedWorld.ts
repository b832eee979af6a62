import { join } from 'node:path';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseAllDocuments } from 'yaml';
import type { LoomVideoSpecInput } from '../../../crds/generated/loomvideo.ts';
import type { LoomVideoObject } from '../../../controller/kubernetes/objects.ts';
import { loomVideoPath, loomVideosPath } from '../../../controller/kubernetes/paths.ts';
import { openCluster, type Cluster } from '../cluster.ts';
import { ROOT } from '../paths.ts';
import { openApiserver, type Apiserver } from './apiserver.ts';
import type { PodAccess } from './asInPod.ts';
import { CleanUp } from './cleanUp.ts';
import { startFaultProxy, type FaultProxy } from './faultProxy.ts';
import { startController, type LocalController } from './localController.ts';
import { makeNamespace } from './namespace.ts';
import { PLAYED, playJobs, reserveJobs, type Player, type Script } from './playedJobs.ts';
import { witness, type Witness } from './witness.ts';

interface Test {
  after(work: () => unknown): void;
  readonly passed?: boolean;
}

export const URL = 'https://www.loom.com/share/0123456789abcdef0123456789abcdef';

/** A namespace whose Jobs are played, with all that a test of the operator in it needs. */
export interface PlayedWorld {
  readonly cluster: Cluster;
  readonly apiserver: Apiserver;
  readonly namespace: string;
  readonly witness: Witness;
  readonly player: Player;
  /** A controller, and the proxy between it and the apiserver. */
  start(env?: Readonly<Record<string, string>>, proxy?: FaultProxy): Promise<Started>;
  /** A controller as in a pod, with nothing between it and the apiserver. */
  startAsInPod(env?: Readonly<Record<string, string>>): Promise<LocalController>;
  proxy(): Promise<FaultProxy>;
  create(name: string, spec?: Partial<LoomVideoSpecInput>): Promise<LoomVideoObject>;
}

export interface Started {
  readonly controller: LocalController;
  readonly proxy: FaultProxy;
}

/** The cluster with the LoomVideo kind, as crds/loomvideos.yaml has it. */
export async function openPlayedCluster(): Promise<{ cluster: Cluster; apiserver: Apiserver }> {
  const cluster = await openCluster();
  const text = await readFile(join(ROOT, 'crds', 'loomvideos.yaml'), 'utf8');
  await cluster.apply(...parseAllDocuments(text).map((document) => document.toJS() as object));
  await cluster.kubectl('wait', '--for=condition=Established', 'crd/loomvideos.qudemo.dev', '--timeout=20s');
  const apiserver = await openApiserver(cluster.kubeconfig);
  // Of a kind just made the apiserver says 429, "storage is (re)initializing", for a moment.
  while ((await apiserver.ask('GET', loomVideosPath())).status === 429) await sleep(100);
  return { cluster, apiserver };
}

export async function playedWorld(t: Test, script: Script): Promise<PlayedWorld> {
  const { cluster, apiserver } = await openPlayedCluster();
  const later = new CleanUp();
  const controllers: LocalController[] = [];
  t.after(async () => {
    if (t.passed === false)
      for (const { messages } of controllers)
        console.error(`A controller said:\n  ${messages.slice(-40).join('\n  ')}`);
    await later.run();
  });
  const namespace = await makeNamespace(later, cluster, PLAYED);
  const stopping = new AbortController();
  later.after(async () => {
    stopping.abort(new Error('the test is over'));
    await letGo(apiserver, namespace);
  });
  await reserveJobs(cluster, apiserver, namespace);
  const seen = await witness(apiserver, namespace, stopping.signal);
  const player = await playJobs(apiserver, namespace, script, stopping.signal);
  const proxy = async (): Promise<FaultProxy> => {
    const made = await startFaultProxy(apiserver);
    later.after(() => made.close());
    return made;
  };
  return {
    ...{ cluster, apiserver, namespace, player, proxy },
    witness: seen,
    async start(env, given) {
      const between = given ?? (await proxy());
      const controller = await startController(later, {
        ...{ server: between.url, namespace },
        ...(env && { env }),
      });
      controllers.push(controller);
      return { controller, proxy: between };
    },
    async startAsInPod(env) {
      const server = await podAccess(cluster, apiserver, namespace);
      const controller = await startController(later, { server, namespace, ...(env && { env }) });
      controllers.push(controller);
      return controller;
    },
    create: (name, spec = {}) =>
      apiserver.create(loomVideosPath(namespace), {
        apiVersion: 'qudemo.dev/v1alpha1',
        kind: 'LoomVideo',
        metadata: { name },
        spec: { url: URL, ...spec },
      }),
  };
}

/** Of a service account that may do everything: what it may in a pod is the chart's, which its own tests look at. */
async function podAccess(cluster: Cluster, apiserver: Apiserver, namespace: string): Promise<PodAccess> {
  const name = 'controller';
  await cluster.apply(
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name, namespace },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    },
  );
  const token = await cluster.kubectl('create', 'token', name, `--namespace=${namespace}`, '--duration=2h');
  const { hostname, port } = new globalThis.URL(apiserver.server);
  const roots = await apiserver.read<{ data?: Record<string, string> }>(
    `/api/v1/namespaces/${namespace}/configmaps/kube-root-ca.crt`,
  );
  return {
    ...{ host: hostname, port, token: token.trim(), namespace },
    authority: roots.data?.['ca.crt'] ?? '',
  };
}

/** Takes the finalizers from what is left: no controller will, and the namespace could not go. */
async function letGo(apiserver: Apiserver, namespace: string): Promise<void> {
  const { items } = await apiserver.read<{ items: LoomVideoObject[] }>(loomVideosPath(namespace));
  await Promise.all(
    items.map(({ metadata: { name } }) =>
      apiserver.ask('PATCH', loomVideoPath(namespace, name), {
        body: { metadata: { finalizers: null } },
        type: 'application/merge-patch+json',
      }),
    ),
  );
}
