import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { declarationOf } from '../../../controller/kubernetes/gather/declaration.ts';
import { observe as gathered, type Known } from '../../../controller/kubernetes/gather/observe.ts';
import { observeJob } from '../../../controller/kubernetes/gather/observeJob.ts';
import { observePod } from '../../../controller/kubernetes/gather/observePod.ts';
import { podRejection } from '../../../controller/kubernetes/gather/podRejection.ts';
import { readReport } from '../../../controller/kubernetes/gather/readReport.ts';
import { readSpec } from '../../../controller/kubernetes/gather/readSpec.ts';
import type { JobObject, LoomVideoObject, PodObject } from '../../../controller/kubernetes/objects.ts';
import { decide } from '../../../controller/reconcile/decide.ts';
import { encodeReport } from '../../../jobrunner/contract/encodeReport.ts';
import { checkStatus } from '../reconcile/kstatus.ts';
import { NOW, succeededReport } from '../reconcile/world.ts';
import { FakeCluster } from './fakeCluster.ts';
import { jobSettings, manifest, URL } from './world.ts';

const T = '2026-11-24T12:00:00Z';

function pod(status: PodObject['status'], metadata: Partial<PodObject['metadata']> = {}): PodObject {
  return { metadata: { name: 'pod', creationTimestamp: T, ...metadata }, ...(status && { status }) };
}

const labels = {
  'app.kubernetes.io/component': 'process',
  'qudemo.dev/video-uid': 'uid-1',
  'qudemo.dev/run': '2',
  'qudemo.dev/attempt': '3',
  'qudemo.dev/spec-hash': 'abc',
};

function job(changes: Partial<JobObject> = {}, metadata: Partial<JobObject['metadata']> = {}): JobObject {
  return {
    metadata: {
      name: 'job',
      namespace: 'default',
      uid: 'job-uid',
      creationTimestamp: T,
      labels,
      ownerReferences: [{ apiVersion: 'v', kind: 'LoomVideo', name: 'demo', uid: 'uid-1', controller: true }],
      ...metadata,
    },
    ...changes,
  };
}

describe('a pod', () => {
  it('shows each stage as kubelet has it, init containers too, sidecars not', () => {
    const message = encodeReport(succeededReport('fetch'));
    const { containers } = observePod(
      pod({
        phase: 'Running',
        initContainerStatuses: [
          {
            name: 'fetch',
            state: {
              terminated: { exitCode: 0, reason: 'Completed', message, startedAt: T, finishedAt: null },
            },
          },
          { name: 'transcribe', state: { running: { startedAt: T } } },
          { name: 'istio-proxy', state: { running: { startedAt: T } } },
        ],
        containerStatuses: [
          { name: 'index', state: { waiting: { reason: 'PodInitializing' } }, lastState: {} },
        ],
      }),
    );
    assert.deepEqual([...containers.keys()], ['fetch', 'transcribe', 'index']);
    const fetch = containers.get('fetch');
    assert.ok(fetch?.kind === 'terminated');
    assert.equal(fetch.report?.video?.title, 'A demo');
    assert.equal(fetch.startedAt?.toISOString(), '2026-11-24T12:00:00.000Z');
    assert.equal(fetch.finishedAt, undefined);
    assert.deepEqual(containers.get('transcribe'), { kind: 'running', startedAt: new Date(T) });
    assert.deepEqual(containers.get('index'), { kind: 'waiting', reason: 'PodInitializing', message: '' });
  });

  it('shows how a container broke though it waits', () => {
    const { containers } = observePod(
      pod({
        containerStatuses: [
          {
            name: 'index',
            state: { waiting: { reason: 'CrashLoopBackOff' } },
            lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } },
          },
        ],
      }),
    );
    const index = containers.get('index');
    assert.ok(index?.kind === 'terminated');
    assert.equal(index.reason, 'OOMKilled');
  });

  for (const [what, status, unschedulable, disrupted] of [
    ['nothing yet', undefined, undefined, undefined],
    [
      'no node',
      {
        conditions: [
          { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes' },
        ],
      },
      '0/3 nodes',
      undefined,
    ],
    ['a node', { conditions: [{ type: 'PodScheduled', status: 'True' }] }, undefined, undefined],
    [
      'a drain',
      { conditions: [{ type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI' }] },
      undefined,
      'EvictionByEvictionAPI',
    ],
    [
      'a full disk',
      { reason: 'Evicted', message: 'Usage of EmptyDir volume "work" exceeds the limit "364Mi".' },
      undefined,
      'Usage of EmptyDir volume "work" exceeds the limit "364Mi".',
    ],
  ] as const)
    it(`says of ${what}`, () => {
      const seen = observePod(pod(status));
      assert.equal(seen.unschedulable, unschedulable);
      assert.equal(seen.disrupted, disrupted);
    });
});

describe('a Job', () => {
  for (const [what, changes, metadata, expected] of [
    ['just made', {}, {}, { state: 'active', suspended: false, hasTtl: false, deleting: false }],
    ['suspended', { spec: { suspend: true } }, {}, { state: 'active', suspended: true }],
    [
      'about to fail',
      { status: { conditions: [{ type: 'FailureTarget', status: 'True' }] } },
      {},
      { state: 'active' },
    ],
    [
      'complete',
      { status: { conditions: [{ type: 'Complete', status: 'True' }] } },
      {},
      { state: 'complete' },
    ],
    [
      'failed',
      {
        status: {
          conditions: [{ type: 'Failed', status: 'True', reason: 'DeadlineExceeded', message: 'late' }],
        },
      },
      {},
      { state: 'failed', failureReason: 'DeadlineExceeded', failureMessage: 'late' },
    ],
    ['released', { spec: { ttlSecondsAfterFinished: 0 } }, {}, { hasTtl: true }],
    ['on its way out', {}, { deletionTimestamp: T }, { deleting: true }],
    [
      'of a label that was changed',
      {},
      { labels: { ...labels, 'qudemo.dev/attempt': '-1' } },
      { attempt: 0 },
    ],
    ['ours', {}, {}, { name: 'job', uid: 'job-uid', run: 2, attempt: 3, specHash: 'abc' }],
  ] as const)
    it(`that is ${what}`, () => {
      const seen = observeJob(job(changes, metadata), [], undefined);
      assert.deepEqual({ ...seen, ...expected }, seen);
    });

  it('shows the newest of its pods', () => {
    const old = pod({ phase: 'Failed' }, { name: 'old', creationTimestamp: '2026-11-24T11:00:00Z' });
    const young = pod({ phase: 'Running' }, { name: 'young', creationTimestamp: '2026-11-24T11:30:00Z' });
    for (const pods of [
      [old, young],
      [young, old],
    ])
      assert.equal(observeJob(job(), pods, undefined).pod?.name, 'young');
  });
});

describe('a report', () => {
  const report = succeededReport('fetch');

  for (const [what, message] of [
    ['nothing', undefined],
    ['no JSON', 'Error: killed'],
    ['a report that was cut off', encodeReport(report).slice(0, 100)],
    [
      'memory that is no whole number',
      JSON.stringify({ ...report, memory: { peakMb: 0.5, limitMb: 1, afterMb: 1 } }),
    ],
    [
      'memory beyond any machine',
      JSON.stringify({ ...report, memory: { peakMb: 1e300, limitMb: 1, afterMb: 1 } }),
    ],
  ] as const)
    it(`is not there with ${what}`, () => assert.equal(readReport(message), undefined));

  it('keeps what the status has a place for, and no more', () => {
    const hostile = {
      ...report,
      video: { ...report.video, title: 'a\u001b[31m\nb', extra: { deep: true }, source: 'yt-dlp' },
    };
    const read = readReport(JSON.stringify(hostile));
    assert.equal(read?.video?.title, 'a [31m b');
    assert.ok(!('extra' in (read?.video ?? {})));
  });

  it('drops a fact that the status would refuse', () => {
    const hostile = { ...report, video: { ...report.video, width: 'wide' } };
    assert.equal(readReport(JSON.stringify(hostile))?.video, undefined);
    const bytes = { ...report, video: { ...report.video, sizeBytes: 1.5 } };
    assert.equal(readReport(JSON.stringify(bytes))?.video, undefined);
  });
});

describe('a spec', () => {
  it('has its defaults', () => {
    const { spec, fault } = readSpec({ url: URL });
    assert.equal(fault, undefined);
    assert.equal(spec.limits.maxDuration, '5m');
  });

  for (const [what, input, reason] of [
    ['nothing', undefined, 'InvalidURL'],
    ['a link elsewhere', { url: 'https://example.com/', deletionPolicy: 'Retain' }, 'InvalidURL'],
    ['a field of another kind', { url: URL, limits: 7, deletionPolicy: 'Retain' }, 'ConfigurationInvalid'],
    [
      'too little memory',
      { url: URL, memory: { limit: '1Mi' }, deletionPolicy: 'Retain' },
      'ConfigurationInvalid',
    ],
  ] as const)
    it(`is read with ${what}, the rest of it as it stands`, () => {
      const { spec, fault } = readSpec(input);
      assert.equal(fault?.reason, input ? reason : fault?.reason);
      assert.ok(fault);
      assert.match(fault.message, /\.$/);
      if (input) assert.equal(spec.deletionPolicy, 'Retain');
      assert.equal(spec.limits.maxDuration, '5m');
    });
});

describe('an observation', () => {
  function known(object: LoomVideoObject, changes: Partial<Known> = {}): Known {
    return {
      object,
      declaration: declarationOf(object),
      jobs: [],
      podsOf: () => [],
      podRejectionOf: () => undefined,
      namespaceTerminating: false,
      jobRejection: undefined,
      settings: jobSettings(),
      ...changes,
    };
  }
  const demo = (changes: Partial<LoomVideoObject> = {}, metadata = {}): LoomVideoObject => ({
    ...manifest('demo'),
    metadata: {
      name: 'demo',
      namespace: 'default',
      uid: 'uid-1',
      generation: 1,
      creationTimestamp: T,
      ...metadata,
    },
    ...changes,
  });

  it('takes for its own only Jobs that it owns', () => {
    const strangers = [
      job({}, { ownerReferences: [] }),
      job({}, { namespace: 'elsewhere' }),
      job({}, { labels: { ...labels, 'qudemo.dev/video-uid': 'uid-2' } }),
    ];
    const { observation } = gathered(known(demo(), { jobs: [...strangers, job()] }));
    assert.equal(observation.jobs.length, 1);
    const purge = job(
      {},
      { labels: { ...labels, 'app.kubernetes.io/component': 'purge' }, ownerReferences: [] },
    );
    assert.equal(gathered(known(demo(), { jobs: [purge] })).observation.purgeJobs.length, 1);
  });

  it('has no obstacle but where something has to be put right', () => {
    assert.equal(gathered(known(demo())).observation.obstacle, undefined);
    const bare = demo({ spec: { url: URL } });
    assert.equal(gathered(known(bare)).observation.obstacle?.reason, 'CredentialsMissing');
    const settings = jobSettings({ credentialsSecret: 'all' });
    assert.equal(gathered(known(bare, { settings })).observation.obstacle, undefined);
  });

  it('leaves a finished video alone whose spec can be read no more, and lets it be deleted', () => {
    const ledger = { run: 1, resultHash: 'r', specHash: 's', stored: true };
    const status = { phase: 'Ready', ledger };
    const broken = demo({ spec: { url: 'gone', credentialsSecretRef: { name: 'c' } }, status });
    const { observation } = gathered(known(broken));
    assert.equal(observation.obstacle?.reason, 'InvalidURL');
    assert.equal(decide(observation, NOW).status.phase, 'Ready');
    const deleted = {
      ...broken,
      metadata: { ...broken.metadata, deletionTimestamp: T, finalizers: ['qudemo.dev/purge'] },
    };
    const actions = decide(gathered(known(deleted)).observation, NOW).actions;
    assert.deepEqual(
      actions.map(({ kind }) => kind),
      ['create-purge-job'],
    );
  });

  it('never crashes, and always makes a sound status, whatever the object holds', () => {
    for (const spec of [undefined, null, 'x', [], {}, { url: 1 }, { url: URL, memory: { factor: 'x' } }]) {
      const object = demo({ spec });
      checkStatus(decide(gathered(known(object)).observation, NOW).status, 1);
    }
  });
});

describe('why a Job has no pod', () => {
  it("is the newest of the Job controller's words", async () => {
    const cluster = new FakeCluster();
    const event = (name: string, message: string, lastTimestamp: string, uid = 'job-uid') =>
      cluster.put('/api/v1/namespaces/default/events', {
        ...{ involvedObject: { uid }, reason: 'FailedCreate', message, lastTimestamp },
        metadata: { name },
      });
    event('a', 'Error creating: exceeded quota', '2026-11-24T12:00:00Z');
    event('b', 'Error creating: violates PodSecurity "restricted"', '2026-11-24T12:00:10Z');
    event('c', 'Error creating: of another', '2026-11-24T12:00:20Z', 'other');
    const found = await podRejection(
      cluster.client(),
      { namespace: 'default', uid: 'job-uid' },
      AbortSignal.timeout(1000),
    );
    assert.equal(found, 'violates PodSecurity "restricted"');
  });
});
