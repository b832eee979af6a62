import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { SPEC_CASES } from '../../support/specCorpus.ts';
import { apiWorld, VIDEOS } from './apiWorld.ts';
import { manifest } from './resourceWorld.ts';

describe('the spec, as the API judges it', () => {
  const { call } = apiWorld({ after });
  for (const { what, spec, faults } of SPEC_CASES)
    it(`${faults.length === 0 ? 'takes' : 'refuses'} ${what.slice(0, 120)}`, async () => {
      const { code, body } = await call('POST', `${VIDEOS}?dryRun=All`, { body: { ...manifest('x'), spec } });
      if (faults.length === 0) {
        assert.equal(code, 201, body.message);
        return;
      }
      assert.equal(code, 422);
      assert.equal(body.reason, 'Invalid');
      const fields = body.details.causes.map(({ field }) => field);
      for (const fault of faults)
        assert.ok(
          fields.some((field) => field === fault || fault.startsWith(`${field}.`)),
          `${fault}: ${body.message}`,
        );
      for (const field of fields)
        assert.ok(
          field === '<nil>' || faults.some((fault) => fault === field || fault.startsWith(`${field}.`)),
          `${field}: ${body.message}`,
        );
    });
});
