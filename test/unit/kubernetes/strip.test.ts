import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stripJob, stripPod, stripVideo } from '../../../controller/kubernetes/runtime/strip.ts';
import type { JobObject, LoomVideoObject, PodObject } from '../../../controller/kubernetes/objects.ts';

const identity = {
  name: 'demo',
  namespace: 'team-a',
  uid: 'uid-1',
  resourceVersion: '7',
  generation: 2,
  creationTimestamp: '2026-11-24T12:00:00Z',
};
const owner = { apiVersion: 'batch/v1', kind: 'Job', name: 'demo', uid: 'uid-2', controller: true };

describe('what is kept of a LoomVideo', () => {
  const spec = { url: 'https://www.loom.com/share/0123456789abcdef0123456789abcdef' };
  const status = { phase: 'Running' as const, attempts: 1 };

  it('is its spec and status, and of the rest what steers it', () => {
    const object = {
      ...{ apiVersion: 'qudemo.dev/v1alpha1', kind: 'LoomVideo', spec, status },
      metadata: {
        ...identity,
        deletionTimestamp: '2026-11-24T13:00:00Z',
        finalizers: ['others/one', 'qudemo.dev/purge'],
        labels: { 'kueue.x-k8s.io/queue-name': 'gpu', team: 'a' },
        annotations: {
          'qudemo.dev/retry': '1',
          'qudemo.dev/force-delete': 'true',
          'kubectl.kubernetes.io/last-applied-configuration': '{}',
        },
        ownerReferences: [owner],
      },
    } satisfies LoomVideoObject;
    assert.deepEqual(stripVideo(object), {
      spec,
      status,
      metadata: {
        ...identity,
        deletionTimestamp: '2026-11-24T13:00:00Z',
        finalizers: ['others/one', 'qudemo.dev/purge'],
        labels: { 'kueue.x-k8s.io/queue-name': 'gpu' },
        annotations: { 'qudemo.dev/retry': '1', 'qudemo.dev/force-delete': 'true' },
      },
    });
  });

  it('has no key without a value', () => {
    assert.deepEqual(stripVideo({ metadata: identity, spec }), { metadata: identity, spec });
  });
});

describe('what is kept of a Job', () => {
  it('is which attempt it is for, and how it ended', () => {
    const labels = {
      'app.kubernetes.io/component': 'process',
      'qudemo.dev/video-uid': 'uid-1',
      'qudemo.dev/run': '1',
      'qudemo.dev/spec-hash': 'abc',
      'qudemo.dev/attempt': '2',
    };
    const failed = { type: 'Failed', status: 'True', reason: 'DeadlineExceeded', message: 'late' };
    const job = {
      metadata: {
        ...identity,
        labels: { ...labels, 'batch.kubernetes.io/job-name': 'demo' },
        annotations: { 'qudemo.dev/video': 'demo', other: 'text' },
        ownerReferences: [owner, { ...owner, controller: false }],
      },
      spec: { suspend: false, ttlSecondsAfterFinished: 60, template: {} },
      status: {
        active: 0,
        conditions: [
          { type: 'FailureTarget', status: 'True' },
          { ...failed, lastTransitionTime: 'now', lastProbeTime: 'now' },
        ],
      },
    } as JobObject;
    assert.deepEqual(stripJob(job), {
      metadata: {
        ...{ ...identity, labels, annotations: { 'qudemo.dev/video': 'demo' } },
        ownerReferences: [owner],
      },
      spec: { suspend: false, ttlSecondsAfterFinished: 60 },
      status: { conditions: [failed] },
    });
  });
});

describe('what is kept of a pod', () => {
  it('is how its containers stand, and why it does not start', () => {
    const terminated = { exitCode: 137, reason: 'OOMKilled', startedAt: 'then', finishedAt: 'now' };
    const identified = { containerID: 'containerd://0123' };
    const unscheduled = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: 'full' };
    const pod = {
      metadata: { ...identity, labels: { many: 'labels' }, ownerReferences: [owner] },
      spec: { containers: [] },
      status: {
        ...{ phase: 'Failed', reason: 'Evicted', message: 'the node was low on memory', podIP: '10.0.0.1' },
        conditions: [
          { type: 'Ready', status: 'False' },
          { ...unscheduled, lastProbeTime: null },
        ],
        initContainerStatuses: [
          {
            ...{ name: 'fetch', image: 'i', imageID: 'i', restartCount: 0 },
            state: { waiting: { reason: 'CrashLoopBackOff', message: 'm' } },
            lastState: { terminated: { ...terminated, ...identified } },
          },
        ],
        containerStatuses: [
          { name: 'index', state: { running: { startedAt: 'then' } }, lastState: {} },
          { name: 'mesh', state: { terminated: { ...terminated, message: 'said', ...identified } } },
        ],
      },
    } as PodObject;
    assert.deepEqual(stripPod(pod), {
      metadata: { ...identity, ownerReferences: [owner] },
      status: {
        ...{ phase: 'Failed', reason: 'Evicted', message: 'the node was low on memory' },
        conditions: [unscheduled],
        initContainerStatuses: [
          {
            name: 'fetch',
            state: { waiting: { reason: 'CrashLoopBackOff', message: 'm' } },
            lastState: { terminated },
          },
        ],
        containerStatuses: [
          { name: 'index', state: { running: { startedAt: 'then' } } },
          { name: 'mesh', state: { terminated: { ...terminated, message: 'said' } } },
        ],
      },
    });
  });
});
