import type { FastifyInstance } from 'fastify';
import { oneLine } from '../../../../common/oneLine.ts';
import {
  findPassages,
  type FoundPassages,
  type PassageRequest,
  type SearchDependencies,
} from '../../../../jobrunner/search/search.ts';
import { timestampLink } from '../../../../jobrunner/search/timestampLink.ts';
import { videoName } from '../../../../jobrunner/search/videoName.ts';
import type { VideoKey } from '../../resources/resource.ts';
import { ownVideoOf, videoOf } from '../../resources/ownerKey.ts';
import { ProblemError } from '../problem.ts';
import { PROBLEM, SEARCH_QUERY } from '../schemas.ts';
import { webLink } from '../webLink.ts';
import type { Highlighter } from './highlights.ts';
import type { QueryOptions, QueryVectors } from './queryVectors.ts';

export interface SearchRouteOptions {
  readonly search: SearchDependencies;
  readonly queries: QueryVectors;
  readonly onEnd: (ranking: 'hybrid' | 'lexical' | 'failed', seconds: number) => void;
  readonly highlighter: Highlighter;
  /** Whether there is a LoomVideo of this name. */
  readonly exists: (key: VideoKey) => boolean;
}

/** Searches at once: the store answers one after another, and whoever waits longer than a second has gone. */
const MAX_UNDER_WAY = 200;

interface SearchRequest {
  readonly Querystring: { q: string; limit: number; namespace?: string; wait: boolean };
}

export function serveSearch(app: FastifyInstance, options: SearchRouteOptions): void {
  const { search, queries, highlighter, exists, onEnd } = options;
  let underWay = 0;

  /** Counted and measured. */
  async function find(request: Omit<PassageRequest, 'signal'> & QueryOptions): Promise<FoundPassages> {
    if (underWay >= MAX_UNDER_WAY)
      throw new ProblemError(503, 'TooManySearches', 'Too many searches are under way: try again.', {
        retryAfterSeconds: 1,
      });
    underWay++;
    const begun = performance.now();
    let ended: Parameters<typeof onEnd>[0] = 'failed';
    try {
      const found = await findPassages(search, request, (query) => queries.of(query, request));
      ended = found.ranking;
      return found;
    } finally {
      underWay--;
      onEnd(ended, (performance.now() - begun) / 1000);
    }
  }

  app.get<SearchRequest>(
    '/api/search',
    {
      schema: {
        operationId: 'search',
        summary: 'Finds what was said, in all videos, to the second',
        tags: ['search'],
        querystring: SEARCH_QUERY,
        response: { 200: { description: 'Passages, best first', $ref: 'SearchAnswer#' }, default: PROBLEM },
      },
    },
    async ({ query: { q, limit, namespace, wait }, signal }) => {
      const query = oneLine(q, 1000);
      if (query === '')
        throw new ProblemError(400, 'Invalid', 'query.q is empty: give some words or a question.', {
          field: 'query.q',
        });
      const { ranking, passages } = await find({
        query,
        limit,
        wait,
        signal,
        ...(namespace !== undefined && { accept: ({ key }) => videoOf(key).namespace === namespace }),
      });
      const highlights = highlighter.of(
        query,
        passages.map(({ text }) => text),
      );
      const results = passages.map(({ owner, title, chapter, start, end, text, score, url }, index) => {
        const own = ownVideoOf(owner.key);
        const { namespace: of, name } = videoOf(owner.key);
        const link = webLink(url);
        return {
          video: videoName(owner.key),
          namespace: of,
          name,
          title,
          ...(chapter !== undefined && { chapter }),
          start,
          end,
          text,
          highlights: highlights[index] ?? [],
          score,
          ...(link !== undefined && { url: timestampLink(link, start) }),
          exists: own !== undefined && exists(own),
        };
      });
      return { query, ranking, results };
    },
  );
}
