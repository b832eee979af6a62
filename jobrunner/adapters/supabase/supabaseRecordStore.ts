import type { Passage } from '../../artifacts.ts';
import { throwIfAborted } from '../../contract/stageError.ts';
import type { PassageRecord, RecordStore, VideoRecord } from '../../ports.ts';
import { queryWords } from '../../search/queryWords.ts';
import {
  isCount,
  isFoundPassages,
  isHits,
  isVideo,
  type FoundPassageAnswer,
  type PassageAnswer,
  type VideoAnswer,
} from './answers.ts';
import { supabaseCaller, type SupabaseOptions } from './callSupabase.ts';
import { foldWord, indexWords, MAX_TEXT_BYTES, MAX_TITLE_BYTES } from './indexWords.ts';
import { SCHEMA_VERSION } from './schema.ts';
import { storableText } from './storableText.ts';

/**
 * Records in the PostgreSQL of a Supabase project, searched by its full-text search: see
 * migrations/0001_loomvideo.sql, which the project must have. Each call is one request and one transaction.
 */
export function supabaseRecordStore(options: SupabaseOptions): RecordStore {
  const call = supabaseCaller(options);
  const client_schema = SCHEMA_VERSION;

  return {
    kind: 'supabase',

    async save(record, { signal }) {
      await call('loomvideo_save_video', { client_schema, ...saveArguments(record) }, isCount, signal);
    },

    async find(key, { signal }) {
      const args = { client_schema, video_key: storableText(key) };
      const video = await call('loomvideo_find_video', args, isVideo, signal);
      return video ? toVideoRecord(video) : undefined;
    },

    purge({ key, uid }, { signal }) {
      const args = { client_schema, video_key: storableText(key), video_uid: storableText(uid) };
      return call('loomvideo_purge_video', args, isCount, signal);
    },

    async searchText(query, limit, { signal }) {
      throwIfAborted(signal);
      const words = queryWords(query).map(foldWord);
      if (words.length === 0) return [];
      const args = { client_schema, words, max_results: limit };
      const hits = await call('loomvideo_search_passages', args, isHits, signal);
      return hits.map(({ score, coverage, ...passage }) => ({
        passage: toPassageRecord(passage),
        score,
        coverage,
      }));
    },

    async passages(hits, { signal }) {
      const wanted = hits.flatMap(({ id, owner: { key, uid } }) => {
        const position = id.startsWith(`${key}#`) ? Number(id.slice(key.length + 1)) : Number.NaN;
        const ours = Number.isInteger(position) && position >= 0 && position <= MAX_POSITION;
        return ours ? [{ key: storableText(key), uid: storableText(uid), position }] : [];
      });
      if (wanted.length === 0) return [];
      const found = await call('loomvideo_find_passages', { client_schema, wanted }, isFoundPassages, signal);
      return found.map(toPassageRecord);
    },

    close: () => Promise.resolve(),
  };
}

/** The largest `integer` of PostgreSQL. */
const MAX_POSITION = 2_147_483_647;

function saveArguments(record: VideoRecord): Record<string, unknown> {
  const { owner, url, title, uploader, durationSeconds, language, transcriptionModel, embeddingModel } =
    record;
  return {
    video: {
      key: storableText(owner.key),
      uid: storableText(owner.uid),
      url: storableText(url),
      title: storableText(title),
      uploader: uploader === undefined ? null : storableText(uploader),
      duration_seconds: durationSeconds,
      language: storableText(language),
      transcription_model: storableText(transcriptionModel),
      embedding_model: storableText(embeddingModel),
      title_words: indexWords(title, MAX_TITLE_BYTES),
    },
    passages: record.passages.map(({ index, start, end, chapter, text }) => ({
      position: index,
      starts: start,
      ends: end,
      chapter: chapter === undefined ? null : storableText(chapter),
      text: storableText(text),
      chapter_words: indexWords(chapter ?? '', MAX_TITLE_BYTES),
      text_words: indexWords(text, MAX_TEXT_BYTES),
    })),
    segments: record.segments.map(({ start, end, text }) => ({ start, end, text: storableText(text) })),
  };
}

function toVideoRecord(video: VideoAnswer): VideoRecord {
  return {
    owner: { key: video.key, uid: video.uid },
    url: video.url,
    title: video.title,
    ...(video.uploader !== null && { uploader: video.uploader }),
    durationSeconds: video.duration_seconds,
    language: video.language,
    transcriptionModel: video.transcription_model,
    embeddingModel: video.embedding_model,
    segments: video.segments,
    passages: video.passages.map(toPassage),
  };
}

function toPassage({ position, starts, ends, chapter, text }: PassageAnswer): Passage {
  return { index: position, start: starts, end: ends, text, ...(chapter !== null && { chapter }) };
}

function toPassageRecord(found: FoundPassageAnswer): PassageRecord {
  const { key, uid, title, url, position } = found;
  return { ...toPassage(found), id: `${key}#${position}`, owner: { key, uid }, title, url };
}
