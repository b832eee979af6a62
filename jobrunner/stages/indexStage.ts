import { mapInOrder } from '../../common/mapInOrder.ts';
import { oneLine } from '../../common/oneLine.ts';
import { ARTIFACT, type IndexArtifact, type Passage } from '../artifacts.ts';
import { StageError } from '../contract/stageError.ts';
import { toPassages } from '../passages.ts';
import type { Embedder, RecordStore, VectorRecord, VectorStore } from '../ports.ts';
import { readIndex, readVideo } from '../readArtifacts.ts';
import { readOrderedTranscript } from './orderedTranscript.ts';
import { retryInPlace, type RetryInPlaceOptions } from './retryInPlace.ts';
import type { Stage, StageContext, StageFacts } from './stage.ts';

export interface IndexDependencies {
  readonly embedder: Embedder;
  readonly vectors: VectorStore;
  readonly records: RecordStore;
  readonly random: () => number;
  /** See RetryInPlaceOptions. */
  readonly retryBaseMs?: number;
}

/** Characters of a title that are stored with each passage: Pinecone takes 40 kB of metadata to a vector. */
const MAX_TITLE = 500;

/**
 * `transcript.json` → passages → vectors and records → `index.json`. Whatever moment it is stopped at, the next run
 * ends in the same state: vectors are written by position, then the record replaces the old one in one step, then the
 * vectors beyond the last passage go. A search shows no passage before its record is there.
 */
export function indexStage(deps: IndexDependencies): Stage {
  const { embedder, vectors, records } = deps;

  return {
    name: 'index',

    async finished({ folder }) {
      const index = await readIndex(folder);
      const ours =
        index?.model === embedder.model &&
        (embedder.dimensions === undefined || index.dimensions === embedder.dimensions) &&
        index.vectorStore === vectors.kind &&
        index.recordStore === records.kind;
      return ours ? factsOf(index) : undefined;
    },

    async run(context) {
      const { folder, job, signal, log } = context;
      const { owner } = job;
      const patience: RetryInPlaceOptions = {
        signal,
        log,
        random: deps.random,
        ...(deps.retryBaseMs !== undefined && { baseMs: deps.retryBaseMs }),
      };
      const video = await readVideo(folder);
      if (!video)
        throw new StageError('InvalidFile', 'index found no valid video.json: fetch has to run before it.');
      const transcript = await readOrderedTranscript(folder);
      const title = oneLine(video.title, MAX_TITLE);
      const { url } = video;
      const passages = toPassages(transcript.segments, video.chapters);

      const prepare = async (dimensions: number): Promise<void> =>
        retryInPlace(() => vectors.prepare(embedder.model, dimensions, { signal }), patience);
      // Before anything is paid for, where the model is known; in any case before anything is written.
      const known = embedder.dimensions;
      if (known !== undefined) await prepare(known);
      const values = await embedPassages(passages, context, patience);
      const dimensions = known ?? values[0]?.length ?? 0;
      if (known === undefined && values.length > 0) await prepare(dimensions);
      const vectorRecords = passages.map(({ index, start, end, text }): VectorRecord => ({
        index,
        values: values[index] ?? new Float32Array(),
        metadata: { title, text, start, end, url },
      }));
      if (vectorRecords.length > 0)
        await retryInPlace(() => vectors.upsert(owner, embedder.model, vectorRecords, { signal }), patience);
      await retryInPlace(
        () =>
          records.save(
            {
              owner,
              url,
              title,
              ...(video.uploader !== undefined && { uploader: oneLine(video.uploader, MAX_TITLE) }),
              durationSeconds: video.durationSeconds,
              language: transcript.language,
              transcriptionModel: transcript.model,
              embeddingModel: embedder.model,
              segments: transcript.segments,
              passages,
            },
            { signal },
          ),
        patience,
      );
      await retryInPlace(() => vectors.deleteTail(owner, passages.length, { signal }), patience);

      const index: IndexArtifact = {
        passages: passages.length,
        model: embedder.model,
        dimensions,
        vectorStore: vectors.kind,
        recordStore: records.kind,
      };
      await folder.write(ARTIFACT.index, JSON.stringify(index));
      return factsOf(index);
    },
  };

  /** One vector per passage, in batches and in order. */
  async function embedPassages(
    passages: readonly Passage[],
    { job, log, signal, onProgress }: StageContext,
    patience: RetryInPlaceOptions,
  ): Promise<Float32Array[]> {
    const { batchSize } = job.spec.embedding;
    const batches = inBatches(passages.map(embeddedText), batchSize);
    const answers = mapInOrder(
      batches,
      { concurrency: embedder.concurrency, signal },
      async (texts, ours) => {
        const embedded = await retryInPlace(() => embedder.embed(texts, { signal: ours }), {
          ...patience,
          signal: ours,
        });
        checkEmbedded(embedded, texts.length);
        return embedded;
      },
    );
    const values: Float32Array[] = [];
    let batch = 0;
    for await (const embedded of answers) {
      batch++;
      values.push(...embedded);
      log.info(
        { stage: 'index', batch, batches: batches.length },
        `✅ Processed embedding batch ${batch}/${batches.length}`,
      );
      onProgress({
        stage: 'index',
        percent: Math.round((100 * batch) / batches.length),
        detail: `embedding batch ${batch} of ${batches.length}`,
      });
    }
    return values;
  }

  function checkEmbedded(embedded: readonly Float32Array[], wanted: number): void {
    const { model, dimensions = embedded[0]?.length ?? 0 } = embedder;
    const fault =
      embedded.length === wanted
        ? embedded.every((values) => values.length === dimensions)
          ? embedded.every((values) => values.every(Number.isFinite))
            ? undefined
            : 'values that are not numbers'
          : `vectors of another length than ${dimensions}`
        : `${embedded.length} vectors for ${wanted} passages`;
    if (fault !== undefined)
      throw new StageError(
        'EmbeddingFailed',
        `The embedding model ${model} answered with ${fault}: nothing was stored. Check spec.embedding.model.`,
      );
  }
}

function inBatches<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, batch) =>
    items.slice(batch * size, (batch + 1) * size),
  );
}

/** The chapter's title goes before the text: it names what the words are about. */
function embeddedText({ chapter, text }: Passage): string {
  return chapter === undefined ? text : `${chapter}. ${text}`;
}

function factsOf(index: IndexArtifact): StageFacts {
  return index.passages === 0 ? { index, noSpeech: true } : { index };
}
