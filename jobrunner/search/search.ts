import type { Logger } from '../../common/log.ts';
import { oneLine } from '../../common/oneLine.ts';
import { StageError } from '../contract/stageError.ts';
import type { Embedder, PassageRecord, RecordStore, VectorStore } from '../ports.ts';
import { fuseRankings, type Ranking } from './rankFusion.ts';
import { timestampLink } from './timestampLink.ts';
import { videoName } from './videoName.ts';

export interface SearchDependencies {
  readonly embedder: Embedder;
  readonly vectors: VectorStore;
  readonly records: RecordStore;
  readonly log: Logger;
}

export interface SearchRequest {
  readonly query: string;
  /** Passages wanted, 1–100. */
  readonly limit: number;
  /** Whether to wait for a cold embedding model; otherwise words alone decide while it is cold. */
  readonly wait: boolean;
  readonly signal: AbortSignal;
}

/** A passage that answers. */
export interface SearchResult {
  /** See videoName.ts. */
  readonly video: string;
  readonly title: string;
  readonly chapter?: string;
  /** Seconds from the beginning of the video. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** Higher is better; comparable within one answer only. */
  readonly score: number;
  /** Opens the video where the passage begins. */
  readonly url: string;
}

export interface SearchAnswer {
  /** `hybrid`: by meaning and by words; `lexical`: by words alone. */
  readonly ranking: 'hybrid' | 'lexical';
  /** Best first. */
  readonly results: readonly SearchResult[];
}

/** Candidates taken from each ranking, at least: what both find only further down can still rise by their fusion. */
const MIN_CANDIDATES = 50;
/** Characters of a query that are embedded: what the local model reads of a text at most. */
const MAX_QUERY_CHARACTERS = 1000;
/**
 * A passage with no more than half of the query's words is a poor witness: "I lost my smartphone, how do I get into my
 * account" has "account" alone in common with a passage on invoices. Of the 13 questions to the bundled recording, 12
 * find their passage first by vectors alone, 12 with every word match fused in, 13 like this, for any bound from 0.5 to
 * 0.75. Poor witnesses only order what is otherwise equal, or speak where there is nobody else.
 */
const GOOD_COVERAGE = 0.5;
const POOR_WEIGHT = 0.01;

/**
 * Finds passages by meaning (vectors) and by words (BM25), fused by reciprocal rank. When the embedding service is down
 * for a while, words alone decide. Vectors whose passage is not stored, or was stored by another run of the name, are
 * passed over: what is half written is not seen. Throws StageError.
 */
export async function search(deps: SearchDependencies, request: SearchRequest): Promise<SearchAnswer> {
  const { records, vectors, embedder } = deps;
  const { limit, signal } = request;
  const query = oneLine(request.query, MAX_QUERY_CHARACTERS);
  if (query === '')
    throw new StageError(
      'ConfigurationInvalid',
      'There is nothing to search for: give some words or a question, such as "how do I invite a colleague".',
    );
  if (!Number.isInteger(limit) || limit < 1 || limit > 100)
    throw new StageError('ConfigurationInvalid', `limit is a whole number from 1 to 100, not ${limit}.`);
  const candidates = Math.max(MIN_CANDIDATES, limit);

  const [textHits, values] = await Promise.all([
    records.searchText(query, candidates, { signal }),
    embedQuery(deps, query, request),
  ]);
  const found = new Map(textHits.map(({ passage }) => [passage.id, passage]));
  if (values === undefined)
    return { ranking: 'lexical', results: show([{ ids: [...found.keys()], weight: 1 }], found, limit) };

  const vectorHits = await vectors.query({ model: embedder.model, values, limit: candidates }, { signal });
  const stored = new Map(
    (await records.passages(vectorHits, { signal })).map((passage) => [passage.id, passage]),
  );
  for (const [id, passage] of stored) found.set(id, passage);
  const idsWhere = (wanted: (coverage: number) => boolean): string[] =>
    textHits.filter(({ coverage }) => wanted(coverage)).map(({ passage }) => passage.id);
  const rankings: Ranking[] = [
    { ids: vectorHits.map(({ id }) => id).filter((id) => stored.has(id)), weight: 1 },
    { ids: idsWhere((coverage) => coverage > GOOD_COVERAGE), weight: 1 },
    { ids: idsWhere((coverage) => coverage <= GOOD_COVERAGE), weight: POOR_WEIGHT },
  ];
  return { ranking: 'hybrid', results: show(rankings, found, limit) };
}

/** Undefined when words alone shall decide: the model is cold and nobody waits, or its service is out for a while. */
async function embedQuery(
  { embedder, log }: SearchDependencies,
  query: string,
  { wait, signal }: SearchRequest,
): Promise<Float32Array | undefined> {
  if (!wait && !embedder.isWarm()) return undefined;
  try {
    const [values] = await embedder.embed([query], { signal });
    return values;
  } catch (error) {
    if (signal.aborted || !(error instanceof StageError) || !error.retryable) throw error;
    log.warn({ reason: error.reason }, `Searching by words alone: ${oneLine(error.message)}`);
    return undefined;
  }
}

function show(
  rankings: readonly Ranking[],
  passages: ReadonlyMap<string, PassageRecord>,
  limit: number,
): SearchResult[] {
  return fuseRankings(rankings)
    .flatMap(({ id, score }) => {
      const passage = passages.get(id);
      if (!passage) return [];
      const { owner, title, chapter, start, end, text, url } = passage;
      return [
        {
          video: videoName(owner.key),
          title,
          ...(chapter !== undefined && { chapter }),
          start,
          end,
          text,
          score,
          url: timestampLink(url, start),
        },
      ];
    })
    .slice(0, limit);
}
