import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StageError } from '../../jobrunner/contract/stageError.ts';
import {
  chooseServices,
  SERVICE_NAMES,
  SERVICE_VARIABLES,
  type ServiceName,
  type ServiceVariable,
} from '../../jobrunner/serviceChoice.ts';

const ALL = Object.values(SERVICE_VARIABLES).flat();
const without = (...names: readonly ServiceVariable[]): ServiceVariable[] =>
  ALL.filter((name) => !names.includes(name));

interface World {
  readonly production?: boolean;
  readonly embedded?: readonly ServiceName[];
  readonly given: readonly ServiceVariable[];
  readonly needed?: readonly ServiceName[];
}

const choose = ({ production = true, embedded = [], given, needed = SERVICE_NAMES }: World): string[] => [
  ...chooseServices({ production, embedded: new Set(embedded), given: new Set(given), needed }),
];

describe('chooseServices', () => {
  for (const [what, world, chosen] of [
    ['all five: all services', { given: ALL }, ['openai', 'pinecone', 'supabase']],
    ['none: all embedded', { given: [] }, []],
    [
      'what stays embedded on purpose may lack its variables',
      { given: without('OPENAI_API_KEY'), embedded: ['openai'] },
      ['pinecone', 'supabase'],
    ],
    [
      'what stays embedded on purpose does, though its variables are set',
      { given: ALL, embedded: ['supabase', 'openai'] },
      ['pinecone'],
    ],
    [
      'a service that is not needed may lack its variables',
      { given: without('OPENAI_API_KEY'), needed: ['pinecone', 'supabase'] },
      ['pinecone', 'supabase'],
    ],
    ['where nothing is needed nothing is missing', { given: ['PINECONE_INDEX'], needed: [] }, []],
    [
      'in development each whole service is used by itself',
      { production: false, given: ['OPENAI_API_KEY'] },
      ['openai'],
    ],
  ] as const satisfies readonly (readonly [string, World, readonly ServiceName[]])[])
    it(what, () => assert.deepEqual(choose(world), chosen));

  for (const [what, world, missing] of [
    ['one of five', { given: without('PINECONE_INDEX') }, 'PINECONE_INDEX'],
    [
      'a whole service, in production',
      { given: ['OPENAI_API_KEY'] },
      'PINECONE_API_KEY, PINECONE_INDEX, SUPABASE_URL, SUPABASE_ANON_KEY',
    ],
    [
      'a part of one service, in development',
      { production: false, given: ['SUPABASE_URL'] },
      'SUPABASE_ANON_KEY',
    ],
    [
      'those of two services',
      { given: ['SUPABASE_URL', 'PINECONE_INDEX'], embedded: ['openai'] },
      'PINECONE_API_KEY, SUPABASE_ANON_KEY',
    ],
  ] as const satisfies readonly (readonly [string, World, string])[])
    it(`names what is missing: ${what}`, () =>
      assert.throws(
        () => choose(world),
        (error) =>
          error instanceof StageError &&
          error.reason === 'CredentialsMissing' &&
          error.message.startsWith(`Missing: ${missing}. `),
      ));

  it('says how to keep the rest embedded on purpose', () => {
    assert.throws(() => choose({ given: ['OPENAI_API_KEY'] }), /LOOMVIDEO_EMBEDDED=pinecone,supabase\.$/);
  });
});
