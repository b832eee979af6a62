import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  held,
  microTime,
  released,
  validForMs,
  type LeaseRecord,
} from '../../../controller/kubernetes/lease/leaseRecord.ts';

const now = new Date('2026-03-01T12:00:00.120Z');
const then = '2026-03-01T11:00:00.000000Z';
const record = (changed: Partial<LeaseRecord> = {}): LeaseRecord => ({
  holderIdentity: 'other',
  leaseDurationSeconds: 15,
  acquireTime: then,
  renewTime: then,
  leaseTransitions: 3,
  ...changed,
});

describe('the record of a lease', () => {
  it('has times of six fractional digits', () => assert.equal(microTime(now), '2026-03-01T12:00:00.120000Z'));

  for (const [what, before, after] of [
    ['begins with no transition', undefined, { acquireTime: microTime(now), leaseTransitions: 0 }],
    ['taken from another counts one', record(), { acquireTime: microTime(now), leaseTransitions: 4 }],
    [
      'taken after it was given back counts one',
      record({ holderIdentity: '' }),
      { acquireTime: microTime(now), leaseTransitions: 4 },
    ],
    [
      'renewed keeps its beginning',
      record({ holderIdentity: 'us' }),
      { acquireTime: then, leaseTransitions: 3 },
    ],
    [
      'without a beginning is given one',
      { holderIdentity: 'us' },
      { acquireTime: microTime(now), leaseTransitions: 0 },
    ],
  ] as const)
    it(what, () =>
      assert.deepEqual(held(before, 'us', 15, now), {
        holderIdentity: 'us',
        leaseDurationSeconds: 15,
        renewTime: microTime(now),
        ...after,
      }),
    );

  it('given back names nobody, and keeps the count', () =>
    assert.deepEqual(released(record({ holderIdentity: 'us' }), now), {
      holderIdentity: '',
      leaseDurationSeconds: 1,
      acquireTime: then,
      renewTime: microTime(now),
      leaseTransitions: 3,
    }));

  for (const [what, before, ms] of [
    ['that is not there', undefined, 0],
    ['that names nobody', record({ holderIdentity: '' }), 0],
    ['that names another', record({ leaseDurationSeconds: 30 }), 30_000],
    ['without a duration', { holderIdentity: 'other' }, 15_000],
    ['with a duration that makes no sense', record({ leaseDurationSeconds: -1 }), 15_000],
  ] as const)
    it(`${what} is to be respected for ${ms} ms`, () => assert.equal(validForMs(before, 15_000), ms));
});
