import { resultHash, specHash } from '../../specHashes.ts';
import type { LoomVideoObject } from '../objects.ts';
import { readSpec, type ReadSpec } from './readSpec.ts';

/** What a LoomVideo asks for, and its hashes: the same for each generation. */
export interface Declaration extends ReadSpec {
  readonly resultHash: string;
  readonly specHash: string;
}

export function declarationOf({ spec: input }: LoomVideoObject): Declaration {
  const read = readSpec(input);
  return { ...read, resultHash: resultHash(read.spec), specHash: specHash(read.spec) };
}

/** Declarations of the present generations: read once, not at each of the many looks at a video. */
export class Declarations {
  readonly #known = new Map<
    string,
    { readonly generation: number | undefined; readonly declaration: Declaration }
  >();

  of(object: LoomVideoObject): Declaration {
    const { uid = '', generation } = object.metadata;
    const known = this.#known.get(uid);
    if (known && known.generation === generation) return known.declaration;
    const declaration = declarationOf(object);
    this.#known.set(uid, { generation, declaration });
    return declaration;
  }

  forget(uid: string): void {
    this.#known.delete(uid);
  }
}
