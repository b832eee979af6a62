import {
  readsPerVideo,
  writesPerVideo,
  type ControllerFigures,
  type ControllerRun,
  type ControllerSize,
} from './figures.ts';
import { figure, medianOf, ratio, spreadOf, table } from '../report/markdown.ts';
import type { Plot, Section, Series } from '../report/section.ts';

/** What the tables and plots call the controllers. */
const NAMES: Readonly<Record<string, string>> = {
  go: 'controller-runtime (Go)',
  'go-full': 'controller-runtime (Go) with finalizer and TTL',
};
const nameOf = (peer: string): string => NAMES[peer] ?? peer;

type Reading = (run: ControllerRun) => number | undefined;

/** What is read of a run, its digits, and whether ours is given as a ratio to the others'. */
const ROWS: readonly (readonly [name: string, read: Reading, digits: number, compares: boolean])[] = [
  ['time to all Ready, s', ({ seconds }) => seconds, 1, true],
  ['… until all are created, s', ({ creationSeconds }) => creationSeconds, 1, false],
  ['created to Job seen, p50, s', ({ toJobMs }) => toJobMs.p50 / 1000, 2, true],
  ['… p99, s', ({ toJobMs }) => toJobMs.p99 / 1000, 2, true],
  ['writes per video', writesPerVideo, 2, true],
  ['reads per video', readsPerVideo, 2, false],
  ['reconciles per video', ({ reconciles }) => reconciles, 2, false],
  ['processor time, s', ({ cpuSeconds }) => cpuSeconds, 1, true],
  ['… of the API server and etcd, s', ({ apiserverCpuSeconds }) => apiserverCpuSeconds, 1, true],
  ['memory idle, MB', ({ idleMb }) => idleMb, 0, true],
  ['… at most, MB', ({ peakMb }) => peakMb, 0, true],
  ['… all deleted, MB', ({ deletedMb }) => deletedMb, 0, false],
];

/** One table to a number of videos: medians with least and most where there are several runs, and ratios of the first's to
 * the others'. */
export function controllerTables({ sizes }: ControllerFigures): Section['tables'] {
  return [{ id: 'controller', markdown: sizes.map(tableOf).join('\n\n') }];
}

function tableOf({ videos, peers }: ControllerSize): string {
  const [first, ...others] = peers;
  const runs = peers.map(({ peer, runs: found }) => `${nameOf(peer)}, ${runsOf(found.length)}`);
  const head = [
    `${figure(videos)} videos`,
    ...runs,
    ...others.map(({ peer }) => `${nameOf(first?.peer ?? '')} to ${nameOf(peer)}`),
  ];
  const rows = ROWS.map(([name, read, digits, compares]) => {
    const known = peers.map(({ runs: found }) => found.map(read).filter((value) => value !== undefined));
    return {
      any: known.some((values) => values.length > 0),
      cells: [
        name,
        ...known.map((values) => spreadOf(values, digits)),
        ...others.map(({ peer }) => (compares && first ? compared(peers, [first.peer, peer], read) : '')),
      ],
    };
  });
  return table(
    head,
    rows.filter(({ any }) => any).map(({ cells }) => cells),
  );
}

const runsOf = (count: number): string => (count === 1 ? '1 run' : `${count} runs`);

function compared(
  peers: ControllerSize['peers'],
  [one, other]: readonly [string, string],
  read: Reading,
): string {
  return ratio(medianAt(peers, one, read), medianAt(peers, other, read));
}

/** The median of what is read of this controller's runs; undefined where it was not measured. */
export function medianAt(peers: ControllerSize['peers'], wanted: string, read: Reading): number | undefined {
  const runs = peers.find(({ peer }) => peer === wanted)?.runs ?? [];
  return medianOf(runs.map(read).filter((value) => value !== undefined));
}

/** Against the number of videos: time, and what a video costs. */
export function controllerPlots({ sizes }: ControllerFigures): Plot[] {
  const plot = (
    id: string,
    title: string,
    y: string,
    read: (run: ControllerRun, videos: number) => number,
  ): Plot => ({
    id: `controller-${id}`,
    title,
    x: 'videos created at once',
    y,
    scale: 'log',
    series: seriesOf(sizes, read),
  });
  return [
    plot('time', 'Controllers: until every video is Ready', 'seconds', ({ seconds }) => seconds),
    plot(
      'cpu',
      "Controllers: the controller's own processor time",
      'milliseconds per video',
      ({ cpuSeconds }, videos) => (1000 * cpuSeconds) / videos,
    ),
    plot('memory', 'Controllers: memory at most', 'MB, resident', ({ peakMb }) => peakMb),
    plot(
      'requests',
      'Controllers: requests to the API server, watches aside',
      'requests per video',
      (run) => writesPerVideo(run) + readsPerVideo(run),
    ),
  ];
}

function seriesOf(
  sizes: readonly ControllerSize[],
  read: (run: ControllerRun, videos: number) => number,
): Series[] {
  const peers = [...new Set(sizes.flatMap((size) => size.peers.map(({ peer }) => peer)))];
  return peers.map((peer) => ({
    name: nameOf(peer),
    points: sizes.flatMap(({ videos, peers: measured }) => {
      const value = medianAt(measured, peer, (run) => read(run, videos));
      return value === undefined ? [] : [[videos, value] as const];
    }),
  }));
}
