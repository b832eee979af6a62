import type { PineconeIndex } from './startPinecone.ts';

/**
 * An index as API version 2026-07 describes it:
 * https://docs.pinecone.io/reference/api/2026-07/control-plane/describe_index, and for the reserved names `IndexSchema`:
 * "Dense vectors-API indexes always report both `_values` and `_sparse_values`".
 */
export function indexModel(index: PineconeIndex): object {
  const { dimension, metric } = index;
  const dense = { type: 'dense_vector', dimension, metric };
  const sparse = { _sparse_values: { type: 'sparse_vector', metric: 'dotproduct' } };
  const fields = {
    dense: { _values: dense, ...sparse },
    sparse,
    documents: { embedding: dense, body: { type: 'string', full_text_search: {} } },
  };
  return {
    name: index.name,
    host: index.host,
    status: { ready: index.state === 'Ready', state: index.state },
    deployment: index.pod
      ? { deployment_type: 'pod', environment: 'us-east-1-aws', pod_type: 'p1.x1', replicas: 1, shards: 1 }
      : { deployment_type: 'managed', cloud: 'aws', region: 'us-east-1' },
    ...(!index.pod && { read_capacity: { mode: 'OnDemand', status: { state: 'Ready' } } }),
    schema: { fields: fields[index.vectorType] },
    deletion_protection: 'disabled',
    tags: null,
  };
}
