import { createHash } from 'node:crypto';
import { systemClock } from '../../../common/clock.ts';
import { createLogger } from '../../../common/log.ts';
import { redactor } from '../../../common/redact.ts';
import { openaiEmbedder } from '../../../jobrunner/adapters/openai/openaiEmbedder.ts';
import { pineconeVectorStore } from '../../../jobrunner/adapters/pinecone/pineconeVectorStore.ts';
import { supabaseRecordStore } from '../../../jobrunner/adapters/supabase/supabaseRecordStore.ts';
import { StageError } from '../../../jobrunner/contract/stageError.ts';
import type { StageReport } from '../../../jobrunner/contract/stageReport.ts';
import type { Owner } from '../../../jobrunner/contract/videoJob.ts';
import type { Embedder, RecordStore, VectorStore } from '../../../jobrunner/ports.ts';
import { runStage } from '../../../jobrunner/runStage.ts';
import { search, type SearchAnswer } from '../../../jobrunner/search/search.ts';
import { parseSpec } from '../../../jobrunner/contract/spec.ts';
import { indexStage } from '../../../jobrunner/stages/indexStage.ts';
import { purgeStage } from '../../../jobrunner/stages/purge.ts';
import type { WorkFolder } from '../../../jobrunner/workFolder.ts';
import type { Services } from './startServices.ts';

const url = 'https://www.loom.com/share/0123456789abcdef0123456789abcdef';

/** Milliseconds for a request: a hanging one ends soon, an ordinary one never does. */
const TIMEOUT_MS = 400;

/** What one video leaves in the three services. */
export interface Stored {
  readonly vectors: readonly string[];
  readonly passages: number;
  readonly videos: number;
  readonly transcripts: number;
}

/** One video whose stages run over the real adapters, asked by a stage's report, as a user sees them. */
export interface ServiceVideo {
  readonly messages: readonly string[];
  /** Writes a transcript of so many sentences of ten seconds and indexes it. `deadlineMs`: as spec.timeout. */
  index(sentences: number, deadlineMs?: number): Promise<StageReport>;
  purge(deadlineMs?: number): Promise<StageReport>;
  search(query: string, deadlineMs?: number): Promise<SearchAnswer>;
  stored(): Promise<Stored>;
  /** The same video, as another process has it: adapters that remember nothing. */
  again(folder: WorkFolder): ServiceVideo;
  close(): Promise<void>;
}

/** The adapters, made anew, on the services' stand-ins: what compose makes, with short waits. */
function adaptersOn({ openai, pinecone, supabase, keys }: Services): {
  embedder: Embedder;
  vectors: VectorStore;
  records: RecordStore;
} {
  const settings = { timeoutMs: TIMEOUT_MS, clock: systemClock, redact: redactor(keys) };
  const model = 'text-embedding-3-small';
  return {
    embedder: openaiEmbedder({ apiKey: openai.apiKey, baseUrl: openai.url, model, ...settings }),
    vectors: pineconeVectorStore({
      apiKey: pinecone.apiKey,
      index: pinecone.indexName,
      controllerHost: pinecone.controllerUrl,
      namespace: 'loomvideo',
      settleMs: 5,
      ...settings,
    }),
    records: supabaseRecordStore({ url: supabase.url, key: supabase.keys.secret, ...settings }),
  };
}

let serial = 0;

/** A video that no other test has. */
export function serviceVideo(services: Services, folder: WorkFolder): ServiceVideo {
  serial++;
  return videoOf({ key: `local.default.video-${serial}`, uid: `uid-${serial}` }, services, folder);
}

function videoOf(owner: Owner, services: Services, folder: WorkFolder): ServiceVideo {
  const job = { name: 'demo', owner, spec: parseSpec({ url }) };
  const adapters = adaptersOn(services);
  const messages: string[] = [];
  const log = createLogger({ level: 'info', format: 'json', write: (line) => messages.push(line) });
  const memory = {
    source: {
      kind: 'process' as const,
      limitBytes: undefined,
      sample: () => ({ residentBytes: 1, unreclaimableBytes: 1 }),
      oomKills: () => 0,
    },
    limitBytes: 400 * 1024 ** 2,
    guard: false,
  };
  const run = async (stage: Parameters<typeof runStage>[0], deadlineMs: number): Promise<StageReport> => {
    const deadline = new AbortController();
    const timer = setTimeout(
      () => deadline.abort(new StageError('DeadlineExceeded', 'Not done within spec.timeout.')),
      deadlineMs,
    );
    try {
      const context = { job, folder, log, signal: deadline.signal, onProgress: () => undefined };
      const report = await runStage(stage, context, memory, systemClock);
      messages.push(JSON.stringify(report));
      return report;
    } finally {
      clearTimeout(timer);
    }
  };
  const patience = { random: () => 0, retryBaseMs: 10 };

  return {
    messages,
    async index(sentences, deadlineMs = 10_000) {
      await writeTranscript(folder, sentences);
      return run(indexStage({ ...adapters, ...patience }), deadlineMs);
    },
    purge: (deadlineMs = 10_000) => run(purgeStage({ ...adapters, ...patience }), deadlineMs),
    search: (query, deadlineMs = 10_000) =>
      search({ ...adapters, log }, { query, limit: 5, wait: true, signal: AbortSignal.timeout(deadlineMs) }),
    async stored() {
      const count = async (table: string): Promise<number> =>
        (await services.supabase.sql(`select 1 from public.${table} where key = $1`, [owner.key])).length;
      return {
        vectors: services.pinecone
          .vectors()
          .filter(({ id }) => id.startsWith(`${owner.key}#`))
          .map((vector) => JSON.stringify({ ...vector, id: vector.id.slice(owner.key.length) }))
          .map((text) => text.replaceAll(owner.key, 'key').replaceAll(owner.uid, 'uid'))
          // Thousands of numbers: their digest tells as well whether they are the same.
          .map((text) => createHash('sha256').update(text).digest('hex'))
          .toSorted(),
        passages: await count('loomvideo_passages'),
        videos: await count('loomvideo_videos'),
        transcripts: await count('loomvideo_transcripts'),
      };
    },
    again: (other) => videoOf(owner, services, other),
    async close() {
      await adapters.embedder.close();
      await adapters.vectors.close();
      await adapters.records.close();
    },
  };
}

async function writeTranscript(folder: WorkFolder, sentences: number): Promise<void> {
  // As a new attempt has it: nothing of an earlier one is there, which would be taken as done.
  await folder.remove();
  await folder.create();
  const durationSeconds = sentences * 10;
  const video = {
    file: 'video.mp4',
    url,
    source: 'yt-dlp',
    title: 'Demo',
    durationSeconds,
    sizeBytes: 1,
    chapters: [],
  };
  const segments = Array.from({ length: sentences }, (_, index) => ({
    start: index * 10,
    end: index * 10 + 9,
    text: `Sentence number ${index} speaks of topic ${index}.`,
  }));
  await folder.write('video.json', JSON.stringify(video));
  await folder.write(
    'transcript.json',
    JSON.stringify({ language: 'en', model: 'tiny.en', durationSeconds, segments }),
  );
}
