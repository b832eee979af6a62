import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { retryAfterSeconds } from '../../jobrunner/adapters/service/retryAfter.ts';

const now = new Date('2026-03-01T12:00:00Z');

describe('retryAfterSeconds', () => {
  for (const [headers, seconds] of [
    [{}, undefined],
    [{ 'retry-after': '5' }, 5],
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after': ' 5 ' }, 5],
    [{ 'retry-after': '1.5' }, 1.5],
    [{ 'retry-after': '86400' }, 86_400],
    [{ 'retry-after-ms': '250' }, 0.25],
    [{ 'retry-after-ms': '250', 'retry-after': '5' }, 0.25],
    [{ 'retry-after-ms': 'soon', 'retry-after': '5' }, 5],
    [{ 'retry-after': 'Sun, 01 Mar 2026 12:00:30 GMT' }, 30],
    // The two old forms of a date that RFC 9110, 5.6.7 has recipients accept.
    [{ 'retry-after': 'Sunday, 01-Mar-26 12:00:30 GMT' }, 30],
    [{ 'retry-after': 'Sun Mar  1 12:00:30 2026 GMT' }, 30],
    [{ 'retry-after': 'Sun, 01 Mar 2026 11:00:00 GMT' }, 0],
    [{ 'retry-after': '' }, undefined],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after': '-5' }, undefined],
    [{ 'retry-after': 'later 2030' }, undefined],
    [{ 'retry-after': '1e9' }, undefined],
    [{ 'retry-after': '99999999999999999999' }, undefined],
    [{ 'retry-after': 'NaN' }, undefined],
  ] as const)
    it(`${JSON.stringify(headers)}: ${seconds}`, () =>
      assert.equal(retryAfterSeconds(new Headers(headers), now), seconds));
});
