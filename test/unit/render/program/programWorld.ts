import { fastify, type FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { dirname, join } from 'node:path';
import type { MemorySource } from '../../../../common/memory/source.ts';
import type { LoomVideoStatus } from '../../../../crds/generated/loomvideo.ts';
import type { LoomVideo } from '../../../../controller/render/resources/resource.ts';
import { ProgressBoard } from '../../../../controller/render/runtime/progress.ts';
import type { PastRun } from '../../../../controller/render/runtime/runHistory.ts';
import { programApi, type ProgramApiOptions } from '../../../../controller/render/program/programApi.ts';
import { sqliteRecordStore } from '../../../../jobrunner/adapters/sqlite/recordStore.ts';
import { SqliteDatabase } from '../../../../jobrunner/adapters/sqlite/sqliteDatabase.ts';
import { sqliteVectorStore } from '../../../../jobrunner/adapters/sqlite/vectorStore.ts';
import type { Embedder, VideoRecord } from '../../../../jobrunner/ports.ts';
import { fakeEmbedder } from '../../../support/fakeEmbedder.ts';
import { parsed } from '../apiWorld.ts';
import { manifest, resourceWorld, type World } from '../resourceWorld.ts';

export const HEX = '0123456789abcdef0123456789abcdef';

export interface ProgramWorld extends World {
  readonly app: FastifyInstance;
  readonly board: ProgressBoard;
  readonly search: ProgramApiOptions['search'];
  /** Past runs by uid. */
  readonly runs: Map<string, readonly PastRun[]>;
  readonly call: (
    method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    url: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<Answer>;
  readonly declare: (name: string, status?: LoomVideoStatus, metadata?: object) => LoomVideo;
  /** Stores a transcript with its passages and vectors. */
  readonly store: (
    name: string,
    texts: readonly string[],
    more?: Partial<VideoRecord>,
  ) => Promise<VideoRecord>;
  /** Listens on a free port of the loopback and gives the base URL. */
  readonly listen: () => Promise<string>;
}

export interface Answer {
  readonly code: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- whatever the test knows it to be
  readonly body: any;
}

/** Of a process that is bound by nothing. */
export const NO_MEMORY: MemorySource = {
  kind: 'process',
  limitBytes: undefined,
  sample: () => ({ residentBytes: 1, unreclaimableBytes: 1 }),
  oomKills: () => 0,
};

export async function programWorld(
  t: { after(work: () => unknown): void },
  { embedder = fakeEmbedder(), ...options }: Partial<ProgramApiOptions> & { embedder?: Embedder } = {},
): Promise<ProgramWorld> {
  const world = resourceWorld(t);
  const log = pino({ level: 'silent' });
  const database = new SqliteDatabase({ file: join(dirname(world.file), 'loomvideo.db') });
  const search = {
    embedder,
    vectors: sqliteVectorStore(database),
    records: sqliteRecordStore(database),
    log,
  };
  const board = new ProgressBoard();
  const runs = new Map<string, readonly PastRun[]>();
  const app = fastify({ routerOptions: { maxParamLength: 300 } });
  await app.register(programApi, {
    resources: world,
    search,
    board,
    runsOf: (uid) => runs.get(uid) ?? [],
    memory: NO_MEMORY,
    clock: world.clock,
    ...options,
  });
  t.after(async () => {
    await app.close();
    await database.close();
  });
  const { signal } = new AbortController();
  return {
    ...world,
    app,
    board,
    search,
    runs,
    async call(method, url, body, headers = {}) {
      const response = await app.inject({
        method,
        url,
        headers,
        ...(body !== undefined && { payload: body as object }),
      });
      return {
        code: response.statusCode,
        headers: response.headers,
        text: response.body,
        body: parsed(response.body),
      };
    },
    declare(name, status, metadata = {}) {
      const video = world.videos.create('default', manifest(name, {}, metadata));
      if (!status) return video;
      const { namespace, uid } = video.metadata;
      return world.videos.setStatus({ namespace, name }, uid, status) ?? video;
    },
    async store(name, texts, more = {}) {
      const uid = world.videos.get({ namespace: 'default', name })?.metadata.uid ?? 'gone';
      const record: VideoRecord = {
        owner: { key: `render.default.${name}`, uid },
        url: `https://www.loom.com/share/${HEX}`,
        title: `About ${name}`,
        durationSeconds: texts.length * 10,
        language: 'en',
        transcriptionModel: 'tiny',
        embeddingModel: embedder.model,
        segments: texts.map((text, index) => ({ start: index * 10, end: index * 10 + 9.5, text })),
        passages: texts.map((text, index) => ({ index, start: index * 10, end: index * 10 + 9.5, text })),
        ...more,
      };
      const { owner, title, url, passages } = record;
      const values = await embedder.embed(
        passages.map(({ text }) => text),
        { signal },
      );
      await search.vectors.upsert(
        owner,
        embedder.model,
        passages.map(({ index, text, start, end }) => ({
          index,
          values: values[index] ?? new Float32Array(),
          metadata: { title, text, start, end, url },
        })),
        { signal },
      );
      await search.records.save(record, { signal });
      return record;
    },
    listen: () => app.listen({ port: 0, host: '127.0.0.1' }),
  };
}
