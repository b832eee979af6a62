import type { LoadedClients, LoadFigures } from './figures.ts';
import { figure, table } from '../report/markdown.ts';
import type { Section } from '../report/section.ts';

export function loadTables(figures: LoadFigures): Section['tables'] {
  const { seconds, reads, searches, events, finished, posted, peakMb, blockedMs } = figures;
  const row = (what: string, { clients, perSecond, answers, errors, latency }: LoadedClients): string[] => [
    `${clients} clients ${what}, ${perSecond} a second each`,
    ...[answers, errors, latency.p50, latency.p97_5, latency.p99, latency.max].map((value) => figure(value)),
  ];
  const clients = reads.clients + searches.clients + events.clients;
  const markdown = [
    table(
      [`${clients} clients, ${seconds} s`, 'answers', 'errors', 'p50, ms', 'p97.5', 'p99', 'most'],
      [row('read', reads), row('search', searches)],
    ),
    `${events.clients} clients were told of ${figure(events.told)} events, ${events.broken} of their streams broke. ` +
      `${finished} of ${posted} videos that were processed meanwhile became Ready. At most ${figure(peakMb)} MB in the whole process tree; ` +
      `longest block of the event loop ${figure(blockedMs)} ms.`,
  ].join('\n\n');
  return [{ id: 'load', markdown }];
}
