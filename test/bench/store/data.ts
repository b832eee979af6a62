import { join } from 'node:path';
import { pino } from 'pino';
import { MB } from '../../../common/memory/source.ts';
import { systemClock } from '../../../common/clock.ts';
import { openDatabase } from '../../../jobrunner/adapters/sqlite/openDatabase.ts';
import { saveRecord } from '../../../jobrunner/adapters/sqlite/records.ts';
import { upsertVectors } from '../../../jobrunner/adapters/sqlite/vectors.ts';
import type { Owner } from '../../../jobrunner/contract/videoJob.ts';
import type { VectorRecord, VideoRecord } from '../../../jobrunner/ports.ts';
import { seededRandom } from '../../support/seededRandom.ts';
import { FINALIZER } from '../../../controller/reconcile/names.ts';
import { openResources } from '../../../controller/render/resources/openResources.ts';
import type { LoomVideo } from '../../../controller/render/resources/resource.ts';
import { resultHash, specHash } from '../../../controller/specHashes.ts';

export interface StoreSize {
  readonly videos: number;
  readonly passagesPerVideo: number;
}

/** Of the embedded model: the bench asks a server that has it. */
export const MODEL = 'all-MiniLM-L6-v2';
export const DIMENSIONS = 384;
/** Words of a passage, about as many as there are in half a minute of speech. */
const WORDS = 75;
const VOCABULARY = 8000;

/** Invented words, as frequent as words are: the n-th a n-th as often as the first (Zipf). The `from` first are left out. */
export function wordMaker(random: () => number, from = 0): () => string {
  const syllables =
    'ba be bi bo da de di do fa fe ga go ka ke ki la le li lo ma me mi mo na ne no pa pe po ra re ri ro sa se si so ta te ti to va ve wa zo'.split(
      ' ',
    );
  const words = Array.from({ length: VOCABULARY }, () =>
    Array.from(
      { length: 2 + Math.floor(random() * 3) },
      () => syllables[Math.floor(random() * syllables.length)],
    ).join(''),
  );
  // Evenly along the logarithm of the rank, from 1.
  const least = Math.log(from + 1);
  const scale = Math.log(VOCABULARY + 1) - least;
  return () => words[Math.floor(Math.exp(least + random() * scale)) - 1] ?? 'word';
}

/** Fills the data folder of a server with videos that are done. */
export function fillStore(dataDir: string, { videos, passagesPerVideo }: StoreSize): void {
  const random = seededRandom(1);
  const word = wordMaker(random);
  const resources = openResources({ file: join(dataDir, 'resources.db'), log: pino({ level: 'silent' }) });
  const db = openDatabase({ file: join(dataDir, 'loomvideo.db'), busyTimeoutMs: 5000 });
  // What is lost by a crash is made again.
  db.exec('PRAGMA synchronous = OFF');
  try {
    for (let number = 0; number < videos; number++) {
      const id = number.toString(16).padStart(32, '0');
      const title = titleOf(word);
      const { metadata, spec } = declare(resources.videos, id, title, passagesPerVideo);
      const owner = { key: `render.default.${metadata.name}`, uid: metadata.uid };
      const parts = { owner, url: spec.url, title, passages: passagesPerVideo, word, random };
      const { record, vectorRecords } = madeVideo(parts);
      saveRecord(db, record);
      upsertVectors(db, owner, MODEL, vectorRecords);
    }
  } finally {
    db.close();
    resources.close();
  }
}

/** A title of five words. */
const titleOf = (word: () => string): string => textOf(word, 5);

function textOf(word: () => string, words: number): string {
  return Array.from({ length: words }, word).join(' ');
}

interface MadeVideo {
  readonly owner: Owner;
  readonly url: string;
  readonly title?: string;
  readonly passages: number;
  readonly word: () => string;
  readonly random: () => number;
}

/** What the stores are given of a video. */
export function madeVideo({ owner, url, passages: count, word, random, title = titleOf(word) }: MadeVideo): {
  readonly record: VideoRecord;
  readonly vectorRecords: readonly VectorRecord[];
} {
  const record: VideoRecord = {
    ...{ owner, url, title },
    durationSeconds: count * 30,
    language: 'en',
    transcriptionModel: 'tiny.en',
    embeddingModel: MODEL,
    ...spoken(count, () => textOf(word, WORDS)),
  };
  const vectorRecords = record.passages.map(({ index, start, end, text }) => ({
    index,
    values: unitVector(random),
    metadata: { title, text, start, end, url },
  }));
  return { record, vectorRecords };
}

function spoken(count: number, text: () => string): Pick<VideoRecord, 'segments' | 'passages'> {
  const passages = Array.from({ length: count }, (_, index) => ({
    index,
    start: index * 30,
    end: index * 30 + 29,
    text: text(),
    chapter: `Part ${Math.floor(index / 4) + 1}`,
  }));
  return { passages, segments: passages.map(({ start, end, text: said }) => ({ start, end, text: said })) };
}

function declare(
  store: ReturnType<typeof openResources>['videos'],
  id: string,
  title: string,
  passages: number,
): LoomVideo {
  const name = `loom-${id}`;
  const video = store.create('default', {
    apiVersion: `${store.crd.group}/${store.crd.version}`,
    kind: store.crd.kind,
    metadata: { name, finalizers: [FINALIZER] },
    spec: { url: `https://www.loom.com/share/${id}` },
  });
  // As the reconcile core leaves it, so that a server finds nothing to do.
  const at = systemClock.now().toISOString();
  const condition = (type: string, status: 'True' | 'False', reason: string) => ({
    type,
    status,
    reason,
    message: 'The video is searchable.',
    lastTransitionTime: at,
    observedGeneration: 1,
  });
  const ready = store.setStatus({ namespace: 'default', name }, video.metadata.uid, {
    observedGeneration: 1,
    phase: 'Ready',
    stage: 'index',
    attempts: 1,
    conditions: [
      ...['Downloaded', 'Validated', 'Transcribed', 'Embedded', 'CleanedUp', 'MemoryStable'].map((type) =>
        condition(type, 'True', 'Completed'),
      ),
      condition('Ready', 'True', 'Completed'),
    ],
    video: {
      title,
      durationSeconds: passages * 30,
      sizeBytes: 20_000_000,
      width: 854,
      height: 480,
      source: 'yt-dlp',
    },
    transcript: { language: 'en', model: 'tiny.en', segments: passages, words: passages * WORDS },
    index: { passages, model: MODEL, dimensions: DIMENSIONS, vectorStore: 'sqlite', recordStore: 'sqlite' },
    memory: { peakMb: 301, limitMb: 400, afterMb: 120 },
    timings: { fetchSeconds: 3.1, transcribeSeconds: 18.2, indexSeconds: 1.1, totalSeconds: 22.4 },
    ledger: {
      run: 1,
      resultHash: resultHash(video.spec),
      specHash: specHash(video.spec),
      retry: '',
      recorded: 0,
      memoryLimit: String(400 * MB),
      memoryFailures: 0,
      transientFailures: 0,
      infrastructureFailures: 0,
      stored: true,
      purgeAttempts: 0,
    },
    startedAt: at,
    finishedAt: at,
  });
  return ready ?? video;
}

export function unitVector(random: () => number): Float32Array {
  // Sums of even numbers are near enough to normal ones: directions without a preference.
  const values = Float32Array.from({ length: DIMENSIONS }, () => random() + random() + random() - 1.5);
  const length = Math.hypot(...values);
  return values.map((value) => value / length);
}
