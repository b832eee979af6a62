import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decide } from '../../../controller/reconcile/decide.ts';
import type { Action, Decision } from '../../../controller/reconcile/decision.ts';
import type { Observation, ObservedJob } from '../../../controller/reconcile/observation.ts';
import { checkStatus } from './kstatus.ts';
import {
  ended,
  failedWith,
  held,
  initializing,
  job,
  later,
  NOW,
  observe,
  pod,
  running,
  terminated,
  video,
  withStatus,
} from './world.ts';

const MB = 1024 ** 2;

function decided(seen: Observation, now = NOW): Decision {
  const decision = decide(seen, now);
  checkStatus(decision.status, seen.video.generation);
  return decision;
}

const kinds = (actions: readonly Action[]): string[] => actions.map(({ kind }) => kind);
const ready = ({ status }: Decision) => status.conditions?.find(({ type }) => type === 'Ready');
const conditionsOf = ({ status }: Decision): Record<string, string> =>
  Object.fromEntries((status.conditions ?? []).map(({ type, status: value }) => [type, value]));

/** Carries a decision out as far as the status goes, and shows the core the given Job next. */
const next = (
  seen: Observation,
  decision: Decision,
  jobs: readonly ObservedJob[] = seen.jobs,
): Observation => ({
  ...withStatus(seen, decision.status),
  jobs,
});

/** A video whose first attempt has the given Job, its beginning already in the status. */
function attempted(theJob: ObservedJob, seen = observe()): Observation {
  return next(seen, decided(seen), [theJob]);
}

/** A video that has become Ready. */
function finishedVideo(seen = observe()): Observation {
  const done = attempted(
    job({
      state: 'complete',
      pod: pod({ fetch: ended('fetch'), transcribe: ended('transcribe'), index: ended('index') }),
    }),
    seen,
  );
  return next(done, decided(done));
}

/** A video whose only attempt failed for good. */
function failedVideo(seen = observe()): Observation {
  const broken = attempted(
    job({ state: 'failed', pod: pod({ fetch: failedWith('fetch', 'VideoPrivate') }) }),
    seen,
  );
  return next(broken, decided(broken), []);
}

describe('a new LoomVideo', () => {
  it('gets our finalizer and its first Job, with the memory of its spec', () => {
    const decision = decided(observe({ video: video({ finalizers: [] }) }));
    assert.deepEqual(kinds(decision.actions), ['add-finalizer', 'create-job']);
    const create = decision.actions[1];
    assert.ok(create?.kind === 'create-job');
    assert.deepEqual(
      { name: create.name, run: create.run, attempt: create.attempt, memoryBytes: create.memoryBytes },
      { name: 'job-1-1', run: 1, attempt: 1, memoryBytes: 400 * MB },
    );
    assert.equal(decision.status.attempts, 1);
    assert.equal(decision.status.job?.name, 'job-1-1');
    assert.equal(decision.status.startedAt, NOW.toISOString());
  });

  it('waits where the caps say so, with how many go first', () => {
    const decision = decided(observe({ admission: { kind: 'queued', ahead: 3, cap: 'at most 5 at once' } }));
    assert.deepEqual(kinds(decision.actions), []);
    assert.equal(decision.status.phase, 'Queued');
    assert.match(ready(decision)?.message ?? '', /3 older videos go first \(at most 5 at once\)/);
  });

  it("is Kueue's to admit when it carries a queue's name, whatever our caps say", () => {
    const labels = { 'kueue.x-k8s.io/queue-name': 'team-a' };
    const decision = decided(
      observe({ video: video({ labels }), admission: { kind: 'queued', ahead: 9, cap: '' } }),
    );
    const create = decision.actions[0];
    assert.ok(create?.kind === 'create-job');
    assert.equal(create.queueName, 'team-a');
    const suspended = decided(attempted(job({ suspended: true }), observe({ video: video({ labels }) })));
    assert.equal(suspended.status.phase, 'Queued');
  });

  it('does not begin while it is suspended, and begins when it is resumed', () => {
    const seen = observe({ video: video({}, { suspend: true }) });
    const decision = decided(seen);
    assert.equal(decision.status.phase, 'Suspended');
    assert.deepEqual(kinds(decision.actions), []);
    const resumed = decided({ ...seen, video: video({ status: decision.status, generation: 2 }) });
    assert.deepEqual(kinds(resumed.actions), ['create-job']);
  });

  it('decides the same twice', () => {
    const seen = observe();
    assert.deepEqual(decide(seen, NOW), decide(seen, NOW));
  });

  it('says what a user has to put right first, and begins when that is done', () => {
    const seen = observe({
      obstacle: { reason: 'CredentialsMissing', message: 'Set spec.credentialsSecretRef.' },
    });
    const decision = decided(seen);
    assert.deepEqual(kinds(decision.actions), []);
    assert.equal(decision.status.phase, 'Pending');
    assert.equal(decision.status.attempts, 0);
    assert.equal(ready(decision)?.reason, 'CredentialsMissing');
    assert.equal(conditionsOf(decision)['Stalled'], 'True');
    assert.equal(decision.notices[0]?.type, 'Warning');
    const begun = decided({ ...next(seen, decision), obstacle: undefined });
    assert.deepEqual(kinds(begun.actions), ['create-job']);
    assert.equal(conditionsOf(begun)['Stalled'], undefined);
  });

  it('says why the apiserver refuses its Job, and asks again', () => {
    const decision = decided(observe({ jobRejection: 'exceeded quota: jobs, used: 5, limited: 5' }));
    assert.equal(ready(decision)?.reason, 'JobRejected');
    assert.match(ready(decision)?.message ?? '', /exceeded quota/);
    assert.deepEqual(kinds(decision.actions), ['create-job']);
  });
});

describe('an attempt under way', () => {
  for (const [what, theJob, reason, phase, stage] of [
    ['no pod yet', job(), 'Starting', 'Pending', undefined],
    [
      'a pod that is refused',
      job({ podRejection: 'violates PodSecurity "restricted"' }),
      'JobRejected',
      'Pending',
      undefined,
    ],
    [
      'no node for it',
      job({ pod: pod({}, { unschedulable: '0/3 nodes are available' }) }),
      'Unschedulable',
      'Pending',
      undefined,
    ],
    [
      'an image that cannot be pulled',
      job({ pod: pod({ fetch: held('ImagePullBackOff', 'Back-off pulling image') }) }),
      'ImagePullFailed',
      'Pending',
      undefined,
    ],
    [
      'a Secret that is missing',
      job({
        pod: pod({ fetch: held('CreateContainerConfigError', 'secret "loomvideo-credentials" not found') }),
      }),
      'CredentialsMissing',
      'Pending',
      undefined,
    ],
    [
      'a container that cannot be made',
      job({ pod: pod({ fetch: held('CreateContainerError', 'no such device') }) }),
      'ContainerStartFailed',
      'Pending',
      undefined,
    ],
    [
      'fetch prepared',
      job({ pod: pod({ fetch: initializing, transcribe: initializing }) }),
      'Starting',
      'Pending',
      undefined,
    ],
    [
      'fetch at work',
      job({ pod: pod({ fetch: running, transcribe: initializing }) }),
      'Running',
      'Running',
      'fetch',
    ],
    [
      'transcribe next',
      job({ pod: pod({ fetch: ended('fetch'), transcribe: initializing, index: initializing }) }),
      'Running',
      'Running',
      'transcribe',
    ],
    [
      'index at work',
      job({ pod: pod({ fetch: ended('fetch'), transcribe: ended('transcribe'), index: running }) }),
      'Running',
      'Running',
      'index',
    ],
    [
      'all done but the Job itself',
      job({ pod: pod({ fetch: ended('fetch'), transcribe: ended('transcribe'), index: ended('index') }) }),
      'Running',
      'Running',
      'index',
    ],
  ] as const)
    it(`shows ${what}`, () => {
      const decision = decided(attempted(theJob));
      assert.equal(ready(decision)?.reason, reason);
      assert.equal(decision.status.phase, phase);
      assert.equal(decision.status.stage, stage);
      assert.deepEqual(kinds(decision.actions), []);
      assert.equal(decision.status.attempts, 1);
    });

  it('tells each step as it is done, with what is known of the video', () => {
    const decision = decided(attempted(job({ pod: pod({ fetch: ended('fetch'), transcribe: running }) })));
    const { Downloaded, Validated, Transcribed, Embedded } = conditionsOf(decision);
    assert.deepEqual(
      { Downloaded, Validated, Transcribed, Embedded },
      { Downloaded: 'True', Validated: 'True', Transcribed: 'Unknown', Embedded: 'Unknown' },
    );
    assert.equal(decision.status.video?.title, 'A demo');
  });

  it('is stopped when the video is suspended, uncharged, and begins again as the same attempt', () => {
    const seen = attempted(job({ pod: pod({ fetch: running }) }));
    const suspending = { ...seen, video: video({ status: decided(seen).status }, { suspend: true }) };
    const decision = decided(suspending);
    assert.deepEqual(kinds(decision.actions), ['delete-job']);
    assert.equal(decision.status.attempts, 0);
    const resumedAtOnce = {
      ...observe(),
      video: video({ status: decision.status }),
      jobs: [job({ deleting: true })],
    };
    const waiting = decided(resumedAtOnce);
    assert.equal(ready(waiting)?.reason, 'Stopping');
    assert.deepEqual(kinds(waiting.actions), []);
    const resumed = decided(next(resumedAtOnce, waiting, []));
    assert.deepEqual(
      resumed.actions.map((action) => 'name' in action && action.name),
      ['job-1-1'],
    );
    assert.equal(resumed.status.ledger?.infrastructureFailures, 0);
  });

  it('is replaced when the spec changes: the old one is stopped first', () => {
    const seen = attempted(job({ pod: pod({ fetch: running }) }));
    const changed = { ...seen, specHash: 'spec-2', resultHash: 'result-2' };
    const decision = decided(changed);
    assert.deepEqual(kinds(decision.actions), ['delete-job']);
    assert.equal(decision.status.ledger?.run, 2);
    const gone = decided(next(changed, decision, []));
    assert.deepEqual(
      gone.actions.map((action) => 'name' in action && action.name),
      ['job-2-1'],
    );
  });

  it('counts as lost when its Job was seen and is gone, and goes on with another attempt', () => {
    const seen = attempted(job({ pod: pod({ fetch: running }) }));
    const gone = next(seen, decided(seen), []);
    const decision = decided(gone);
    assert.equal(decision.status.lastError?.reason, 'JobDeleted');
    assert.equal(decision.status.ledger?.infrastructureFailures, 1);
    assert.equal(decision.status.ledger.transientFailures, 0);
    const again = decided(next(gone, decision), later(3600));
    assert.deepEqual(
      again.actions.map((action) => 'name' in action && action.name),
      ['job-1-2'],
    );
  });

  it('is made again under the same name when the Job never came to be', () => {
    const seen = observe();
    const decision = decided(next(seen, decided(seen), []));
    assert.deepEqual(
      decision.actions.map((action) => 'name' in action && action.name),
      ['job-1-1'],
    );
    assert.equal(decision.status.attempts, 1);
  });
});

describe('an attempt that succeeded', () => {
  it('makes the video Ready, all conditions True, and lets the Job go', () => {
    const seen = attempted(
      job({
        state: 'complete',
        pod: pod({ fetch: ended('fetch'), transcribe: ended('transcribe'), index: ended('index') }),
      }),
    );
    const decision = decided(seen);
    assert.equal(decision.status.phase, 'Ready');
    assert.deepEqual(
      conditionsOf(decision),
      Object.fromEntries(
        ['Downloaded', 'Validated', 'Transcribed', 'Embedded', 'CleanedUp', 'MemoryStable', 'Ready'].map(
          (type) => [type, 'True'],
        ),
      ),
    );
    assert.deepEqual(kinds(decision.actions), ['release-job']);
    assert.equal(decision.status.memory?.peakMb, 200);
    assert.equal(decision.status.timings?.totalSeconds, 30);
  });

  it('counts though its pod is gone', () => {
    const decision = decided(attempted(job({ state: 'complete' })));
    assert.equal(decision.status.phase, 'Ready');
    assert.ok(Object.values(conditionsOf(decision)).every((status) => status === 'True'));
  });

  it('counts though the controller was away from the first moment to the last', () => {
    const decision = decided(observe({ jobs: [job({ state: 'complete', hasTtl: false })] }));
    assert.equal(decision.status.phase, 'Ready');
    assert.equal(decision.status.attempts, 1);
    assert.deepEqual(kinds(decision.actions), ['release-job']);
  });

  it('stays Ready when its Job is gone', () => {
    const seen = finishedVideo();
    const decision = decided(next(seen, { ...decided(seen) }, []));
    assert.equal(decision.status.phase, 'Ready');
    assert.deepEqual(kinds(decision.actions), []);
  });

  for (const [what, spec] of [
    ['suspend', { suspend: true }],
    ['maxAttempts', { maxAttempts: 9 }],
    ['deletionPolicy', { deletionPolicy: 'Retain' as const }],
  ] as const)
    it(`does not run again for another ${what}`, () => {
      const seen = finishedVideo();
      const decision = decided({ ...seen, video: video({ status: seen.video.status, generation: 2 }, spec) });
      assert.equal(decision.status.phase, 'Ready');
      assert.deepEqual(
        kinds(decision.actions).filter((kind) => kind === 'create-job'),
        [],
      );
    });

  it('does not run again for another timeout or memory, but does for another model', () => {
    const seen = finishedVideo();
    assert.deepEqual(
      kinds(decided({ ...seen, specHash: 'spec-2' }).actions).filter((kind) => kind === 'create-job'),
      [],
    );
    assert.deepEqual(
      kinds(decided({ ...seen, specHash: 'spec-2', resultHash: 'result-2', jobs: [] }).actions),
      ['create-job'],
    );
  });

  it('does not run again by the retry annotation', () => {
    const seen = finishedVideo();
    const decision = decided({
      ...seen,
      video: { ...seen.video, annotations: { 'qudemo.dev/retry': 'now' } },
    });
    assert.equal(decision.status.phase, 'Ready');
  });
});

describe('an attempt that failed', () => {
  for (const [what, broken, reason, attempts] of [
    ['a private video', { fetch: failedWith('fetch', 'VideoPrivate') }, 'VideoPrivate', 1],
    ['no sound', { fetch: failedWith('fetch', 'NoAudioTrack') }, 'NoAudioTrack', 1],
    [
      'a rejected key',
      {
        fetch: ended('fetch'),
        transcribe: ended('transcribe'),
        index: failedWith('index', 'CredentialsRejected'),
      },
      'CredentialsRejected',
      1,
    ],
    ['exit code 10 without a report', { fetch: terminated(10) }, 'StageFailed', 1],
  ] as const)
    it(`is final after ${what}`, () => {
      const seen = attempted(job({ state: 'failed', pod: pod(broken) }));
      const decision = decided(seen);
      assert.equal(decision.status.phase, 'Failed');
      assert.equal(ready(decision)?.reason, reason);
      assert.equal(decision.status.attempts, attempts);
      assert.deepEqual(kinds(decision.actions), ['release-job']);
      const after = decided(next(seen, decision, []), later(100_000));
      assert.deepEqual(kinds(after.actions), []);
    });

  it('is tried again after a passing failure, when its time has come, and gives up after maxAttempts', () => {
    let seen = observe();
    let now = NOW;
    const starts: number[] = [];
    for (let attempt = 1; attempt <= 3; attempt++) {
      const begun = decided(seen, now);
      assert.deepEqual(
        begun.actions.map((action) => 'name' in action && action.name),
        [`job-1-${attempt}`],
      );
      starts.push(now.getTime());
      seen = next(seen, begun, [
        job({ attempt, state: 'failed', pod: pod({ fetch: failedWith('fetch', 'LoomUnavailable') }) }),
      ]);
      const failed = decided(seen, now);
      assert.equal(failed.status.attempts, attempt);
      assert.equal(failed.status.phase, attempt === 3 ? 'Failed' : 'Retrying');
      seen = next(seen, failed, []);
      if (attempt === 3) break;
      const early = decided(seen, new Date(now.getTime() + 1000));
      assert.deepEqual(kinds(early.actions), []);
      assert.ok((early.requeueAfterSeconds ?? 0) > 0);
      now = new Date(now.getTime() + (failed.requeueAfterSeconds ?? 0) * 1000);
    }
    assert.deepEqual(kinds(decided(seen, later(1e6)).actions), []);
    const [first = 0, second = 0, third = 0] = starts;
    assert.ok(third - second > second - first, 'waits longer each time');
  });

  it('waits as long as the service asked', () => {
    const seen = attempted(
      job({ state: 'failed', pod: pod({ fetch: failedWith('fetch', 'RateLimited', 77) }) }),
    );
    assert.equal(decided(seen).requeueAfterSeconds, 77);
  });

  for (const [what, broken, reason] of [
    [
      'the guard',
      { fetch: ended('fetch'), transcribe: failedWith('transcribe', 'MemoryLimitExceeded') },
      'MemoryLimitExceeded',
    ],
    [
      'the kernel',
      { fetch: ended('fetch'), transcribe: terminated(137, { reason: 'OOMKilled' }) },
      'TranscribeOOMKilled',
    ],
    [
      'exit code 30 without a report',
      { fetch: ended('fetch'), transcribe: terminated(30) },
      'MemoryLimitExceeded',
    ],
  ] as const)
    it(`gets more memory at once after ${what} ended it, keeps it, and stops at the maximum`, () => {
      let seen = observe();
      const given: number[] = [];
      for (let attempt = 1; attempt <= 3; attempt++) {
        const begun = decided(seen);
        const create = begun.actions.find((action) => action.kind === 'create-job');
        assert.ok(create);
        given.push(create.memoryBytes / MB);
        seen = next(seen, begun, [job({ attempt, state: 'failed', pod: pod(broken) })]);
        const failed = decided(seen);
        assert.equal(failed.status.lastError?.reason, reason);
        assert.equal(conditionsOf(failed)['MemoryStable'], 'False');
        seen = next(seen, failed, []);
      }
      assert.deepEqual(given, [400, 600, 800]);
      assert.equal(seen.video.status.phase, 'Failed');
    });

  it('keeps the raised memory for an attempt after a failure of another kind', () => {
    let seen = observe();
    for (const [attempt, broken] of [
      [1, { fetch: terminated(137, { reason: 'OOMKilled' }) }],
      [2, { fetch: failedWith('fetch', 'LoomUnavailable') }],
    ] as const) {
      seen = next(seen, decided(seen, later(attempt * 1000)), [
        job({ attempt, state: 'failed', pod: pod(broken) }),
      ]);
      seen = next(seen, decided(seen, later(attempt * 1000)), []);
    }
    const create = decided(seen, later(10_000)).actions.find((action) => action.kind === 'create-job');
    assert.equal(create?.memoryBytes, 600 * MB);
  });

  for (const [what, theJob, reason] of [
    [
      'an eviction',
      job({ state: 'failed', pod: pod({ fetch: terminated(143) }, { disrupted: 'Preempted by a pod' }) }),
      'Disrupted',
    ],
    ['a kill from outside', job({ state: 'failed', pod: pod({ fetch: terminated(137) }) }), 'PodKilled'],
    ['a lost pod', job({ state: 'failed', failureReason: 'BackoffLimitExceeded' }), 'PodLost'],
  ] as const)
    it(`is charged to no budget but its own after ${what}`, () => {
      const decision = decided(attempted(theJob));
      assert.equal(decision.status.phase, 'Retrying');
      assert.equal(ready(decision)?.reason, reason);
      assert.equal(decision.status.ledger?.infrastructureFailures, 1);
      assert.equal(decision.status.ledger.transientFailures, 0);
    });

  it('is charged to no budget at all when its pod never started: nobody made the Secret yet', () => {
    let seen = observe();
    for (let attempt = 1; attempt <= 20; attempt++) {
      const now = later(attempt * 10_000);
      seen = next(seen, decided(seen, now), [
        job({ attempt, state: 'failed', failureReason: 'DeadlineExceeded' }),
      ]);
      const decision = decided(seen, now);
      assert.equal(ready(decision)?.reason, 'NotStarted');
      assert.equal(decision.status.phase, 'Retrying');
      assert.equal(decision.requeueAfterSeconds, 5);
      seen = next(seen, decision, []);
    }
    assert.equal(seen.video.status.ledger?.infrastructureFailures, 0);
  });

  it('is given up when the cluster loses it again and again', () => {
    let seen = observe();
    for (let attempt = 1; attempt <= 10; attempt++) {
      const now = later(attempt * 10_000);
      seen = next(seen, decided(seen, now), [
        job({ attempt, state: 'failed', pod: pod({ fetch: terminated(137) }) }),
      ]);
      seen = next(seen, decided(seen, now), []);
    }
    assert.equal(seen.video.status.phase, 'Failed');
  });

  it('counts as overdue when it had started, as not started when it had not', () => {
    const started = attempted(job({ pod: pod({ fetch: running }) }));
    const seen = next(started, decided(started), [
      job({ state: 'failed', failureReason: 'DeadlineExceeded' }),
    ]);
    assert.equal(decided(seen).status.lastError?.reason, 'DeadlineExceeded');
  });

  it('survives a report that is about another stage or says the contrary of the exit code', () => {
    for (const broken of [
      { fetch: terminated(20, { report: failedReportOf('index') }) },
      { fetch: terminated(20, { report: succeeded('fetch') }) },
    ]) {
      const decision = decided(attempted(job({ state: 'failed', pod: pod(broken) })));
      assert.equal(decision.status.lastError?.reason, 'StageFailed');
      assert.equal(decision.status.phase, 'Retrying');
    }
  });

  for (const [what, change] of [
    ['by the annotation', { annotations: { 'qudemo.dev/retry': 'please' } }],
  ] as const)
    it(`starts afresh ${what}, once`, () => {
      const seen = failedVideo();
      const asked = { ...seen, video: { ...seen.video, ...change } };
      const decision = decided(asked);
      assert.deepEqual(
        decision.actions.map((action) => 'name' in action && action.name),
        ['job-2-1'],
      );
      assert.equal(decision.status.attempts, 1);
      assert.equal(decision.status.lastError, undefined);
      const failedAgain = next(asked, decision, [
        job({ run: 2, state: 'failed', pod: pod({ fetch: failedWith('fetch', 'VideoPrivate') }) }),
      ]);
      const after = decided(next(failedAgain, decided(failedAgain), []));
      assert.deepEqual(kinds(after.actions), []);
    });

  it('does not wait for a time that a wrong clock set', () => {
    const broken = attempted(
      job({ state: 'failed', pod: pod({ fetch: failedWith('fetch', 'LoomUnavailable') }) }),
    );
    const retrying = next(broken, decided(broken, later(3 * 86_400)), []);
    assert.equal(decided(retrying, later(3 * 86_400)).status.phase, 'Retrying');
    assert.deepEqual(kinds(decided(retrying).actions), ['create-job']);
  });

  it('starts afresh when what it depends on is changed, but not for another maxAttempts', () => {
    const seen = failedVideo();
    assert.deepEqual(kinds(decided({ ...seen, specHash: 'spec-2' }).actions), ['create-job']);
    const more = { ...seen, video: video({ status: seen.video.status, generation: 2 }, { maxAttempts: 9 }) };
    assert.deepEqual(kinds(decided(more).actions), []);
  });
});

describe('a LoomVideo that is being deleted', () => {
  const deleted = (seen: Observation, changes: Partial<Observation['video']> = {}): Observation => ({
    ...seen,
    video: { ...seen.video, deletedAt: NOW, ...changes },
  });
  const removed = ['remove-finalizer'];

  for (const [what, change] of [
    ['deleted', { video: { ...video(), deletedAt: NOW } }],
    ['suspended', { video: video({}, { suspend: true }) }],
    ['asked for something else', { specHash: 'spec-2', resultHash: 'result-2' }],
  ] as const)
    it(`is purged where it was ${what} between its Job and the status that tells of it`, () => {
      const posted = observe({ ...change, jobs: [job()] });
      const told = decided(posted);
      assert.equal(told.status.ledger?.stored, true);
      assert.deepEqual(kinds(told.actions), [], 'the Job is ended once that is written');
      const stopping = decided(next(posted, told));
      assert.deepEqual(kinds(stopping.actions), ['delete-job']);
      const stopped = deleted(next(posted, stopping, []));
      assert.deepEqual(kinds(decided(stopped).actions), ['create-purge-job']);
    });

  it('goes on with its purge whatever is changed in its spec', () => {
    const failedPurge = job({ name: 'purge-1', state: 'failed', pod: pod({ purge: terminated(20) }) });
    const seen = deleted(finishedVideo());
    const told = decided({ ...next(seen, decided(seen)), purgeJobs: [failedPurge] });
    assert.equal(told.status.ledger?.purgeAttempts, 1);
    const edited = { ...next(seen, told), specHash: 'spec-2', resultHash: 'result-2' };
    const again = decide(edited, later(60));
    assert.deepEqual(
      again.actions.map((action) => 'name' in action && action.name),
      ['purge-2'],
    );
  });

  it('is purged, and goes when the purge is done', () => {
    const seen = deleted(finishedVideo());
    const decision = decided(seen);
    assert.deepEqual(
      decision.actions.map((action) => 'name' in action && action.name),
      ['purge-1'],
    );
    assert.equal(decision.status.phase, 'Deleting');
    const under = {
      ...next(seen, decision),
      purgeJobs: [job({ name: 'purge-1', pod: pod({ purge: running }) })],
    };
    assert.deepEqual(kinds(decided(under).actions), []);
    const done = { ...under, purgeJobs: [job({ name: 'purge-1', state: 'complete' })] };
    assert.deepEqual(kinds(decide(done, NOW).actions), removed);
  });

  it('has its running attempt stopped first', () => {
    const seen = deleted(attempted(job({ pod: pod({ fetch: running }) })));
    const decision = decided(seen);
    assert.deepEqual(kinds(decision.actions), ['delete-job']);
    const stopping = decided(next(seen, decision, [job({ deleting: true })]));
    assert.deepEqual(kinds(stopping.actions), []);
    assert.deepEqual(kinds(decided(next(seen, stopping, [])).actions), ['create-purge-job']);
  });

  it('goes at once when nothing was ever begun', () =>
    assert.deepEqual(kinds(decide(deleted(observe()), NOW).actions), removed));

  it('goes at once in a terminating namespace, and by force, whatever runs', () => {
    const seen = deleted(attempted(job({ pod: pod({ fetch: running }) })));
    assert.deepEqual(kinds(decide({ ...seen, namespaceTerminating: true }, NOW).actions), removed);
    const forced = deleted(seen, { annotations: { 'qudemo.dev/force-delete': 'true' } });
    assert.deepEqual(kinds(decide(forced, NOW).actions), removed);
  });

  it('keeps what is stored when the policy says so', () => {
    const seen = finishedVideo(observe({ video: video({}, { deletionPolicy: 'Retain' }) }));
    assert.deepEqual(kinds(decide(deleted(seen), NOW).actions), removed);
  });

  it('says what a user has to put right before a purge can be made', () => {
    const seen = deleted({
      ...finishedVideo(),
      obstacle: { reason: 'CredentialsMissing', message: 'Set spec.credentialsSecretRef.' },
    });
    const decision = decided(seen);
    assert.deepEqual(kinds(decision.actions), []);
    assert.equal(ready(decision)?.reason, 'CredentialsMissing');
    const forced = deleted(seen, { annotations: { 'qudemo.dev/force-delete': 'true' } });
    assert.deepEqual(kinds(decide(forced, NOW).actions), removed);
  });

  it('tries the purge again for as long as it takes, and asks for help after an hour', () => {
    let seen = deleted(finishedVideo());
    seen = next(seen, decided(seen));
    const failing = (attempt: number): ObservedJob =>
      job({
        name: `purge-${attempt}`,
        attempt,
        state: 'failed',
        pod: pod({ purge: failedWith('purge', 'StoreUnavailable') }),
      });
    const first = decided({ ...seen, purgeJobs: [failing(1)] });
    assert.ok((first.requeueAfterSeconds ?? 0) > 0);
    assert.equal(ready(first)?.reason, 'StoreUnavailable');
    const waiting = decided({ ...withStatus(seen, first.status), purgeJobs: [failing(1)] });
    assert.deepEqual(kinds(waiting.actions), []);
    const again = decided({ ...withStatus(seen, first.status), purgeJobs: [failing(1)] }, later(600));
    assert.deepEqual(
      again.actions.map((action) => 'name' in action && action.name),
      ['purge-2'],
    );
    const late = decided(
      { ...withStatus(seen, again.status), purgeJobs: [failing(1), failing(2)] },
      later(4000),
    );
    assert.equal(conditionsOf(late)['Stalled'], 'True');
    assert.match(ready(late)?.message ?? '', /qudemo\.dev\/force-delete/);
  });

  it('is left alone once our finalizer is gone', () =>
    assert.deepEqual(
      kinds(decide(deleted(finishedVideo(), { finalizers: ['other/finalizer'] }), NOW).actions),
      [],
    ));
});

describe('notices', () => {
  it('tell each change once', () => {
    const seen = observe();
    const first = decided(seen);
    assert.deepEqual(
      first.notices.map(({ reason, type }) => [reason, type]),
      [['Starting', 'Normal']],
    );
    const same = next(seen, first, [job()]);
    assert.deepEqual(decided(next(same, decided(same))).notices, []);
    const failed = decided(
      attempted(job({ state: 'failed', pod: pod({ fetch: failedWith('fetch', 'VideoPrivate') }) })),
    );
    assert.deepEqual(
      failed.notices.map(({ reason, type }) => [reason, type]),
      [['VideoPrivate', 'Warning']],
    );
  });
});

function failedReportOf(stage: 'index') {
  const state = failedWith(stage, 'StoreUnavailable');
  return state.kind === 'terminated' ? state.report : undefined;
}

function succeeded(stage: 'fetch') {
  const state = ended(stage);
  return state.kind === 'terminated' ? state.report : undefined;
}
