import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pacedMs } from '../../../controller/kubernetes/runtime/pace.ts';
import { decide } from '../../../controller/reconcile/decide.ts';
import type { ObservedJob } from '../../../controller/reconcile/observation.ts';
import {
  ended,
  initializing,
  job,
  NOW,
  observe,
  pod,
  running,
  terminated,
  video,
} from '../reconcile/world.ts';

/** What is decided of a video whose Job stands so, when its status says that the Job stood otherwise. */
function following(before: Partial<ObservedJob>, after: Partial<ObservedJob>, spec = {}) {
  const { status } = decide(observe({ jobs: [job(before)] }), NOW);
  const seen = observe({ video: video({ status }, spec), jobs: [job(after)] });
  return { before: status, decision: decide(seen, NOW) };
}

const starting = { pod: pod({ fetch: initializing }) };
const fetching = { pod: pod({ fetch: running }) };
const transcribing = { pod: pod({ fetch: ended('fetch'), transcribe: running }) };

describe('a status that only follows its Job', () => {
  for (const [what, before, after] of [
    ['a pod that comes', {}, starting],
    ['a first stage', starting, fetching],
    ['a next stage', fetching, transcribing],
  ] as const)
    it(`waits after another was written: ${what}`, () => {
      const { before: status, decision } = following(before, after);
      assert.equal(pacedMs(status, decision, 500), 1500);
      assert.equal(pacedMs(status, decision, 2000), 0);
    });

  it('does not wait where none was written lately, or the clock was set back', () => {
    const { before, decision } = following(fetching, transcribing);
    assert.equal(pacedMs(before, decision, undefined), 0);
    assert.equal(pacedMs(before, decision, -1), 0);
  });
});

describe('a Job that may go', () => {
  const done = { state: 'complete', pod: pod({ index: ended('index') }) } as const;

  it('is let go a while after its outcome was written', () => {
    const { before, decision } = following(done, done);
    assert.deepEqual(
      decision.actions.map(({ kind }) => kind),
      ['release-job'],
    );
    assert.equal(pacedMs(before, decision, 1000), 4000);
    assert.equal(pacedMs(before, decision, 5000), 0);
    assert.equal(pacedMs(before, decision, undefined), 0);
  });

  it('does not hold back the outcome', () => {
    const { before, decision } = following(fetching, done);
    assert.equal(pacedMs(before, decision, 10), 0);
  });
});

describe('what never waits', () => {
  for (const [what, after] of [
    ['success', { state: 'complete', hasTtl: true, pod: pod({ index: ended('index') }) }],
    ['failure', { state: 'failed', hasTtl: true, pod: pod({ fetch: terminated(20) }) }],
    ['a queue', { suspended: true }],
  ] as const)
    it(what, () => {
      const { before, decision } = following(fetching, after);
      assert.equal(pacedMs(before, decision, 10), 0);
    });

  it('the first word about a Job', () => {
    const decision = decide(observe({ jobs: [job(fetching)] }), NOW);
    assert.equal(pacedMs({}, decision, 10), 0);
  });

  it('what is to be done', () => {
    const { before, decision } = following(fetching, transcribing);
    const actions = [{ kind: 'delete-job', name: 'other', uid: 'uid' }] as const;
    assert.equal(pacedMs(before, { ...decision, actions }, 10), 0);
  });

  it('another generation', () => {
    const { before, decision } = following(fetching, transcribing);
    assert.equal(pacedMs({ ...before, observedGeneration: 0 }, decision, 10), 0);
  });

  it('nothing to say', () => {
    const { before, decision } = following(fetching, fetching);
    assert.equal(pacedMs(before, decision, 10), 0);
  });
});
