/** What the other cluster tests rely on: the cluster itself, with containers that run one small program. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { before, suite, test } from 'node:test';
import { openCluster, type Cluster } from './cluster.ts';
import { makeNamespace } from './support/namespace.ts';
import { loadProbe, probe } from './support/probe.ts';

interface ContainerStatus {
  readonly name: string;
  readonly state: {
    readonly terminated?: { readonly exitCode: number; readonly reason: string; readonly message?: string };
  };
}

interface Pod {
  readonly status: {
    readonly initContainerStatuses?: readonly ContainerStatus[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
}

interface Job {
  readonly status: { readonly conditions: readonly { readonly type: string; readonly reason?: string }[] };
}

suite('the cluster', () => {
  let cluster: Cluster;
  before(async () => {
    cluster = await openCluster();
    await loadProbe(cluster);
  });

  test('has a Ready node', async () => {
    await cluster.kubectl('wait', '--for=condition=Ready', 'node', '--all', '--timeout=10s');
  });

  test('gives back the termination message of each container under its name', async (t) => {
    const namespace = await makeNamespace(t, cluster);
    const containers = ['fetch', 'transcribe', 'index'].map((name) =>
      probe(name, 'say', `{"stage":"${name}"}`),
    );
    await cluster.apply(job(namespace, containers));
    await finished(cluster, namespace, 'Complete');

    const ends = await terminations(cluster, namespace);
    assert.deepEqual(
      ends.map(({ name, exitCode, message }) => [name, exitCode, message]),
      [
        ['fetch', 0, '{"stage":"fetch"}'],
        ['transcribe', 0, '{"stage":"transcribe"}'],
        ['index', 0, '{"stage":"index"}'],
      ],
    );
  });

  test('kills the container above its memory limit, and podFailurePolicy fails the Job', async (t) => {
    const namespace = await makeNamespace(t, cluster);
    await cluster.apply(
      job(namespace, [
        probe('fetch', 'say', 'done'),
        probe('transcribe', 'take', '100'),
        probe('index', 'say', 'never'),
      ]),
    );
    await finished(cluster, namespace, 'Failed');

    const ends = await terminations(cluster, namespace);
    assert.deepEqual(
      ends.map(({ name, exitCode, reason }) => [name, exitCode, reason]),
      [
        ['fetch', 0, 'Completed'],
        ['transcribe', 137, 'OOMKilled'],
      ],
    );
    const { status } = await get<Job>(cluster, namespace, 'job/stages');
    assert.equal(status.conditions.find(({ type }) => type === 'Failed')?.reason, 'PodFailurePolicy');
  });

  test('lets a pod reach the API server through its Service, with its own token', async (t) => {
    const namespace = await makeNamespace(t, cluster);
    await cluster.apply(job(namespace, [probe('index', 'ask', `/api/v1/namespaces/${namespace}/pods`)]));
    await finished(cluster, namespace, 'Complete');

    const [answer] = await terminations(cluster, namespace);
    // 403 and not 401: the token was known, its account has no role.
    assert.match(answer?.message ?? '', /^403 /);
    assert.match(answer?.message ?? '', new RegExp(`system:serviceaccount:${namespace}:default`));
  });

  test('lets a pod reach what a test serves on the host', async (t) => {
    const server = createServer((_, response) => response.end('served by the test'));
    await new Promise<void>((resolve) => server.listen(0, cluster.hostAddress, resolve));
    t.after(() => server.close());
    const { port } = server.address() as AddressInfo;
    const namespace = await makeNamespace(t, cluster);
    await cluster.apply(job(namespace, [probe('fetch', 'fetch', `http://${cluster.hostAddress}:${port}/`)]));
    await finished(cluster, namespace, 'Complete');

    const [answer] = await terminations(cluster, namespace);
    assert.equal(answer?.message, '200 served by the test');
  });

  test('lets a pod, and the test itself, reach another pod through a Service', async (t) => {
    const namespace = await makeNamespace(t, cluster);
    const metadata = { name: 'server', namespace, labels: { app: 'server' } };
    await cluster.apply(
      { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [probe('server', 'serve', '8080')] } },
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata,
        spec: { selector: metadata.labels, ports: [{ port: 80, targetPort: 8080 }] },
      },
    );
    await cluster.kubectl(
      'wait',
      '--for=condition=Ready',
      'pod/server',
      `--namespace=${namespace}`,
      '--timeout=60s',
    );
    const service = await get<{ spec: { clusterIP: string } }>(cluster, namespace, 'service/server');
    const url = `http://${service.spec.clusterIP}/`;
    await cluster.apply(job(namespace, [probe('fetch', 'fetch', url)]));
    await finished(cluster, namespace, 'Complete');

    const [answer] = await terminations(cluster, namespace);
    assert.equal(answer?.message, '200 served by a pod');
    if (cluster.booted) assert.equal(await (await fetch(url)).text(), 'served by a pod');
  });

  test('refuses a pod that may run as root where Pod Security is restricted', async (t) => {
    const namespace = await makeNamespace(t, cluster, { 'pod-security.kubernetes.io/enforce': 'restricted' });
    const pod = {
      metadata: { name: 'root', namespace },
      spec: { containers: [probe('index', 'say', 'no')] },
    };
    await assert.rejects(cluster.apply({ apiVersion: 'v1', kind: 'Pod', ...pod }), /violates PodSecurity/);
  });

  test('shows the log of a container', async (t) => {
    const namespace = await makeNamespace(t, cluster);
    await cluster.apply(job(namespace, [probe('index', 'fetch', 'http://127.0.0.1:1/')]));
    await finished(cluster, namespace, 'Failed');
    assert.match(
      await cluster.kubectl('logs', 'job/stages', `--namespace=${namespace}`),
      /connection refused/,
    );
  });

  test('outlives its API server, with what was stored', async (t) => {
    if (!cluster.booted) return t.skip('the API server of a cluster given by KUBECONFIG is not ours to kill');
    const namespace = await makeNamespace(t, cluster);
    await cluster.restartApiserver(1000);
    await cluster.kubectl('get', 'namespace', namespace);
  });
});

/** A Job as the operator's: every container but the last runs before it, nothing is retried, 137 is final. */
function job(namespace: string, containers: readonly object[]): object {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'stages', namespace },
    spec: {
      backoffLimit: 0,
      podFailurePolicy: { rules: [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [137] } }] },
      template: {
        spec: {
          restartPolicy: 'Never',
          initContainers: containers.slice(0, -1),
          containers: containers.slice(-1),
        },
      },
    },
  };
}

async function finished(
  cluster: Cluster,
  namespace: string,
  condition: 'Complete' | 'Failed',
): Promise<void> {
  const wanted = `--for=condition=${condition}`;
  await cluster.kubectl('wait', wanted, 'job/stages', `--namespace=${namespace}`, '--timeout=60s');
}

async function terminations(cluster: Cluster, namespace: string) {
  const { items } = await get<{ items: readonly Pod[] }>(cluster, namespace, 'pods');
  return items
    .flatMap(({ status }) => [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])])
    .flatMap(({ name, state }) => (state.terminated ? [{ name, ...state.terminated }] : []));
}

async function get<T>(cluster: Cluster, namespace: string, what: string): Promise<T> {
  return JSON.parse(await cluster.kubectl('get', what, `--namespace=${namespace}`, '--output=json')) as T;
}
