import { Ajv, type JSONSchemaType, type ValidateFunction } from 'ajv';
import {
  ARTIFACT,
  MAX_CHAPTERS,
  MAX_SECONDS,
  type IndexArtifact,
  type TranscriptArtifact,
  type VideoArtifact,
} from './artifacts.ts';
import type { WorkFolder } from './workFolder.ts';

const seconds = { type: 'number', minimum: 0, maximum: MAX_SECONDS } as const;
const count = { type: 'integer', minimum: 0 } as const;
const text = { type: 'string', maxLength: 1_000_000 } as const;
const fileName = { type: 'string', pattern: '^[A-Za-z0-9._-]+$', maxLength: 255 } as const;

// oxlint-disable-next-line no-unsafe-type-assertion -- JSONSchemaType cannot express readonly arrays
const videoSchema = {
  type: 'object',
  required: ['file', 'url', 'source', 'title', 'durationSeconds', 'sizeBytes', 'chapters'],
  properties: {
    file: fileName,
    captionsFile: { ...fileName, nullable: true },
    url: text,
    source: { type: 'string', enum: ['yt-dlp', 'loom-api', 'cdn', 'open-graph', 'direct', 'file'] },
    title: text,
    uploader: { ...text, nullable: true },
    durationSeconds: seconds,
    sizeBytes: count,
    width: { ...count, nullable: true },
    height: { ...count, nullable: true },
    chapters: {
      type: 'array',
      maxItems: MAX_CHAPTERS,
      items: { type: 'object', required: ['start', 'title'], properties: { start: seconds, title: text } },
    },
  },
} as unknown as JSONSchemaType<VideoArtifact>;

// oxlint-disable-next-line no-unsafe-type-assertion -- JSONSchemaType cannot express readonly arrays
const transcriptSchema = {
  type: 'object',
  required: ['language', 'model', 'durationSeconds', 'segments'],
  properties: {
    language: { type: 'string', minLength: 1, maxLength: 16 },
    model: { type: 'string', minLength: 1, maxLength: 128 },
    durationSeconds: seconds,
    segments: {
      type: 'array',
      maxItems: 100_000,
      items: {
        type: 'object',
        required: ['start', 'end', 'text'],
        properties: { start: seconds, end: seconds, text },
      },
    },
  },
} as unknown as JSONSchemaType<TranscriptArtifact>;

const indexSchema: JSONSchemaType<IndexArtifact> = {
  type: 'object',
  required: ['passages', 'model', 'dimensions', 'vectorStore', 'recordStore'],
  properties: {
    passages: count,
    model: text,
    dimensions: count,
    vectorStore: text,
    recordStore: text,
  },
};

const ajv = new Ajv({ allowUnionTypes: true });
const isVideo = ajv.compile(videoSchema);
const isTranscript = ajv.compile(transcriptSchema);
const isIndex = ajv.compile(indexSchema);

/** The artifact, or undefined where it is absent, broken or of another shape. */
export const readVideo = (folder: WorkFolder): Promise<VideoArtifact | undefined> =>
  read(folder, ARTIFACT.video, isVideo);
export const readTranscript = (folder: WorkFolder): Promise<TranscriptArtifact | undefined> =>
  read(folder, ARTIFACT.transcript, isTranscript);
export const readIndex = (folder: WorkFolder): Promise<IndexArtifact | undefined> =>
  read(folder, ARTIFACT.index, isIndex);

async function read<T>(folder: WorkFolder, name: string, is: ValidateFunction<T>): Promise<T | undefined> {
  const value = await folder.readJson(name);
  return is(value) ? value : undefined;
}
