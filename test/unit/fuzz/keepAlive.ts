import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Target } from '../../fuzz/property.ts';

/** The same in each run: what fails here failed because of a change. `npm run test:fuzz` looks further. */
const SEED = 20_261_124;

/** A short run of each property of a target, and what once broke it. */
export function keepAlive({ name, properties }: Target): void {
  describe(`whatever strangers send: ${name}`, () => {
    for (const { name: what, check, unitRuns } of properties)
      it(what, async () => {
        const { failure } = await check({ seed: SEED, runs: unitRuns });
        assert.equal(failure, undefined, failure);
      });
  });
}
