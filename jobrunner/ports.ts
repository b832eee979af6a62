/**
 * The services a stage works with. Each port has an embedded adapter and, where configured, one for the outside
 * service; one contract suite in test/contract runs over all adapters of a port. Every call takes an AbortSignal,
 * and every failure is a StageError.
 */
import type { Chapter, Passage, Segment } from './artifacts.ts';
import type { Owner } from './contract/videoJob.ts';

/** Bounds of a download; see spec.limits. */
export interface DownloadLimits {
  readonly maxBytes: number;
  readonly maxSeconds: number;
  readonly maxHeight: number;
}

export interface DownloadProgress {
  readonly bytes: number;
  /** 0–100, where the total is known. */
  readonly percent?: number;
}

/** What is known of a video before its bytes arrive. */
export interface VideoInfo {
  readonly title: string;
  readonly uploader?: string;
  readonly durationSeconds?: number;
  readonly chapters: readonly Chapter[];
}

export interface DownloadRequest {
  readonly url: string;
  /** An empty folder to write into; whatever is left there on failure is removed by the caller. */
  readonly folder: string;
  readonly limits: DownloadLimits;
  readonly wantCaptions: boolean;
  readonly password?: string;
  /** Carries the timeout of the whole download: its reason is a StageError. */
  readonly signal: AbortSignal;
  readonly onInfo: (info: VideoInfo) => void;
  readonly onProgress: (progress: DownloadProgress) => void;
}

export interface DownloadedVideo {
  readonly info: VideoInfo;
  /** File names inside the request's folder. */
  readonly file: string;
  readonly captionsFile?: string;
}

/** One way to get a recording. Throws StageError: transient reasons may be tried again, permanent ones not. */
export interface VideoDownloader {
  readonly source: 'yt-dlp' | 'loom-api' | 'cdn' | 'open-graph' | 'direct' | 'file';
  download(request: DownloadRequest): Promise<DownloadedVideo>;
}

/** The sound of a recording, decoded as it is read. */
export interface AudioStream {
  /** 16 kHz mono signed 16-bit little-endian PCM; time 0 is the beginning of the video. Throws StageError at a break. */
  readonly pcm: AsyncIterable<Buffer>;
  /** Ends the decoder if it still runs. */
  close(): Promise<void>;
}

export interface AudioDecoder {
  decode(file: string, signal: AbortSignal): AudioStream;
}

export interface TranscribeRequest {
  /** 16 kHz mono signed 16-bit little-endian PCM, in chunks of any size; pulled, so back-pressure reaches ffmpeg. */
  readonly pcm: AsyncIterable<Buffer>;
  /** ISO 639-1 code, or `auto`. */
  readonly language: string;
  readonly signal: AbortSignal;
  /** Seconds of audio done so far. */
  readonly onProgress: (processedSeconds: number) => void;
}

export interface TranscribeResult {
  /** The model that really ran. */
  readonly model: string;
  readonly language: string;
  /** In order, not overlapping. Empty when nobody speaks. */
  readonly segments: readonly Segment[];
}

export interface Transcriber {
  transcribe(request: TranscribeRequest): Promise<TranscribeResult>;
  close(): Promise<void>;
}

export interface EmbedOptions {
  readonly signal: AbortSignal;
}

export interface Embedder {
  /** Recorded with each vector; a search uses only vectors of its query's model. */
  readonly model: string;
  /** Length of the vectors. Undefined until the first answer where the model is none we know. */
  readonly dimensions: number | undefined;
  /** Requests worth having under way at once, from 1. */
  readonly concurrency: number;
  /** Whether a query can be embedded at once, without loading a model first. */
  isWarm(): boolean;
  /** One unit-length vector per text, in their order. Texts are not empty. */
  embed(texts: readonly string[], options: EmbedOptions): Promise<Float32Array[]>;
  close(): Promise<void>;
}

export interface StoreOptions {
  readonly signal: AbortSignal;
}

/** A passage's vector. Its id is `<owner.key>#<index>`. */
export interface VectorRecord {
  readonly index: number;
  readonly values: Float32Array;
  /** Kept beside the vector, so that the store is readable on its own. */
  readonly metadata: {
    readonly title: string;
    readonly text: string;
    readonly start: number;
    readonly end: number;
    readonly url: string;
  };
}

export interface VectorQuery {
  readonly model: string;
  readonly values: Float32Array;
  readonly limit: number;
}

export interface VectorHit {
  /** `<owner.key>#<index>` */
  readonly id: string;
  readonly owner: Owner;
  /** Cosine similarity, -1 to 1. */
  readonly score: number;
}

export interface VectorStore {
  /** For status and logs: `sqlite`, `pinecone`. */
  readonly kind: string;
  /** Refuses a dimension the store cannot hold, before anything is written. */
  prepare(model: string, dimensions: number, options: StoreOptions): Promise<void>;
  /** Writes or overwrites by id. */
  upsert(owner: Owner, model: string, records: readonly VectorRecord[], options: StoreOptions): Promise<void>;
  /** Removes the vectors of this key from index `count` on, whoever wrote them: the tail of an earlier, longer run. */
  deleteTail(owner: Owner, count: number, options: StoreOptions): Promise<void>;
  /** Removes what this very uid wrote under this key; returns how many. */
  purge(owner: Owner, options: StoreOptions): Promise<number>;
  /** Nearest first, only vectors of `query.model`. */
  query(query: VectorQuery, options: StoreOptions): Promise<VectorHit[]>;
  close(): Promise<void>;
}

/** All a record store keeps of one video. */
export interface VideoRecord {
  readonly owner: Owner;
  readonly url: string;
  readonly title: string;
  readonly uploader?: string;
  readonly durationSeconds: number;
  readonly language: string;
  readonly transcriptionModel: string;
  readonly embeddingModel: string;
  readonly segments: readonly Segment[];
  readonly passages: readonly Passage[];
}

/** A stored passage with what is needed to show it. */
export interface PassageRecord extends Passage {
  /** `<owner.key>#<index>` */
  readonly id: string;
  readonly owner: Owner;
  readonly title: string;
  /** The video's link. */
  readonly url: string;
}

export interface TextHit {
  readonly passage: PassageRecord;
  /** Higher is better; only comparable within one answer. */
  readonly score: number;
  /** Share of the query's telling words (search/queryWords.ts) that the passage has, in any form of the word; 0–1. */
  readonly coverage: number;
}

export interface RecordStore {
  /** For status and logs: `sqlite`, `supabase`. */
  readonly kind: string;
  /** Replaces all that is stored under this key, as one step: a reader sees the old or the new, never a mixture. */
  save(record: VideoRecord, options: StoreOptions): Promise<void>;
  /** Undefined where there is none. */
  find(key: string, options: StoreOptions): Promise<VideoRecord | undefined>;
  /** Removes what this very uid wrote under this key; returns the number of videos removed (0 or 1). */
  purge(owner: Owner, options: StoreOptions): Promise<number>;
  /** Full-text search (BM25 where the store has it), best first. Any text is a valid query. */
  searchText(query: string, limit: number, options: StoreOptions): Promise<TextHit[]>;
  /** The passages of these ids that exist and were written by the same uid, in any order. */
  passages(hits: readonly { id: string; owner: Owner }[], options: StoreOptions): Promise<PassageRecord[]>;
  close(): Promise<void>;
}
