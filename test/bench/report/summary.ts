import { writesPerVideo, type ControllerFigures, type ControllerRun } from '../controller/figures.ts';
import { medianAt } from '../controller/tables.ts';
import { figure, medianOf, ratio, table } from './markdown.ts';
import type { PipelineFigures, PipelinePeer, PipelineRun } from '../pipeline/figures.ts';
import type { Results } from './results.ts';
import type { StoreFigures } from '../store/figures.ts';

/** The numbers that people ask for: of the longest recording, of so many videos at once, of so many passages. */
const VIDEOS = 1000;
const PASSAGES = 20_000;

const SCRIPTS: readonly (readonly [PipelinePeer, string])[] = [
  ['faster-whisper', 'yt-dlp and faster-whisper'],
  ['pywhispercpp', 'yt-dlp and pywhispercpp (whisper.cpp)'],
  ['whisper-cli', 'yt-dlp and whisper-cli (whisper.cpp)'],
];
const CONTROLLERS: readonly (readonly [peer: string, name: string])[] = [
  ['go', 'controller-runtime (Go), minimal'],
  ['kopf', 'kopf (Python), minimal'],
];

/** What of ours is so many times the other's, in a line for each; what was not measured has none. */
export function summaryTable({ pipeline, controller, store }: Results): string {
  const rows = [
    ...(pipeline ? ofPipeline(pipeline.figures) : []),
    ...(controller ? ofController(controller.figures) : []),
    ...(store ? ofStore(store.figures) : []),
  ];
  if (rows.length === 0) return 'Not measured yet: `npm run bench`.';
  return table(['ours to', 'time', 'processor time', 'memory at most', ''], rows);
}

function ofPipeline({ lengths }: PipelineFigures): string[][] {
  const longest = lengths.toSorted((a, b) => b.speechSeconds - a.speechSeconds)[0];
  if (!longest) return [];
  const at = (wanted: PipelinePeer, read: (run: PipelineRun) => number): number | undefined =>
    medianOf((longest.peers.find(({ peer }) => peer === wanted)?.runs ?? []).map(read));
  const errors = (peer: PipelinePeer): string =>
    `${figure(100 * (at(peer, ({ wordErrorRate }) => wordErrorRate) ?? Number.NaN), 1)} %`;
  return SCRIPTS.filter(([peer]) => at(peer, ({ seconds }) => seconds) !== undefined).map(([peer, name]) => {
    const compared = (read: (run: PipelineRun) => number): string => ratio(at('ours', read), at(peer, read));
    return [
      `${name}: ${longest.speechSeconds} s of speech, from the link`,
      compared(({ seconds }) => seconds),
      compared(({ cpuSeconds }) => cpuSeconds),
      compared(({ peakMb }) => peakMb),
      `wrong words: ${errors('ours')} to ${errors(peer)}`,
    ];
  });
}

function ofController({ sizes }: ControllerFigures): string[][] {
  const peers = sizes.find(({ videos }) => videos === VIDEOS)?.peers ?? [];
  return CONTROLLERS.filter(([wanted]) => peers.some(({ peer }) => peer === wanted)).map(([peer, name]) => {
    const compared = (read: (run: ControllerRun) => number): string =>
      ratio(medianAt(peers, 'ours', read), medianAt(peers, peer, read));
    const writes = (of: string): string => figure(medianAt(peers, of, writesPerVideo), 1);
    return [
      `${name}: ${figure(VIDEOS)} videos at once`,
      compared(({ seconds }) => seconds),
      compared(({ cpuSeconds }) => cpuSeconds),
      compared(({ peakMb }) => peakMb),
      `writes per video: ${writes('ours')} to ${writes(peer)}`,
    ];
  });
}

function ofStore({ sizes }: StoreFigures): string[][] {
  return sizes
    .filter(({ passages }) => passages === PASSAGES)
    .map(({ passages, search, vectors: { ours, numpy } }) => [
      `numpy, in memory: vector search among ${figure(passages)} passages`,
      ratio(ours.p50, numpy.p50),
      '–',
      ratio(ours.peakMb, numpy.peakMb),
      `a whole search: ${figure(search.p50)} ms (p95 ${figure(search.p95)})`,
    ]);
}
