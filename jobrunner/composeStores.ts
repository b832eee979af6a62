import { join } from 'node:path';
import { systemClock } from '../common/clock.ts';
import type { Logger } from '../common/log.ts';
import { redactor } from '../common/redact.ts';
import type { LoomVideoSpec } from '../crds/generated/loomvideo.ts';
import { localEmbedder } from './adapters/localEmbedder.ts';
import { openaiEmbedder } from './adapters/openai/openaiEmbedder.ts';
import { pineconeVectorStore } from './adapters/pinecone/pineconeVectorStore.ts';
import type { ServiceSettings } from './adapters/service/callService.ts';
import { sqliteRecordStore } from './adapters/sqlite/recordStore.ts';
import { SqliteDatabase } from './adapters/sqlite/sqliteDatabase.ts';
import { sqliteVectorStore } from './adapters/sqlite/vectorStore.ts';
import { checkSupabase } from './adapters/supabase/checkSupabase.ts';
import { supabaseRecordStore } from './adapters/supabase/supabaseRecordStore.ts';
import type { Config } from './config.ts';
import type { Finding } from './doctor/finding.ts';
import type { Inference } from './inference/inference.ts';
import type { Embedder, RecordStore, VectorStore } from './ports.ts';
import { chooseServices, SERVICE_NAMES, type ServiceName, type ServiceVariable } from './serviceChoice.ts';

/**
 * Pinecone shows a write to a read after a while, in its own words usually seconds: what a purge has to wait until it may
 * believe that nothing is left. https://docs.pinecone.io/guides/index-data/check-data-freshness
 */
const PINECONE_SETTLE_MS = 10_000;

type Embedding = LoomVideoSpec['embedding'];

/** Where passages go and are found, in the services or embedded. Each throws `CredentialsMissing`: see serviceChoice.ts. */
export interface Stores {
  /** For indexing and searching. */
  all(embedding: Embedding): { embedder: Embedder; vectors: VectorStore; records: RecordStore };
  /** For purging, which embeds nothing. */
  lasting(): { vectors: VectorStore; records: RecordStore };
  /** What the record store lacks; only its own variables matter. */
  checkRecords(signal: AbortSignal): Promise<readonly Finding[]>;
  close(): Promise<void>;
}

/** Embedder and stores, from outside or embedded, each made when it is first asked for. */
export function composeStores(config: Config, inference: Inference, log: Logger): Stores {
  const { variables, embedded, ...services } = config.services;
  const settings: ServiceSettings = {
    timeoutMs: services.timeoutMs,
    clock: systemClock,
    redact: redactor(config.secrets),
  };
  // chooseServices has looked: a service that is chosen has all of its variables.
  const value = (name: ServiceVariable): string => variables[name] ?? '';
  const choose = (needed: readonly ServiceName[]): ReadonlySet<ServiceName> => {
    // oxlint-disable-next-line no-unsafe-type-assertion -- its keys are service variables
    const given = new Set(Object.keys(variables) as ServiceVariable[]);
    return chooseServices({ production: config.production, embedded, given, needed });
  };
  const file = join(config.dataDir, 'loomvideo.db');
  const database = once(() => new SqliteDatabase({ file }));

  const embedders = new Map<string, Embedder>();
  const embedderOf = (outside: boolean, { model, dimensions }: Embedding): Embedder => {
    const name = outside ? `${model} ${dimensions ?? ''}` : '';
    const made =
      embedders.get(name) ??
      (outside
        ? openaiEmbedder({
            apiKey: value('OPENAI_API_KEY'),
            ...(services.openaiBaseUrl !== undefined && { baseUrl: services.openaiBaseUrl }),
            model,
            ...(dimensions !== undefined && { dimensions }),
            ...settings,
          })
        : localEmbedder(inference));
    embedders.set(name, made);
    return made;
  };
  const pinecone = once(() =>
    pineconeVectorStore({
      apiKey: value('PINECONE_API_KEY'),
      index: value('PINECONE_INDEX'),
      ...(services.pineconeHost !== undefined && { host: services.pineconeHost }),
      ...(services.pineconeControllerHost !== undefined && {
        controllerHost: services.pineconeControllerHost,
      }),
      namespace: services.pineconeNamespace,
      settleMs: PINECONE_SETTLE_MS,
      ...settings,
    }),
  );
  const project = { url: value('SUPABASE_URL'), key: value('SUPABASE_ANON_KEY'), ...settings };
  const supabase = once(() => supabaseRecordStore(project));
  const sqliteVectors = once(() => sqliteVectorStore(database.get()));
  const sqliteRecords = once(() => sqliteRecordStore(database.get()));
  const lasting = (outside: ReadonlySet<ServiceName>): { vectors: VectorStore; records: RecordStore } => ({
    vectors: (outside.has('pinecone') ? pinecone : sqliteVectors).get(),
    records: (outside.has('supabase') ? supabase : sqliteRecords).get(),
  });

  return {
    all(embedding) {
      const outside = choose(SERVICE_NAMES);
      const made = { embedder: embedderOf(outside.has('openai'), embedding), ...lasting(outside) };
      const { embedder, vectors, records } = made;
      log.info(
        { embedder: embedder.model, vectors: vectors.kind, records: records.kind },
        outside.size === SERVICE_NAMES.length
          ? `Services: OpenAI (${embedder.model}), Pinecone, Supabase`
          : `Services: ${outside.has('openai') ? 'OpenAI' : 'embedded'} (${embedder.model}), ${vectors.kind}, ${records.kind}`,
      );
      return made;
    },
    lasting: () => lasting(choose(['pinecone', 'supabase'])),
    async checkRecords(signal) {
      if (choose(['supabase']).has('supabase')) return checkSupabase(project, signal);
      await sqliteRecords.get().find('', { signal });
      return [{ level: 'ok', what: `Records: sqlite, ${file}` }];
    },
    async close() {
      for (const embedder of embedders.values()) await embedder.close();
      for (const store of [pinecone, sqliteVectors, supabase, sqliteRecords]) await store.made?.close();
    },
  };
}

function once<T>(make: () => T): { get(): T; readonly made: T | undefined } {
  let made: T | undefined;
  return {
    get: () => (made ??= make()),
    get made() {
      return made;
    },
  };
}
