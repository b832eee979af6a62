import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { systemClock } from '../../../common/clock.ts';
import { Admissions } from '../../../controller/kubernetes/runtime/admissions.ts';
import type { Caps } from '../../../controller/reconcile/admission.ts';
import { until } from './world.ts';

const NONE = Number.POSITIVE_INFINITY;

function admissions(caps: Caps): { admissions: Admissions; decided: string[] } {
  const decided: string[] = [];
  return {
    decided,
    admissions: new Admissions({
      caps,
      clock: systemClock,
      onDecided: ({ uid }, kind) => decided.push(`${uid} ${kind}`),
    }),
  };
}

const candidate = (uid: string, wants: 'active' | 'waiting' | 'none') => ({
  ...{ uid, wants, namespace: 'default', name: uid },
  createdAt: new Date(`2026-11-24T12:00:0${uid.length}Z`),
});

describe('admissions', () => {
  it('without a cap need no counting: each may begin at once', () => {
    const { admissions: all, decided } = admissions({ total: NONE, perNamespace: NONE });
    all.update(candidate('a', 'waiting'));
    assert.deepEqual(all.of('a'), { kind: 'admitted' });
    all.update(candidate('a', 'active'));
    assert.equal(all.taken, 1);
    assert.deepEqual(decided, []);
  });

  for (const caps of [
    { total: 1, perNamespace: NONE },
    { total: NONE, perNamespace: 1 },
  ])
    it(`with a cap tell who may begin and who is to wait: ${JSON.stringify(caps)}`, async () => {
      const { admissions: all, decided } = admissions(caps);
      for (const uid of ['aa', 'a']) all.update(candidate(uid, 'waiting'));
      assert.equal(all.of('a'), undefined);
      await until('both are decided', () => decided.length === 2);
      assert.deepEqual(decided, ['a admitted', 'aa queued']);
      all.update(candidate('a', 'none'));
      await until('the other may begin', () => decided.length === 3);
      assert.equal(decided[2], 'aa admitted');
      all.stop();
    });
});
