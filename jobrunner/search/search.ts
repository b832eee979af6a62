import type { Logger } from '../../common/log.ts';
import { oneLine } from '../../common/oneLine.ts';
import { StageError } from '../contract/stageError.ts';
import type { Owner } from '../contract/videoJob.ts';
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

export interface PassageRequest extends Omit<SearchRequest, 'wait'> {
  /** Whose passages are wanted; everybody's unless told. */
  readonly accept?: (owner: Owner) => boolean;
}

/** The query's vector, or undefined when words alone shall decide. */
export type EmbedQuery = (query: string) => Promise<Float32Array | undefined>;

/** Passages that answer, best first; the score is comparable within one answer only. */
export interface FoundPassages {
  readonly ranking: SearchAnswer['ranking'];
  readonly passages: readonly (PassageRecord & { readonly score: number })[];
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
/** Where not everybody's passages are wanted, more are looked at until there are enough; so many at most. */
const MAX_CANDIDATES = 800;
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

/** As {@link findPassages}, in the form that people and programs are answered in. */
export async function search(deps: SearchDependencies, request: SearchRequest): Promise<SearchAnswer> {
  const { ranking, passages } = await findPassages(deps, request, (query) =>
    embedQuery(deps, query, request),
  );
  return {
    ranking,
    results: passages.map(({ owner, title, chapter, start, end, text, score, url }) => ({
      video: videoName(owner.key),
      title,
      ...(chapter !== undefined && { chapter }),
      start,
      end,
      text,
      score,
      url: timestampLink(url, start),
    })),
  };
}

/**
 * Finds passages by meaning (vectors) and by words (BM25), fused by reciprocal rank. When the embedding service is down
 * for a while, words alone decide. Vectors whose passage is not stored, or was stored by another run of the name, are
 * passed over: what is half written is not seen. Throws StageError.
 */
export async function findPassages(
  deps: SearchDependencies,
  request: PassageRequest,
  embed: EmbedQuery,
): Promise<FoundPassages> {
  const { limit } = request;
  const query = oneLine(request.query, MAX_QUERY_CHARACTERS);
  if (query === '')
    throw new StageError(
      'ConfigurationInvalid',
      'There is nothing to search for: give some words or a question, such as "how do I invite a colleague".',
    );
  if (!Number.isInteger(limit) || limit < 1 || limit > 100)
    throw new StageError('ConfigurationInvalid', `limit is a whole number from 1 to 100, not ${limit}.`);
  const values = embed(query);
  for (let candidates = Math.max(MIN_CANDIDATES, limit); ; candidates *= 4) {
    const found = await rank(deps, { ...request, query, values, candidates });
    if (found.passages.length === limit || found.exhausted || !request.accept || candidates >= MAX_CANDIDATES)
      return found;
  }
}

interface RankRequest extends PassageRequest {
  readonly values: Promise<Float32Array | undefined>;
  /** Taken from each ranking. */
  readonly candidates: number;
}

/** `exhausted`: there is nothing more in the stores. */
async function rank(
  { records, vectors, embedder }: SearchDependencies,
  { query, values, candidates, limit, signal, accept = () => true }: RankRequest,
): Promise<FoundPassages & { readonly exhausted: boolean }> {
  const [allTextHits, vector] = await Promise.all([
    records.searchText(query, candidates, { signal }),
    values,
  ]);
  const allVectorHits = vector
    ? await vectors.query({ model: embedder.model, values: vector, limit: candidates }, { signal })
    : [];
  const exhausted = allTextHits.length < candidates && allVectorHits.length < candidates;
  const textHits = allTextHits.filter(({ passage }) => accept(passage.owner));
  const vectorHits = allVectorHits.filter(({ owner }) => accept(owner));
  const found = new Map(textHits.map(({ passage }) => [passage.id, passage]));
  if (vector === undefined)
    return {
      ranking: 'lexical',
      passages: best([{ ids: [...found.keys()], weight: 1 }], found, limit),
      exhausted,
    };

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
  return { ranking: 'hybrid', passages: best(rankings, found, limit), exhausted };
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

function best(
  rankings: readonly Ranking[],
  passages: ReadonlyMap<string, PassageRecord>,
  limit: number,
): FoundPassages['passages'] {
  return fuseRankings(rankings)
    .flatMap(({ id, score }) => {
      const passage = passages.get(id);
      return passage ? [{ ...passage, score }] : [];
    })
    .slice(0, limit);
}
