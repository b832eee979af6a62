import { PIPELINE_PEERS, type PipelineFigures, type PipelinePeer, type PipelineRun } from './figures.ts';
import { figure, medianOf, ratio, spreadOf, table } from '../report/markdown.ts';
import type { Plot, Section } from '../report/section.ts';

const NAMES: Readonly<Record<PipelinePeer, string>> = {
  ours: 'ours, which also checks, embeds and stores',
  'faster-whisper': 'yt-dlp and faster-whisper at its defaults',
  pywhispercpp: 'yt-dlp and pywhispercpp (whisper.cpp, greedy)',
  'whisper-cli': 'yt-dlp and whisper-cli (whisper.cpp, beam of 5)',
};

type Read = (run: PipelineRun) => number;

const wall: Read = ({ seconds }) => seconds;
const cpu: Read = ({ cpuSeconds }) => cpuSeconds;
const memory: Read = ({ peakMb }) => peakMb;
const errors: Read = ({ wordErrorRate }) => 100 * wordErrorRate;

/** `pipeline`: medians with least and most, and what ours is to each of the others. */
export function pipelineTables(figures: PipelineFigures): Section['tables'] {
  const head = [
    ...['speech', '', 'wall, s', 'CPU, s', 'memory of the tree, MB', 'words wrong, %'],
    ...['ours to it: wall', 'CPU', 'memory'],
  ];
  const rows = figures.lengths.flatMap(({ speechSeconds, peers }) => {
    const ours = peers.find(({ peer }) => peer === 'ours')?.runs ?? [];
    return peers.map(({ peer, runs }) => {
      const values = (read: Read, digits: number): string => spreadOf(runs.map(read), digits);
      const ratios = [wall, cpu, memory].map((read) =>
        peer === 'ours' ? '' : ratio(medianOf(ours.map(read)), medianOf(runs.map(read))),
      );
      return [
        ...[`${figure(speechSeconds)} s`, NAMES[peer]],
        ...[values(wall, 1), values(cpu, 1), values(memory, 0), values(errors, 1), ...ratios],
      ];
    });
  });
  const versions = Object.entries(figures.versions).map(([name, version]) => `${name} ${version}`);
  const note = `Everybody on ${figures.cores} cores with the weights of Whisper tiny.en; ${versions.join(', ')}.`;
  return [{ id: 'pipeline', markdown: `${table(head, rows)}\n\n${note}` }];
}

/** Wall time against the length of the speech. */
export function pipelinePlots({ lengths }: PipelineFigures): Plot[] {
  const series = PIPELINE_PEERS.map((name) => ({
    name: NAMES[name],
    points: lengths.flatMap(({ speechSeconds, peers }) => {
      const median = medianOf(peers.find(({ peer }) => peer === name)?.runs.map(wall) ?? []);
      return median === undefined ? [] : [[speechSeconds, median] as const];
    }),
  }));
  return [
    {
      id: 'pipeline',
      title: 'From the link to the text',
      x: 'seconds of speech',
      y: 'seconds until done',
      scale: 'linear',
      series: series.filter(({ points }) => points.length > 0),
    },
  ];
}
