import { startOpenai, type OpenaiStandIn } from './openai/openai.ts';
import { startPinecone, type PineconeStandIn } from './pinecone/startPinecone.ts';
import { startSupabase, type Supabase } from './supabase/supabase.ts';

/** The three services, as a user has them: their addresses and keys in the variables of the product. */
export interface Services {
  readonly openai: OpenaiStandIn;
  readonly pinecone: PineconeStandIn;
  readonly supabase: Supabase;
  readonly env: Readonly<Record<string, string>>;
  /** The keys in it: what nothing may ever show. */
  readonly keys: readonly string[];
  close(): Promise<void>;
}

/** Dimensions of text-embedding-3-small: https://platform.openai.com/docs/guides/embeddings */
const DIMENSIONS = 1536;

/** `host`: the address they listen at and are reached by; loopback unless told. */
export async function startServices({ host = '127.0.0.1' } = {}): Promise<Services> {
  const openai = await startOpenai({ apiKey: 'sk-proj-marker-openai-0123456789', host });
  const pinecone = await startPinecone({
    apiKey: 'pcsk_marker_pinecone_0123456789',
    dimension: DIMENSIONS,
    listenOn: host,
  });
  const supabase = await startSupabase({ migrations: ['0001_loomvideo'], host });
  const keys = [openai.apiKey, pinecone.apiKey, supabase.keys.secret];
  return {
    openai,
    pinecone,
    supabase,
    env: {
      OPENAI_API_KEY: openai.apiKey,
      OPENAI_BASE_URL: openai.url,
      PINECONE_API_KEY: pinecone.apiKey,
      PINECONE_INDEX: pinecone.indexName,
      PINECONE_CONTROLLER_HOST: pinecone.controllerUrl,
      SUPABASE_URL: supabase.url,
      SUPABASE_ANON_KEY: supabase.keys.secret,
    },
    keys,
    async close() {
      await openai.close();
      await pinecone.close();
      await supabase.close();
    },
  };
}
