import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HttpFailure, type HttpFailureKind } from '../../jobrunner/adapters/service/httpFailure.ts';

const failure = (kind: HttpFailureKind, status = 0): HttpFailure =>
  new HttpFailure({ kind, status, retryAfterSeconds: undefined, body: undefined, detail: 'why' });

describe('HttpFailure.passing: whether time alone may heal it', () => {
  for (const [status, passing] of [
    [301, false],
    [304, false],
    [400, false],
    [401, false],
    [403, false],
    [404, false],
    [408, true],
    [409, false],
    [413, false],
    [422, false],
    [429, true],
    [500, true],
    [502, true],
    [503, true],
    [504, true],
    [520, true],
  ] as const)
    it(`status ${status}: ${passing}`, () => assert.equal(failure('status', status).passing, passing));

  for (const [kind, passing] of [
    ['timeout', true],
    ['network', true],
    ['malformed', true],
    ['too-large', false],
  ] as const)
    it(`${kind}: ${passing}`, () => assert.equal(failure(kind).passing, passing));

  it('says what its detail says', () => {
    const cause = new Error('below');
    const error = new HttpFailure(
      { kind: 'network', status: 0, retryAfterSeconds: undefined, body: undefined, detail: 'why' },
      cause,
    );
    assert.equal(error.message, 'why');
    assert.equal(error.cause, cause);
    assert.equal(failure('network').cause, undefined);
  });
});
