import { isObject } from '../../../common/json.ts';
import { StageError } from '../../contract/stageError.ts';

export interface Expected {
  /** Texts that were sent. */
  readonly count: number;
  readonly model: string;
  /** Length of the vectors, where it is known. */
  readonly dimensions: number | undefined;
}

/**
 * The vectors of an answer to `POST /embeddings` (openapi.yaml 2.3.0, CreateEmbeddingResponse), in the order of the
 * texts and each of length one. An embedding is base64 of little-endian float32 as asked for, or an array of numbers
 * from a server that knows no `encoding_format`. Throws `EmbeddingFailed` for any answer that is not one usable vector
 * per text.
 */
export function readVectors(answer: unknown, expected: Expected): Float32Array[] {
  const { count, model } = expected;
  const fail = (fault: string): StageError =>
    new StageError(
      'EmbeddingFailed',
      `The embedding model ${model} answered with ${fault}: nothing was stored. ` +
        'Check spec.embedding.model, and OPENAI_BASE_URL where it is set.',
    );
  const data = isObject(answer) ? answer['data'] : undefined;
  if (!Array.isArray(data)) throw fail('no list of embeddings');
  if (data.length !== count) throw fail(`${data.length} embeddings for ${count} texts`);

  const vectors = new Map<number, Float32Array>();
  for (const item of data) {
    if (!isObject(item)) throw fail('an embedding that is not an object');
    const { index, embedding } = item;
    if (typeof index !== 'number' || !Number.isInteger(index) || index < 0 || index >= count)
      throw fail(`an embedding whose index is none of 0 to ${count - 1}`);
    if (vectors.has(index)) throw fail(`two embeddings of index ${index}`);
    const values = decode(embedding);
    if (!values) throw fail('an embedding that is neither base64 of float32 nor an array of numbers');
    vectors.set(index, values);
  }

  // As many as there are texts, all different and in range: none is missing.
  const ordered = [...vectors].sort(([a], [b]) => a - b).map(([, values]) => values);
  const dimensions = expected.dimensions ?? ordered[0]?.length ?? 0;
  return ordered.map((values) => {
    if (values.length === 0) throw fail('an empty vector');
    if (values.length !== dimensions)
      throw fail(`a vector of ${values.length} numbers where ${dimensions} were expected`);
    if (!values.every(Number.isFinite)) throw fail('a value that is not a finite number');
    if (values.every((value) => value === 0)) throw fail('a vector of zeros only');
    return toUnitLength(values);
  });
}

function decode(embedding: unknown): Float32Array | undefined {
  if (Array.isArray(embedding))
    return embedding.every((value) => typeof value === 'number') ? Float32Array.from(embedding) : undefined;
  if (typeof embedding !== 'string') return undefined;
  const bytes = Buffer.from(embedding, 'base64');
  // Node skips what is not base64: then there are fewer bytes than characters for them.
  const whole = Math.floor((embedding.replace(/=+$/, '').length * 3) / 4) === bytes.length;
  if (!whole || bytes.length % 4 !== 0) return undefined;
  return Float32Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4));
}

/** OpenAI's vectors have this length already; a compatible server's need not. */
function toUnitLength(values: Float32Array): Float32Array {
  const length = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  return values.map((value) => value / length);
}
