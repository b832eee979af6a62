import { isObject, type JsonObject } from '../../../common/json.ts';
import { StageError } from '../../contract/stageError.ts';

/** What an index says of itself. */
export interface IndexFacts {
  /** `documents`: made for the documents API, whose fields the vectors API does not know. */
  readonly holds: 'dense' | 'sparse' | 'documents';
  readonly dimension: number | undefined;
  /** Undefined where the answer does not tell. */
  readonly metric: string | undefined;
}

/** A description by the control plane, which also knows where the index is and whether it works. */
export interface IndexDescription extends IndexFacts {
  readonly host: string;
  readonly ready: boolean;
  readonly state: string;
  /** Pod-based: it cannot list ids. */
  readonly pod: boolean;
}

/** Metrics whose score is the cosine for vectors of length one. */
const COSINE_LIKE: ReadonlySet<string> = new Set(['cosine', 'dotproduct']);

/**
 * Reads a description in the shape of API version 2026-07: dense vectors are the field `_values`, sparse ones
 * `_sparse_values`, and a dense index reports both. https://docs.pinecone.io/reference/api/2026-07/control-plane/describe_index
 * Undefined for what is no such description.
 */
export function describedIndex(answer: JsonObject): IndexDescription | undefined {
  const { host, private_host, status, deployment, schema } = answer;
  if (!isObject(status) || typeof host !== 'string' || host === '') return undefined;
  if (!isObject(schema) || !isObject(schema['fields'])) return undefined;
  const { _values: dense, _sparse_values: sparse } = schema['fields'];
  const ready = status['ready'] === true;
  return {
    ...(isObject(dense)
      ? { holds: 'dense', dimension: numberIn(dense, 'dimension'), metric: textIn(dense, 'metric') }
      : { holds: sparse === undefined ? 'documents' : 'sparse', dimension: undefined, metric: undefined }),
    // The client's own rule (data/indexHostSingleton.js, 9.0.0): the private endpoint where there is one.
    host: typeof private_host === 'string' && private_host !== '' ? private_host : host,
    ready,
    state: textIn(status, 'state') ?? (ready ? 'Ready' : 'unknown'),
    pod: isObject(deployment) && deployment['deployment_type'] === 'pod',
  };
}

/** Reads an answer of `describe_index_stats`: a sparse index has no dimension (`IndexDescription`, API version 2026-07). */
export function statedIndex(answer: JsonObject): IndexFacts | undefined {
  const dimension = numberIn(answer, 'dimension');
  const type = textIn(answer, 'vectorType');
  if (dimension === undefined && !isObject(answer['namespaces'])) return undefined;
  const holds = dimension === undefined || type === 'sparse' ? 'sparse' : 'dense';
  return { holds, dimension, metric: textIn(answer, 'metric') };
}

/** Throws where an index cannot be used at all: `StoreUnavailable` while it is not ready, else `StoreMisconfigured`. */
export function checkDescription(index: IndexDescription, name: string): void {
  if (!index.ready && !/failed|terminat|disabled/i.test(index.state))
    throw new StageError(
      'StoreUnavailable',
      `The Pinecone index "${name}" is not ready yet (${index.state}): it is tried again.`,
    );
  const fault = !index.ready
    ? `is out of order (${index.state})`
    : index.pod
      ? 'is pod-based and cannot list its ids, without which nothing could be purged'
      : undefined;
  if (fault !== undefined) throw unusable(name, fault, 'a serverless one');
}

/** Throws `StoreMisconfigured` where an index cannot hold this model's vectors or would not score them by cosine. */
export function checkVectors(index: IndexFacts, name: string, model: string, dimensions: number): void {
  const { holds, dimension, metric } = index;
  const wanted = `one with dimension ${dimensions} and metric cosine`;
  if (holds === 'documents')
    throw unusable(name, 'is made for documents, not for vectors of our own', wanted);
  if (holds === 'sparse') throw unusable(name, 'is for sparse vectors', wanted);
  if (dimension !== dimensions)
    throw new StageError(
      'StoreMisconfigured',
      `The Pinecone index "${name}" holds vectors of ${dimension ?? 'an unknown number of'} numbers, and ${model} gives ${dimensions}: nothing was stored. Name ${wanted} in PINECONE_INDEX, or set spec.embedding.dimensions to ${dimension ?? "the index's dimension"} if the model can do that.`,
    );
  if (metric !== undefined && !COSINE_LIKE.has(metric))
    throw unusable(name, `compares by ${metric}, not by cosine`, wanted);
}

function unusable(name: string, fault: string, wanted: string): StageError {
  return new StageError(
    'StoreMisconfigured',
    `The Pinecone index "${name}" ${fault}: nothing was stored. Create ${wanted} at https://app.pinecone.io and name it in PINECONE_INDEX.`,
  );
}

function numberIn(object: JsonObject, field: string): number | undefined {
  return typeof object[field] === 'number' ? object[field] : undefined;
}

function textIn(object: JsonObject, field: string): string | undefined {
  return typeof object[field] === 'string' && object[field] !== '' ? object[field] : undefined;
}
