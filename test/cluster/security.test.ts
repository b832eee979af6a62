/** What the operator and its Jobs may, as the cluster has them run; every namespace enforces `restricted`. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { V1Container, V1EnvVar, V1Job, V1PodSpec } from '@kubernetes/client-node';
import { CleanUp } from './support/cleanUp.ts';
import { ACCOUNT } from './support/operator.ts';
import { openWorld, RESTRICTED, type World } from './support/world.ts';

/** The keys of the Secret that each container is given, besides addresses and limits that are optional. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  fetch: ['LOOM_API_KEY', 'PINECONE_INDEX'],
  transcribe: [],
  index: ['OPENAI_API_KEY', 'PINECONE_API_KEY', 'PINECONE_INDEX', 'SUPABASE_ANON_KEY', 'SUPABASE_URL'],
  purge: ['PINECONE_API_KEY', 'PINECONE_INDEX', 'SUPABASE_ANON_KEY', 'SUPABASE_URL'],
};
const ADDRESSES = /^(OPENAI_BASE_URL|PINECONE_(HOST|CONTROLLER_HOST|NAMESPACE)|LOOMVIDEO_SERVICE_TIMEOUT)$/;

suite('security', () => {
  const cleanUp = new CleanUp();
  let world: World;
  /** Of a processing Job, of a purge Job, and of the controller. */
  let processing: V1PodSpec;
  let purging: V1PodSpec;
  let controller: V1PodSpec;

  before(async () => {
    world = await openWorld(cleanUp);
    await world.create('demo');
    await world.reaches('demo', 'Ready');
    const [job] = world.jobsOf('demo') as unknown as readonly V1Job[];
    processing = podOf(job);
    await world.kubectl('delete', 'loomvideo', 'demo', '--timeout=60s');
    const [purge] = world.jobsOf('demo', 'purge') as unknown as readonly V1Job[];
    purging = podOf(purge);
    const { items } = JSON.parse(
      await world.cluster.kubectl('get', 'pods', `--namespace=${world.operator.namespace}`, '--output=json'),
    ) as { items: readonly { spec: V1PodSpec }[] };
    assert.equal(items.length, 1);
    controller = items[0]?.spec ?? { containers: [] };
  });
  after(() => cleanUp.run());

  test('both namespaces enforce the Pod Security level restricted', async () => {
    for (const name of [world.namespace, world.operator.namespace]) {
      const labels = await world.cluster.kubectl(
        'get',
        'namespace',
        name,
        '--output=jsonpath={.metadata.labels}',
      );
      for (const [label, value] of Object.entries(RESTRICTED))
        assert.equal((JSON.parse(labels) as Record<string, string>)[label], value);
    }
  });

  test("the controller's account can read no Secret, and do nothing in a pod", async () => {
    const user = `--as=system:serviceaccount:${world.operator.namespace}:${ACCOUNT}`;
    const mayI = async (verb: string, what: string, namespace: string): Promise<string> =>
      // It exits with 1 to say no.
      world.cluster
        .kubectl('auth', 'can-i', verb, what, user, `--namespace=${namespace}`)
        .catch((error: unknown) => /\bno\b/.exec(String(error))?.[0] ?? String(error));
    for (const namespace of [world.namespace, world.operator.namespace, 'kube-system', 'default'])
      for (const verb of ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'])
        assert.equal(await mayI(verb, 'secrets', namespace), 'no', `${verb} in ${namespace}`);
    assert.equal(await mayI('create', 'pods/exec', world.namespace), 'no');
    assert.equal(await mayI('create', 'pods', world.namespace), 'no');
    assert.equal(await mayI('list', 'loomvideos.qudemo.dev', world.namespace), 'yes');
    assert.equal(await mayI('list', 'loomvideos.qudemo.dev', 'default'), 'no');
  });

  test('no pod of a Job has a token for the API server', () => {
    for (const spec of [processing, purging]) {
      assert.equal(spec.automountServiceAccountToken, false);
      assert.ok(
        !(spec.volumes ?? []).some(({ projected, secret, hostPath }) => projected ?? secret ?? hostPath),
      );
    }
  });

  test('each container is given the keys it needs, transcribe none', () => {
    for (const spec of [processing, purging])
      for (const { name, env = [], envFrom } of containersOf(spec)) {
        assert.equal(envFrom, undefined);
        const keys = secretKeysOf(env).filter((key) => !ADDRESSES.test(key));
        assert.deepEqual(keys.toSorted(), KEYS[name], name);
      }
    const transcribe = containersOf(processing).find(({ name }) => name === 'transcribe');
    const given = transcribe?.env ?? [];
    assert.ok(given.length > 0 && given.every(({ valueFrom }) => valueFrom === undefined));
    assert.ok(!given.some(({ name }) => /PROXY|CERT|CA_/.test(name)), 'nor the way out');
  });

  test('all containers run as somebody, on a root that cannot be written, without capabilities', () => {
    for (const spec of [processing, purging, controller]) {
      assert.equal(spec.securityContext?.runAsNonRoot, true);
      assert.equal(spec.securityContext.runAsUser, 10_001);
      assert.equal(spec.securityContext.seccompProfile?.type, 'RuntimeDefault');
      assert.ok(spec.hostNetwork !== true && spec.hostPID !== true && spec.hostIPC !== true);
      for (const { name, securityContext, resources } of containersOf(spec)) {
        assert.equal(securityContext?.readOnlyRootFilesystem, true, name);
        assert.equal(securityContext.allowPrivilegeEscalation, false);
        assert.deepEqual(securityContext.capabilities?.drop, ['ALL']);
        assert.ok(resources?.limits?.['memory'], name);
      }
    }
  });

  test('and so they are, when asked from inside', async () => {
    const inside = (...command: string[]): Promise<string> =>
      world.cluster.kubectl(
        'exec',
        `--namespace=${world.operator.namespace}`,
        `deployment/${ACCOUNT}`,
        '--',
        ...command,
      );
    assert.equal(await inside('id', '-u'), '10001');
    await assert.rejects(inside('touch', '/app/x'), /Read-only file system/);
    assert.match(await inside('grep', 'CapEff', '/proc/1/status'), /0{16}/);
  });
});

function podOf(job: V1Job | undefined): V1PodSpec {
  assert.ok(job?.spec?.template.spec);
  return job.spec.template.spec;
}

function containersOf({ initContainers = [], containers }: V1PodSpec): V1Container[] {
  return [...initContainers, ...containers];
}

function secretKeysOf(env: readonly V1EnvVar[]): string[] {
  return env.flatMap(({ valueFrom }) => valueFrom?.secretKeyRef?.key ?? []);
}
