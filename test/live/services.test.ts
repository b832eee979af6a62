import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pinecone } from '@pinecone-database/pinecone';
import { createClient } from '@supabase/supabase-js';
import { createLogger } from '../../common/log.ts';
import { composeInference } from '../../jobrunner/compose.ts';
import { composeStores, type Stores } from '../../jobrunner/composeStores.ts';
import { readConfig } from '../../jobrunner/config.ts';
import type { Owner } from '../../jobrunner/contract/videoJob.ts';
import { embeddingOf } from '../../jobrunner/contract/spec.ts';
import { embedderSuite } from '../contract/embedder.suite.ts';
import { recordStoreSuite } from '../contract/recordStore.suite.ts';
import { vectorStoreSuite } from '../contract/vectorStore.suite.ts';

/** Milliseconds after which Pinecone is expected to show a write; its documents say "seconds". */
const SETTLE_MS = Number(process.env['LIVE_SETTLE_MS'] ?? 10_000);
/** Of text-embedding-3-small: https://platform.openai.com/docs/guides/embeddings */
const DIMENSIONS = 1536;

const namespace = `loomvideo-live-${randomUUID()}`;
const env = { ...process.env, PINECONE_NAMESPACE: namespace };
const config = readConfig(env);
const log = createLogger({ level: 'warn', format: 'plain' });
const open = (): Stores => composeStores(config, composeInference(config), log);
const services = () => Promise.resolve(open().all(embeddingOf(config.embedding)));

/** Rows of an earlier run that was stopped would be found by this one. */
async function removeRows(): Promise<void> {
  const { SUPABASE_URL: url = '', SUPABASE_ANON_KEY: key = '' } = config.services.variables;
  const client = createClient(url, key, { auth: { persistSession: false, autoRefreshToken: false } });
  const { data } = await client.from('loomvideo_videos').select('key,uid').throwOnError();
  const { records } = await services();
  for (const owner of data as Owner[])
    if (owner.key.startsWith('suite.')) await records.purge(owner, { signal: new AbortController().signal });
}

async function removeNamespace(): Promise<void> {
  const { PINECONE_API_KEY: apiKey = '', PINECONE_INDEX: name = '' } = config.services.variables;
  const { pineconeHost: host, pineconeControllerHost: controllerHostUrl } = config.services;
  const client = new Pinecone({ apiKey, ...(controllerHostUrl !== undefined && { controllerHostUrl }) });
  const target = host === undefined ? { name, namespace } : { host, namespace };
  await client.index(target).deleteAll();
}

before(removeRows);
after(async () => {
  await removeRows();
  await removeNamespace();
});

describe('the project', () => {
  it('has all that is needed', async () => {
    const found = await open().checkRecords(new AbortController().signal);
    assert.deepEqual(
      found.filter(({ level }) => level === 'fail'),
      [],
    );
  });
});

embedderSuite('OpenAI', { meaning: true }, async () => (await services()).embedder);
recordStoreSuite('Supabase', async () => (await services()).records);
vectorStoreSuite(
  'Pinecone',
  DIMENSIONS,
  async () => (await services()).vectors,
  () => sleep(SETTLE_MS),
);
