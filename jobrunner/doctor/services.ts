import type { Stores } from '../composeStores.ts';
import type { Config } from '../config.ts';
import type { Embedder, VectorStore } from '../ports.ts';
import { embeddingOf } from '../contract/spec.ts';
import { findings, type Check } from './finding.ts';

/**
 * Does with the services, or the embedded defaults, what indexing a video does first: embeds a word and asks the stores
 * whether they would take it. Each is looked at, whatever the others say.
 */
export function servicesCheck(config: Config, stores: Stores): Check {
  return async (signal) => {
    const { embedder, vectors } = stores.all(embeddingOf(config.embedding));
    return [
      ...(await findings(embedderCheck(embedder), signal)),
      ...(await findings(vectorsCheck(embedder, vectors), signal)),
      ...(await findings((ours) => stores.checkRecords(ours), signal)),
    ];
  };
}

function embedderCheck(embedder: Embedder): Check {
  return async (signal) => {
    const length = await lengthOf(embedder, signal);
    return [{ level: 'ok', what: `Embeddings: ${embedder.model}, vectors of ${length} numbers` }];
  };
}

function vectorsCheck(embedder: Embedder, vectors: VectorStore): Check {
  return async (signal) => {
    const dimensions = embedder.dimensions ?? (await lengthOf(embedder, signal));
    await vectors.prepare(embedder.model, dimensions, { signal });
    return [{ level: 'ok', what: `Vectors: ${vectors.kind}, which takes ${dimensions} numbers` }];
  };
}

async function lengthOf(embedder: Embedder, signal: AbortSignal): Promise<number> {
  const [values] = await embedder.embed(['ping'], { signal });
  return values?.length ?? 0;
}
