import { figure, ratio, table } from '../report/markdown.ts';
import type { Plot, Section } from '../report/section.ts';
import type { StoreFigures, StoreSizeFigures, Timing } from './figures.ts';

/** `store`: the server and what storing costs; `store-vectors`: the vector search alone, beside its yardstick. */
export function storeTables(figures: StoreFigures): Section['tables'] {
  return [
    { id: 'store', markdown: ofServer(figures) },
    { id: 'store-vectors', markdown: ofVectors(figures) },
  ];
}

const both = ({ p50, p95 }: Timing): string => `${milliseconds(p50)} / ${milliseconds(p95)}`;
const milliseconds = (value: number): string => figure(value, value < 1 ? 2 : 1);

function ofServer({ sizes }: StoreFigures): string {
  return table(
    [
      ...['passages', 'videos', 'start, s', 'list of 50, ms', 'further page of 20, ms', 'search, ms'],
      ...['longest block of the event loop, ms', 'server, MB', 'storing a video, ms', 'files, MB'],
    ],
    sizes.map(({ passages, videos, startMs, list, page, search, blockedMs, serverMb, save, fileMb }) => [
      ...[figure(passages), figure(videos), figure(startMs / 1000, 1), both(list), both(page), both(search)],
      ...[figure(blockedMs), figure(serverMb), both(save), figure(fileMb)],
    ]),
  );
}

function ofVectors({ sizes }: StoreFigures): string {
  return table(
    [
      ...['passages', 'ours, ms', 'numpy, ms', 'ours to numpy, p50'],
      ...['memory of ours, MB', 'of numpy, MB', 'the same passages found'],
    ],
    sizes.map(({ passages, vectors: { ours, numpy, agreement } }) => [
      ...[figure(passages), both(ours), both(numpy), ratio(ours.p50, numpy.p50)],
      ...[figure(ours.peakMb), figure(numpy.peakMb), `${figure(100 * agreement, 1)} %`],
    ]),
  );
}

/** Searching and storing against the number of passages. */
export function storePlots({ sizes }: StoreFigures): Plot[] {
  const line = (name: string, read: (size: StoreSizeFigures) => number) => ({
    name,
    points: sizes.map((size) => [size.passages, read(size)] as const),
  });
  return [
    {
      id: 'store',
      title: 'Embedded store: searching and storing',
      x: 'passages stored',
      y: 'milliseconds',
      scale: 'log',
      series: [
        line('search over HTTP, p95', ({ search }) => search.p95),
        line('vector search alone, p95', ({ vectors }) => vectors.ours.p95),
        line('the same in numpy, p95', ({ vectors }) => vectors.numpy.p95),
        line('storing a video of 10 passages, p50', ({ save }) => save.p50),
      ],
    },
  ];
}
