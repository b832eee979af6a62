/** The Helm chart's objects and rights, judged by a real API server. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, suite, test } from 'node:test';
import { releases } from '../unit/chart/releases.ts';
import { only, renderChart, type Manifest } from '../unit/chart/renderChart.ts';
import { openCluster, type Cluster } from './cluster.ts';
import { makeNamespace } from './support/namespace.ts';

/** Of the Prometheus operator, which is not there. */
const FOREIGN = 'monitoring.coreos.com/';

const ACCOUNT = 'loomvideo-loomvideo-operator';

suite('the chart, as the API server sees it', () => {
  let cluster: Cluster;
  before(async () => {
    cluster = await openCluster();
  });

  for (const way of Object.keys(releases('')))
    test(`${way} is valid, to the last field`, async (t) => {
      const namespace = await makeNamespace(t, cluster);
      const objects = await renderChart(releases(namespace)[way] ?? {}, { namespace });
      await dryRun(cluster, objects);
    });

  test('its pods are let into a namespace that is restricted', async (t) => {
    const namespace = await makeNamespace(t, cluster, { 'pod-security.kubernetes.io/enforce': 'restricted' });
    const objects = await renderChart({}, { namespace });
    const { template } = only(objects, 'Deployment')['spec'] as { template: { spec: object } };
    const controller = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'controller', namespace } };
    // The account is not there yet; whether the pod may be is all that is asked.
    const spec = { ...template.spec, serviceAccountName: 'default' };
    await dryRun(cluster, [only(objects, 'Pod'), { ...controller, spec }]);
  });

  test('what the controller may do in all namespaces', async (t) => {
    const namespace = await makeNamespace(t, cluster);
    const other = await makeNamespace(t, cluster);
    await grant(t, cluster, await renderChart({}, { namespace }));
    for (const where of [namespace, other]) await mayWork(cluster, namespace, where);
  });

  test('what the controller may do where it watches one namespace, and nowhere else', async (t) => {
    const namespace = await makeNamespace(t, cluster);
    const videos = await makeNamespace(t, cluster);
    await grant(t, cluster, await renderChart({ watchNamespaces: [videos] }, { namespace }));
    await mayWork(cluster, namespace, videos);
    const elsewhere = ['qudemo.dev/loomvideos', 'batch/jobs', '/pods', '/events', '/namespaces'];
    const questions = elsewhere.map((path) => ({ ...resource(path), verb: 'get', namespace }));
    assert.deepEqual(
      await mayIt(cluster, accountOf(namespace), questions),
      elsewhere.map(() => false),
    );
    // A namespace that goes loses its Roles before its LoomVideos.
    const going = [
      { ...resource('qudemo.dev/loomvideos'), verb: 'patch', namespace },
      { ...resource('/namespaces'), verb: 'get', namespace: videos, name: videos },
      { ...resource('/namespaces'), verb: 'get', namespace, name: namespace },
    ];
    assert.deepEqual(await mayIt(cluster, accountOf(namespace), going), [true, true, false]);
  });

  test('users who may view or edit a namespace may so its LoomVideos', async (t) => {
    const namespace = await makeNamespace(t, cluster);
    await grant(t, cluster, await renderChart({}, { namespace }));
    const person = `person-${randomUUID().slice(0, 8)}`;
    const allowed = async (verb: string): Promise<boolean> => {
      const question = { ...resource('qudemo.dev/loomvideos'), verb, namespace };
      return (await mayIt(cluster, person, [question]))[0] ?? false;
    };
    const asRole = async (role: string): Promise<void> => {
      const args = [`--clusterrole=${role}`, `--user=${person}`, `--namespace=${namespace}`];
      await cluster.kubectl('create', 'rolebinding', role, ...args);
    };
    assert.equal(await allowed('list'), false);
    await asRole('view');
    await eventually(() => allowed('list'));
    assert.equal(await allowed('create'), false);
    await asRole('edit');
    await eventually(() => allowed('create'));
  });
});

/** Asks the API server to take the objects, without doing it; unknown fields are faults. Throws with what it said. */
async function dryRun(cluster: Cluster, objects: readonly Manifest[]): Promise<void> {
  const items = objects.filter(({ apiVersion }) => !apiVersion.startsWith(FOREIGN));
  const how = ['--dry-run=server', '--server-side', '--force-conflicts', '--validate=strict'];
  await withFile(items, (file) => cluster.kubectl('apply', `--filename=${file}`, ...how));
}

async function withFile<T>(items: readonly object[], work: (file: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'loomvideo-chart-'));
  try {
    const file = join(folder, 'objects.json');
    await writeFile(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
    return await work(file);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Applies what gives rights, and takes it back after the test. */
async function grant(
  t: { after(work: () => unknown): void },
  cluster: Cluster,
  objects: readonly Manifest[],
): Promise<void> {
  const rights = objects.filter(({ kind }) => /^(ServiceAccount|(Cluster)?Role(Binding)?)$/.test(kind));
  for (const { kind, metadata } of rights)
    if (kind.startsWith('Cluster'))
      t.after(() => cluster.kubectl('delete', kind, metadata.name, '--wait=false'));
  await cluster.apply(...rights);
}

/** By `group/resource[/subresource]`: verbs that the controller has to have, and some that it must not have. */
const VERBS: Readonly<Record<string, readonly [allowed: string, forbidden: string]>> = {
  'qudemo.dev/loomvideos': ['get list watch patch', 'create update delete'],
  'qudemo.dev/loomvideos/status': ['patch', 'get update'],
  'qudemo.dev/loomvideos/finalizers': ['update', 'patch'],
  'batch/jobs': ['get list watch create patch delete', 'update deletecollection'],
  '/pods': ['get list watch', 'create patch delete'],
  '/pods/log': ['', 'get'],
  '/pods/exec': ['', 'create get'],
  '/events': ['list create', 'delete'],
  '/namespaces': ['get', 'list delete'],
  '/secrets': ['', 'get list watch create update patch delete'],
  '/configmaps': ['', 'get list watch create'],
  '/serviceaccounts': ['', 'get impersonate'],
  'rbac.authorization.k8s.io/roles': ['', 'get create bind escalate'],
};

/** Whether the controller may do what it has to in a namespace, and nothing of what it must not. */
async function mayWork(cluster: Cluster, own: string, namespace: string): Promise<void> {
  const asked = Object.entries(VERBS).flatMap(([path, verdicts]) =>
    verdicts.flatMap((verbs, index) =>
      words(verbs).map((verb) => ({
        allowed: index === 0,
        question: { ...resource(path), verb, namespace },
      })),
    ),
  );
  const answers = await mayIt(
    cluster,
    accountOf(own),
    asked.map(({ question }) => question),
  );
  for (const [index, { allowed, question }] of asked.entries())
    assert.equal(answers[index], allowed, JSON.stringify(question));
  const lease = { ...resource('coordination.k8s.io/leases'), namespace: own, verb: 'update' };
  assert.deepEqual(
    await mayIt(cluster, accountOf(own), [
      { ...lease, name: ACCOUNT },
      { ...lease, name: 'another' },
    ]),
    [true, false],
  );
}

interface Question {
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly verb: string;
  readonly namespace: string;
  readonly name?: string;
}

function resource(path: string): Pick<Question, 'group' | 'resource' | 'subresource'> {
  const [group = '', name = '', subresource] = path.split('/');
  return { group, resource: name, ...(subresource !== undefined && { subresource }) };
}

const words = (text: string): string[] => text.split(' ').filter((word) => word !== '');
const accountOf = (namespace: string): string => `system:serviceaccount:${namespace}:${ACCOUNT}`;

/** The API server's own verdicts, in order. */
async function mayIt(cluster: Cluster, user: string, questions: readonly Question[]): Promise<boolean[]> {
  const reviews = questions.map((resourceAttributes) => ({
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    metadata: {},
    spec: { user, resourceAttributes },
  }));
  const lines = await withFile(reviews, (file) =>
    cluster.kubectl('create', `--filename=${file}`, String.raw`--output=jsonpath={.status.allowed}{"\n"}`),
  );
  const verdicts = words(lines.replaceAll('\n', ' '));
  assert.equal(verdicts.length, questions.length, lines);
  return verdicts.map((verdict) => verdict === 'true');
}

/** The API server gathers the aggregated roles within a second or so. */
async function eventually(holds: () => Promise<boolean>): Promise<void> {
  for (const end = performance.now() + 20_000; performance.now() < end;) if (await holds()) return;
  assert.fail('not within 20 s');
}
