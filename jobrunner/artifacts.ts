/** What the stages leave for each other in the working folder: the only thing that passes between them. */

/** File names in a working folder, fixed. The recording itself is `video.<extension>`. */
export const ARTIFACT = {
  video: 'video.json',
  transcript: 'transcript.json',
  vtt: 'transcript.vtt',
  index: 'index.json',
} as const;

/** Seconds. A day: no recording comes near it, and a number beyond it is a broken or hostile file. */
export const MAX_SECONDS = 86_400;
/** Chapters of one video. */
export const MAX_CHAPTERS = 10_000;

/** A named part of a video, as its author set it in Loom. */
export interface Chapter {
  /** Seconds from the beginning. */
  readonly start: number;
  readonly title: string;
}

/** One stretch of speech. */
export interface Segment {
  /** Seconds from the beginning of the video. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** `video.json`, written by `fetch` once the recording is complete and checked. */
export interface VideoArtifact {
  /** File name of the recording, beside this file. */
  readonly file: string;
  /** File name of Loom's captions (WebVTT), where they were asked for and exist. */
  readonly captionsFile?: string;
  /** The normalised link; of a local file, its `file:` URL. */
  readonly url: string;
  readonly source: 'yt-dlp' | 'loom-api' | 'cdn' | 'open-graph' | 'direct' | 'file';
  readonly title: string;
  readonly uploader?: string;
  /** As measured by decoding, not as claimed. */
  readonly durationSeconds: number;
  readonly sizeBytes: number;
  readonly width?: number;
  readonly height?: number;
  readonly chapters: readonly Chapter[];
}

/** `transcript.json`, written by `transcribe`. */
export interface TranscriptArtifact {
  readonly language: string;
  /** The model that really ran, or `captions`. */
  readonly model: string;
  readonly durationSeconds: number;
  readonly segments: readonly Segment[];
}

/** `index.json`, written by `index` once vectors and records are stored. */
export interface IndexArtifact {
  readonly passages: number;
  readonly model: string;
  readonly dimensions: number;
  readonly vectorStore: string;
  readonly recordStore: string;
}

/** A few sentences of one video: the unit that is embedded, stored and found. */
export interface Passage {
  /** Position in the video, from 0. */
  readonly index: number;
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** Title of the chapter it begins in. */
  readonly chapter?: string;
}
