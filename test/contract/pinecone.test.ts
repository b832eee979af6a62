import { after } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../common/clock.ts';
import { pineconeVectorStore } from '../../jobrunner/adapters/pinecone/pineconeVectorStore.ts';
import type { VectorStore } from '../../jobrunner/ports.ts';
import { startPinecone, type PineconeStandIn } from '../support/services/pinecone/startPinecone.ts';
import { vectorStoreSuite } from './vectorStore.suite.ts';

const DIMENSIONS = 384;
/** Milliseconds: a read shows a write this much later, and a purge believes it after so long. */
const LAG = 30;
const SETTLE = 60;

const started: PineconeStandIn[] = [];
after(() => Promise.all(started.map((pinecone) => pinecone.close())));

async function openStore(options: {
  by: 'host' | 'name';
  metric?: 'dotproduct';
  lag?: number;
}): Promise<VectorStore> {
  const { by, metric = 'cosine', lag = 0 } = options;
  const pinecone = await startPinecone({ dimension: DIMENSIONS, metric });
  started.push(pinecone);
  pinecone.lag(lag);
  return pineconeVectorStore({
    apiKey: pinecone.apiKey,
    index: pinecone.indexName,
    ...(by === 'host' ? { host: pinecone.url } : { controllerHost: pinecone.controllerUrl }),
    namespace: 'suite',
    settleMs: lag === 0 ? 1 : SETTLE,
    timeoutMs: 5000,
    clock: systemClock,
    redact: (text) => text,
  });
}

vectorStoreSuite('pinecone, by its host', DIMENSIONS, () => openStore({ by: 'host' }));
vectorStoreSuite('pinecone, by its name', DIMENSIONS, () => openStore({ by: 'name', metric: 'dotproduct' }));
vectorStoreSuite(
  'pinecone, reading late',
  DIMENSIONS,
  () => openStore({ by: 'host', lag: LAG }),
  () => sleep(LAG + 10),
);
