import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseSpec } from '../../jobrunner/contract/spec.ts';
import { StageError } from '../../jobrunner/contract/stageError.ts';
import { SPEC_CASES } from '../support/specCorpus.ts';

describe('the spec, as Ajv judges it', () => {
  for (const { what, spec, faults } of SPEC_CASES)
    it(`${faults.length === 0 ? 'takes' : 'refuses'} ${what.slice(0, 120)}`, () => {
      if (faults.length === 0) {
        parseSpec(spec);
        return;
      }
      assert.throws(
        () => parseSpec(spec),
        (error) => {
          assert.ok(error instanceof StageError);
          const named = error.message.match(/spec(\.\w+)*/g) ?? [];
          for (const fault of faults)
            assert.ok(
              named.some((path) => path === fault || fault.startsWith(`${path}.`)),
              error.message,
            );
          return true;
        },
      );
    });
});
