import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { V1Container, V1EnvVar, V1PodSpec } from '@kubernetes/client-node';
import { credentialsOf, type Credentials } from '../../../controller/kubernetes/job/credentials.ts';
import { canonicalJson, resultHash, specHash } from '../../../controller/specHashes.ts';
import { jobOf, purgeJobOf, type JobManifest } from '../../../controller/kubernetes/job/jobOf.ts';
import { jobName, purgeJobName } from '../../../controller/kubernetes/job/names.ts';
import { parseJobSettings, type JobSettings } from '../../../controller/kubernetes/job/settings.ts';
import type { LoomVideoSpecInput } from '../../../crds/generated/loomvideo.ts';
import { jobFromEnvironment } from '../../../jobrunner/jobs.ts';
import { readConfig } from '../../../jobrunner/config.ts';
import { video } from '../reconcile/world.ts';
import { jobSettings } from './world.ts';

const MiB = 1024 ** 2;
const SECRET: Credentials = { kind: 'secret', name: 'loomvideo-credentials' };

interface Wanted {
  readonly spec?: Partial<LoomVideoSpecInput>;
  readonly settings?: JobSettings;
  readonly credentials?: Credentials;
  readonly queueName?: string;
  readonly memoryBytes?: number;
}

function processing(wanted: Wanted = {}): JobManifest {
  const { spec, settings = jobSettings(), credentials = SECRET, queueName, memoryBytes = 600 * MiB } = wanted;
  return jobOf({
    video: video({}, spec),
    credentials,
    settings,
    scope: 'prod',
    specHash: 'abc',
    action: { kind: 'create-job', name: 'demo-1', run: 2, attempt: 3, memoryBytes, queueName },
  });
}

function purging(wanted: Wanted = {}): JobManifest {
  return purgeJobOf({
    video: video({}, wanted.spec),
    credentials: wanted.credentials ?? SECRET,
    settings: wanted.settings ?? jobSettings(),
    scope: 'prod',
    action: { kind: 'create-purge-job', name: 'demo-purge-1', attempt: 1 },
  });
}

function podOf({ spec }: JobManifest): V1PodSpec {
  assert.ok(spec.template.spec);
  return spec.template.spec;
}

function containersOf(job: JobManifest): V1Container[] {
  const { initContainers = [], containers } = podOf(job);
  return [...initContainers, ...containers];
}

function container(job: JobManifest, stage: string): V1Container {
  const found = containersOf(job).find(({ name }) => name === stage);
  assert.ok(found, stage);
  return found;
}

const variable = (job: JobManifest, stage: string, name: string): V1EnvVar | undefined =>
  container(job, stage).env?.findLast((candidate) => candidate.name === name);

/** `<name>` or `<name>?` (optional) of each variable that comes from a Secret. */
const secretsOf = (job: JobManifest, stage: string): string[] =>
  (container(job, stage).env ?? []).flatMap(({ name, valueFrom }) =>
    valueFrom?.secretKeyRef ? [`${name}${valueFrom.secretKeyRef.optional === true ? '?' : ''}`] : [],
  );

const plainEnvironment = (job: JobManifest, stage: string): NodeJS.ProcessEnv =>
  Object.fromEntries(
    (container(job, stage).env ?? []).flatMap(({ name, value }) =>
      value === undefined ? [] : [[name, value]],
    ),
  );

describe('the Job of an attempt', () => {
  it('has the stages as containers: two before, one after', () => {
    const pod = podOf(processing());
    assert.deepEqual(
      pod.initContainers?.map(({ name }) => name),
      ['fetch', 'transcribe'],
    );
    assert.deepEqual(
      pod.containers.map(({ name }) => name),
      ['index'],
    );
    for (const { command, args, name } of containersOf(processing()))
      assert.deepEqual(
        [...(command ?? []), ...(args ?? [])],
        [...['tini', '--', 'node', '--max-semi-space-size=2', 'jobrunner/main.ts'], name],
      );
  });

  it('tells each stage the video, in what the jobrunner reads', () => {
    const job = processing({ spec: { passwordSecretRef: { name: 'loom-password' } } });
    for (const { name } of containersOf(job)) {
      const env = plainEnvironment(job, name);
      const told = jobFromEnvironment(env);
      assert.deepEqual(told.owner, { key: 'prod.default.demo', uid: 'uid-1' });
      assert.equal(told.name, 'demo');
      assert.equal(told.spec.limits.maxDuration, '5m');
      const config = readConfig(env);
      assert.equal(config.production, true);
      assert.equal(config.memoryLimitBytes, 600 * MiB);
      assert.equal(config.workDir, '/work');
      assert.equal(config.terminationLog, '/dev/termination-log');
      assert.equal(config.logFormat, 'json');
    }
  });

  it('hands each stage its own secrets and no other', () => {
    const job = processing({ spec: { passwordSecretRef: { name: 'loom-password', key: 'pw' } } });
    assert.deepEqual(secretsOf(job, 'fetch'), ['PINECONE_INDEX', 'LOOM_API_KEY?', 'LOOM_VIDEO_PASSWORD']);
    assert.deepEqual(secretsOf(job, 'transcribe'), []);
    assert.deepEqual(secretsOf(job, 'index'), [
      'OPENAI_API_KEY',
      'PINECONE_API_KEY',
      'PINECONE_INDEX',
      'SUPABASE_URL',
      'SUPABASE_ANON_KEY',
      'OPENAI_BASE_URL?',
      'PINECONE_HOST?',
      'PINECONE_CONTROLLER_HOST?',
      'PINECONE_NAMESPACE?',
      'LOOMVIDEO_SERVICE_TIMEOUT?',
    ]);
    assert.deepEqual(variable(job, 'index', 'OPENAI_API_KEY')?.valueFrom?.secretKeyRef, {
      name: 'loomvideo-credentials',
      key: 'OPENAI_API_KEY',
    });
    assert.deepEqual(variable(job, 'fetch', 'LOOM_VIDEO_PASSWORD')?.valueFrom?.secretKeyRef, {
      name: 'loom-password',
      key: 'pw',
    });
    assert.ok(!JSON.stringify(container(job, 'transcribe')).includes('secretKeyRef'));
  });

  it('meets the Pod Security level restricted, and more', () => {
    const pod = podOf(processing());
    assert.deepEqual(pod.securityContext, {
      runAsNonRoot: true,
      runAsUser: 10_001,
      runAsGroup: 10_001,
      fsGroup: 10_001,
      fsGroupChangePolicy: 'OnRootMismatch',
      seccompProfile: { type: 'RuntimeDefault' },
    });
    assert.equal(pod.automountServiceAccountToken, false);
    assert.equal(pod.enableServiceLinks, false);
    for (const { securityContext } of containersOf(processing()))
      assert.deepEqual(securityContext, {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        runAsNonRoot: true,
        capabilities: { drop: ['ALL'] },
      });
  });

  it("gives each stage the attempt's whole memory as limit and request, and no CPU limit", () => {
    for (const { resources } of containersOf(processing()))
      assert.deepEqual(resources, {
        limits: { memory: '600Mi' },
        requests: { memory: '600Mi', cpu: '250m' },
      });
    const odd = container(processing({ memoryBytes: 1_000_000_000 }), 'index').resources;
    assert.equal(odd?.limits?.['memory'], '1000000000');
  });

  it('is tried once, by rules that take an eviction for none of its faults', () => {
    const { spec } = processing();
    assert.equal(spec.backoffLimit, 0);
    assert.equal(podOf(processing()).restartPolicy, 'Never');
    const values = [10, 30, 40, 137];
    assert.deepEqual(spec.podFailurePolicy?.rules, [
      { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
      ...['fetch', 'transcribe', 'index'].map((containerName) => ({
        action: 'FailJob',
        onExitCodes: { containerName, operator: 'In', values },
      })),
    ]);
  });

  it('has spec.timeout and time to start, and no TTL before its outcome is recorded', () => {
    const { spec } = processing({ spec: { timeout: '20m' } });
    assert.equal(spec.activeDeadlineSeconds, 20 * 60 + 300);
    assert.equal(spec.ttlSecondsAfterFinished, undefined);
    assert.equal(spec.suspend, undefined);
  });

  it('has room on disk for a download, its merging and what is made of it', () => {
    const volumes = podOf(processing({ spec: { limits: { maxFileSize: '100Mi' } } })).volumes ?? [];
    assert.deepEqual(
      volumes.map(({ name, emptyDir }) => [name, emptyDir?.sizeLimit]),
      [
        ['work', '364Mi'],
        ['tmp', '64Mi'],
      ],
    );
    for (const { volumeMounts } of containersOf(processing()))
      assert.deepEqual(
        volumeMounts?.map(({ mountPath }) => mountPath),
        ['/work', '/tmp'],
      );
  });

  it('belongs to its video, and says what it is for', () => {
    const { metadata, spec } = processing();
    assert.deepEqual(metadata.ownerReferences, [
      {
        apiVersion: 'qudemo.dev/v1alpha1',
        kind: 'LoomVideo',
        name: 'demo',
        uid: 'uid-1',
        controller: true,
        blockOwnerDeletion: true,
      },
    ]);
    const labels = {
      'app.kubernetes.io/name': 'loomvideo',
      'app.kubernetes.io/component': 'process',
      'app.kubernetes.io/managed-by': 'loomvideo-controller',
      'app.kubernetes.io/part-of': 'loomvideo-operator',
      'qudemo.dev/video-uid': 'uid-1',
      'qudemo.dev/run': '2',
      'qudemo.dev/attempt': '3',
      'qudemo.dev/spec-hash': 'abc',
    };
    assert.deepEqual(metadata.labels, labels);
    assert.deepEqual(spec.template.metadata?.labels, labels);
    assert.deepEqual(metadata.annotations, { 'qudemo.dev/video': 'demo' });
  });

  it("is Kueue's to start where it has a queue", () => {
    const { metadata, spec } = processing({ queueName: 'team-a' });
    assert.equal(spec.suspend, true);
    assert.equal(metadata.labels?.['kueue.x-k8s.io/queue-name'], 'team-a');
  });

  it('reports by the termination message alone', () => {
    for (const each of containersOf(processing())) {
      assert.equal(each.terminationMessagePolicy, 'File');
      assert.equal(each.terminationMessagePath, '/dev/termination-log');
    }
    assert.equal(podOf(processing()).terminationGracePeriodSeconds, 30);
  });

  it('takes over what the settings say, but no name of ours', () => {
    const settings = jobSettings({
      imagePullPolicy: 'Always',
      imagePullSecrets: [{ name: 'pull' }],
      env: [
        { name: 'TZ', value: 'UTC' },
        { name: 'MAX_MEMORY_MB', value: '1' },
      ],
      proxy: { https: 'http://user:pass@proxy:3128', no: '.svc' },
      caBundle: { configMap: 'ca' },
      labels: { team: 'a', 'qudemo.dev/video-uid': 'forged' },
      annotations: { note: 'x' },
      nodeSelector: { disk: 'ssd' },
      tolerations: [{ key: 'batch', operator: 'Exists' }],
      affinity: { nodeAffinity: {} },
      priorityClassName: 'low',
      runtimeClassName: 'gvisor',
      ephemeralStorageRequest: '1Gi',
      volumes: [{ name: 'models', emptyDir: {} }],
      volumeMounts: [{ name: 'models', mountPath: '/models' }],
      command: ['node', 'jobrunner/main.ts'],
    });
    const job = processing({ settings });
    const pod = podOf(job);
    assert.equal(container(job, 'fetch').imagePullPolicy, 'Always');
    assert.deepEqual(pod.imagePullSecrets, [{ name: 'pull' }]);
    assert.equal(variable(job, 'transcribe', 'TZ')?.value, 'UTC');
    assert.equal(variable(job, 'fetch', 'MAX_MEMORY_MB')?.value, '600');
    assert.equal(variable(job, 'fetch', 'HTTPS_PROXY')?.value, 'http://user:pass@proxy:3128');
    assert.equal(variable(job, 'index', 'SSL_CERT_FILE')?.value, '/etc/loomvideo/ca/ca.crt');
    assert.equal(variable(job, 'transcribe', 'HTTPS_PROXY'), undefined, 'it goes nowhere');
    assert.equal(job.metadata.labels?.['team'], 'a');
    assert.equal(job.metadata.labels['qudemo.dev/video-uid'], 'uid-1');
    assert.equal(job.spec.template.metadata?.annotations?.['note'], 'x');
    assert.deepEqual(pod.nodeSelector, { disk: 'ssd' });
    assert.deepEqual(pod.tolerations, [{ key: 'batch', operator: 'Exists' }]);
    assert.deepEqual(pod.affinity, { nodeAffinity: {} });
    assert.equal(pod.priorityClassName, 'low');
    assert.equal(pod.runtimeClassName, 'gvisor');
    assert.equal(container(job, 'index').resources?.requests?.['ephemeral-storage'], '1Gi');
    assert.ok(container(job, 'index').volumeMounts?.some(({ mountPath }) => mountPath === '/models'));
    assert.deepEqual(container(job, 'index').command, ['node', 'jobrunner/main.ts']);
  });

  it('writes to the volume of the embedded store, in index alone, where no service is meant', () => {
    const job = processing({ credentials: { kind: 'embedded', claimName: 'store' } });
    for (const stage of ['fetch', 'transcribe', 'index']) {
      assert.deepEqual(secretsOf(job, stage), []);
      const mounted = container(job, stage).volumeMounts?.some(({ mountPath }) => mountPath === '/data');
      assert.equal(mounted, stage === 'index', stage);
    }
    const config = readConfig(plainEnvironment(job, 'index'));
    assert.deepEqual([...config.services.embedded], ['openai', 'pinecone', 'supabase']);
    assert.equal(config.dataDir, '/data');
    const claims = podOf(job).volumes?.flatMap(({ persistentVolumeClaim }) => persistentVolumeClaim ?? []);
    assert.deepEqual(claims, [{ claimName: 'store' }]);
  });
});

describe('the Job of a purge', () => {
  it('is one container with the stores’ secrets', () => {
    const job = purging();
    assert.deepEqual(
      containersOf(job).map(({ name }) => name),
      ['purge'],
    );
    assert.equal(podOf(job).initContainers, undefined);
    assert.deepEqual(
      secretsOf(job, 'purge').filter((name) => !name.endsWith('?')),
      ['PINECONE_API_KEY', 'PINECONE_INDEX', 'SUPABASE_URL', 'SUPABASE_ANON_KEY'],
    );
    assert.ok(!JSON.stringify(job).includes('OPENAI'));
  });

  it('has time to see that nothing is left, however little the video was given', () => {
    const timeOf = (timeout: string) => {
      const job = purging({ spec: { timeout } });
      const env = container(job, 'purge').env?.find(({ name }) => name === 'LOOMVIDEO_JOB');
      const { spec } = JSON.parse(env?.value ?? '') as { spec: { timeout: string } };
      return [spec.timeout, (job.spec.activeDeadlineSeconds ?? 0) - jobSettings().startAllowanceSeconds];
    };
    assert.deepEqual(timeOf('10s'), ['1m', 60]);
    assert.deepEqual(timeOf('90s'), ['90s', 90]);
  });

  it('outlives its video, and removes itself', () => {
    const { metadata, spec } = purging();
    assert.equal(metadata.ownerReferences, undefined);
    assert.equal(spec.ttlSecondsAfterFinished, 3600);
    assert.equal(metadata.labels?.['app.kubernetes.io/component'], 'purge');
    assert.equal(metadata.labels['qudemo.dev/video-uid'], 'uid-1');
    assert.equal(metadata.annotations?.['qudemo.dev/video'], 'demo');
    assert.equal(metadata.labels['qudemo.dev/attempt'], '1');
  });
});

describe('names of Jobs', () => {
  const identity = { videoName: 'demo', videoUid: 'u', run: 1, specHash: 's', attempt: 1 };

  it('are the same for the same attempt, others for all else', () => {
    assert.equal(jobName(identity), jobName({ ...identity }));
    const others = [{ videoUid: 'v' }, { run: 2 }, { specHash: 't' }, { attempt: 2 }].map((change) =>
      jobName({ ...identity, ...change }),
    );
    assert.equal(new Set([jobName(identity), ...others]).size, 5);
    assert.match(jobName(identity), /^demo-[0-9a-f]{8}-1$/);
    assert.match(purgeJobName({ name: 'demo', uid: 'u' }, 2), /^demo-[0-9a-f]{8}-purge-2$/);
  });

  for (const name of ['x'.repeat(253), `a.b.${'c-'.repeat(40)}`, '0', 'a'.repeat(50) + '.'.repeat(10) + 'b'])
    it(`are DNS labels of at most 63 characters for ${name.slice(0, 20)}… of ${name.length}`, () => {
      for (const made of [
        jobName({ ...identity, videoName: name, attempt: 123 }),
        purgeJobName({ name, uid: 'u' }, 99),
      ]) {
        assert.ok(made.length <= 63, made);
        assert.match(made, /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);
      }
    });
});

describe('hashes of a spec', () => {
  const spec = (changes: Partial<LoomVideoSpecInput>) => video({}, changes).spec;
  const base = spec({});

  for (const [what, changes, changesResult, changesSpec] of [
    ['nothing', {}, false, false],
    ['suspend', { suspend: true }, false, false],
    ['deletionPolicy', { deletionPolicy: 'Retain' }, false, false],
    ['maxAttempts', { maxAttempts: 9 }, false, false],
    ['timeout', { timeout: '20m' }, false, true],
    ['memory', { memory: { limit: '500Mi' } }, false, true],
    ['limits', { limits: { maxDuration: '9m' } }, false, true],
    ['the password', { passwordSecretRef: { name: 'p' } }, false, true],
    ['the size of batches', { embedding: { batchSize: 9 } }, false, true],
    ['the language', { transcription: { language: 'fr' } }, true, true],
    ['the embedding model', { embedding: { model: 'm' } }, true, true],
    ['the credentials', { credentialsSecretRef: { name: 'c' } }, true, true],
  ] as const)
    it(`with another ${what}`, () => {
      const other = spec(changes);
      assert.equal(resultHash(other) !== resultHash(base), changesResult, 'result');
      assert.equal(specHash(other) !== specHash(base), changesSpec, 'spec');
      assert.match(specHash(other), /^[0-9a-f]{16}$/);
    });

  it('do not depend on the order of fields', () =>
    assert.equal(canonicalJson({ b: [{ d: 1, c: 2 }], a: 3 }), canonicalJson({ a: 3, b: [{ c: 2, d: 1 }] })));
});

describe('where credentials come from', () => {
  const own = video({}, { credentialsSecretRef: { name: 'own' } }).spec;
  const none = video().spec;
  for (const [what, spec, settings, expected] of [
    ["the video's own Secret first", own, { credentialsSecret: 'all', embedded: { claimName: 'c' } }, 'own'],
    ['the embedded store next', none, { credentialsSecret: 'all', embedded: { claimName: 'c' } }, 'c'],
    ['the Secret for all last', none, { credentialsSecret: 'all' }, 'all'],
    ['nowhere', none, {}, undefined],
  ] as const)
    it(what, () => {
      const found = credentialsOf(spec, jobSettings(settings));
      assert.equal(found?.kind === 'secret' ? found.name : found?.claimName, expected);
    });
});

describe('settings for Jobs', () => {
  for (const [what, input, words] of [
    ['no image', {}, /image/],
    ['a misspelt name', { image: 'i', tolerationz: [] }, /tolerationz is not a setting/],
    [
      'a secret in the environment of all stages',
      { image: 'i', env: [{ name: 'A', valueFrom: {} }] },
      /env\.0/,
    ],
    ['root', { image: 'i', runAsUser: 0 }, /runAsUser/],
  ] as const)
    it(`are refused with ${what}`, () => assert.throws(() => parseJobSettings(input), words));
});
