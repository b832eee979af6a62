import type { SearchAnswer, SearchResult } from '../../../controller/render/page/client/contract.d.ts';
import { hostileVideo, readyVideo, SCRIPTS } from './cannedVideos.ts';

const { detail, transcript } = readyVideo();

/** Sentences of the recording that have the word in them, marked; by words alone unless the model is waited for. */
export function searchRecording(query: string, wait: boolean): SearchAnswer {
  const word = query.split(' ')[0]?.toLowerCase() ?? '';
  const results = (transcript?.segments ?? []).flatMap(({ start, end, text, url }): SearchResult[] => {
    const at = text.toLowerCase().indexOf(word);
    if (at < 0) return [];
    const chapter = detail.chapters.findLast((one) => one.start <= start)?.title;
    return [
      {
        video: detail.name,
        namespace: detail.namespace,
        name: detail.name,
        title: detail.title ?? '',
        ...(chapter !== undefined && { chapter }),
        start,
        end,
        text,
        highlights: [[at, at + word.length]],
        score: 1,
        ...(url !== undefined && { url }),
        exists: true,
      },
    ];
  });
  return { query, ranking: wait ? 'hybrid' : 'lexical', results };
}

/** A passage at its worst, and marks that lie nowhere. */
export function searchHostile(query: string): SearchAnswer {
  const { title = '', namespace, name } = hostileVideo().detail;
  const highlights: [number, number][] = [
    [0, 5],
    [3, 9],
    [-1, 4],
    [6, 2],
    [7, 1e9],
    [Number.NaN, 3],
  ];
  return {
    query,
    ranking: 'hybrid',
    results: [
      {
        video: title,
        namespace,
        name,
        title,
        chapter: SCRIPTS,
        start: 3,
        end: 4,
        text: title,
        highlights,
        score: 1,
        url: 'javascript:window.injected=10',
        exists: true,
      },
      {
        video: 'gone',
        namespace,
        name: 'gone',
        title: '',
        start: -5,
        end: 4,
        text: SCRIPTS,
        highlights: [],
        score: 1,
        exists: false,
      },
    ],
  };
}
