import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { readSpec } from '../../../controller/kubernetes/gather/readSpec.ts';
import { apiVersionOf, readCrd } from '../../../controller/render/resources/crd.ts';
import { DecodingError } from '../../../controller/render/resources/decodingError.ts';
import { ResourceFailure } from '../../../controller/render/resources/failure.ts';
import { prune } from '../../../controller/render/resources/schema/prune.ts';
import { decode, newVideo } from '../../../controller/render/resources/strategy.ts';
import { judgeSpec, parseSpec } from '../../../jobrunner/contract/spec.ts';
import { StageError } from '../../../jobrunner/contract/stageError.ts';
import { bounded } from '../bounded.ts';
import { property, type Target } from '../property.ts';
import { bySchema, withOneMutation } from '../texts/bySchema.ts';
import { wildJson } from '../texts/json.ts';

const crd = readCrd();
const url = 'https://www.loom.com/share/0123456789abcdef0123456789abcdef';
const valid = bySchema(crd.specSchema);
const specs = fc.oneof(
  { weight: 2, arbitrary: valid },
  { weight: 6, arbitrary: withOneMutation(valid, crd.specSchema) },
  { weight: 1, arbitrary: wildJson(Object.keys(crd.specSchema.properties ?? {})) },
);

const EXAMPLES = [
  { url, limits: { maxFileSize: '0.4' } },
  { url, memory: { limit: '67108863.5' } },
  { url, memory: { limit: '67108.864k', max: '65536Ki' } },
];

/** The spec as the resource API stores it, or undefined where it refuses it. */
function stored(spec: unknown): unknown {
  const manifest = { apiVersion: apiVersionOf(crd), kind: crd.kind, metadata: { name: 'a' }, spec };
  try {
    return newVideo(crd, decode(crd, manifest), {
      name: 'a',
      namespace: 'default',
      uid: 'uid',
      now: new Date(0),
    }).spec;
  } catch (error) {
    if (error instanceof ResourceFailure || error instanceof DecodingError) return undefined;
    throw error;
  }
}

/** Without what no field of the schema holds; the API drops it, and Ajv leaves it where it is. */
function known(spec: unknown): unknown {
  return prune(crd.specSchema, spec, 'spec', () => undefined);
}

export const spec: Target = {
  name: 'spec',
  properties: [
    property(
      'the pipeline and the API take the same specs, and make the same of them',
      specs,
      (given) => {
        const judged = bounded(() => judgeSpec(given));
        const taken = 'spec' in judged ? known(judged.spec) : undefined;
        assert.deepEqual(taken, stored(given), 'fault' in judged ? judged.fault.message : 'taken');
      },
      { examples: EXAMPLES },
    ),
    property('a spec with its defaults is as it is', specs, (given) => {
      const judged = judgeSpec(given);
      if ('fault' in judged) return;
      assert.deepEqual(judgeSpec(judged.spec), judged);
      assert.deepEqual(stored(known(judged.spec)), known(judged.spec));
    }),
    property('what is refused is refused with a reason, and never twice alike', specs, (given) => {
      const before = structuredClone(given);
      const judged = judgeSpec(given);
      assert.deepEqual(given, before, 'the input is not changed');
      try {
        parseSpec(given);
        assert.ok('spec' in judged);
      } catch (error) {
        assert.ok(error instanceof StageError && 'fault' in judged);
        assert.equal(error.reason, judged.fault.reason);
        assert.ok(error.message.length > 0 && error.message.length < 20_000);
      }
    }),
    property('an object older than the schema can still be read, and says what is wrong', specs, (given) => {
      const { spec: read, fault } = readSpec(given);
      assert.ok('spec' in judgeSpec(read));
      const judged = judgeSpec(
        typeof given === 'object' && !Array.isArray(given) && given !== null ? given : {},
      );
      assert.equal(fault === undefined, 'spec' in judged);
    }),
  ],
};
