/**
 * The whole pipeline on 300 s of speech against plain faster-whisper (int8, beam 1) on the same file, the same weights
 * and in the same run, alternating: wall time and peak memory of the process tree, from outside.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { runChild } from '../../common/childProcess.ts';
import { locateFfmpeg } from '../../jobrunner/setup/ffmpeg.ts';
import { venvPython, whisperFolder } from '../../jobrunner/setup/folders.ts';
import type { ProcessResult } from '../../jobrunner/result.ts';
import { recording } from '../sample/index.ts';
import { ROOT } from '../support/cli.ts';
import { wordErrorRate } from '../support/wordErrorRate.ts';
import { measure, median, spread, type Measured } from './measure.ts';

const RUNS = 3;
/** Just below the limit of 300: the copied video stream ends on its next frame. */
const SECONDS = 298;

export interface PipelineBench {
  readonly wallRatio: number;
  readonly memoryRatio: number;
  readonly ours: readonly Measured[];
  readonly peer: readonly Measured[];
  readonly markdown: string;
}

export async function benchPipeline(): Promise<PipelineBench> {
  const places = { env: process.env, root: ROOT };
  const folder = await mkdtemp(join(tmpdir(), 'loomvideo-bench-'));
  try {
    const media = await longRecording(folder, (await locateFfmpeg(places)).path);
    const env = {
      ...process.env,
      LOOMVIDEO_DATA_DIR: join(folder, 'data'),
      LOOMVIDEO_WORK_DIR: join(folder, 'work'),
    };
    const ours: Measured[] = [];
    const peer: Measured[] = [];
    for (let run = 0; run < RUNS; run++) {
      ours.push(
        await measure({
          command: process.execPath,
          args: [join(ROOT, 'jobrunner', 'main.ts'), 'process', media, '--json'],
          env,
        }),
      );
      peer.push(
        await measure({
          command: venvPython(places),
          args: [
            join(import.meta.dirname, 'peers', 'faster_whisper_plain.py'),
            whisperFolder(places),
            media,
            String(availableParallelism()),
          ],
          env,
        }),
      );
    }
    return summarise(ours, peer);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The bundled recording and its beginning again, {@link SECONDS} in all. */
async function longRecording(folder: string, ffmpeg: string): Promise<string> {
  const file = join(folder, 'speech.mp4');
  const { path } = recording();
  const args = [
    '-nostdin',
    '-loglevel',
    'error',
    '-stream_loop',
    '1',
    '-i',
    path,
    '-t',
    String(SECONDS),
    '-c',
    'copy',
    file,
  ];
  const exit = await runChild({ command: ffmpeg, args, env: {} });
  if (exit.code !== 0) throw new Error(`ffmpeg could not make the recording: ${exit.stderrTail}`);
  return file;
}

function summarise(ours: readonly Measured[], peer: readonly Measured[]): PipelineBench {
  const { text } = recording();
  const spoken = `${text} ${text}`;
  const share = (SECONDS / recording().durationSeconds - 1) * text.length;
  const reference = spoken.slice(0, text.length + Math.round(share));
  const errorRates = {
    ours: wordErrorRate(
      reference,
      (JSON.parse(ours[0]?.stdout ?? '') as ProcessResult).transcript?.text ?? '',
    ),
    peer: wordErrorRate(reference, (JSON.parse(peer[0]?.stdout ?? '') as { text: string }).text),
  };
  const wallRatio = median(wall(ours)) / median(wall(peer));
  const memoryRatio = median(peak(ours)) / median(peak(peer));
  const markdown = [
    `### Pipeline, ${SECONDS} s of speech, ${RUNS} runs each, alternating`,
    '',
    '| | wall, s | peak of the tree, MB | word error rate |',
    '|---|---|---|---|',
    `| ours: check, transcribe, embed, store | ${spread(wall(ours))} | ${spread(peak(ours), 0)} | ${percent(errorRates.ours)} |`,
    `| plain faster-whisper, int8, beam 1: transcribe | ${spread(wall(peer))} | ${spread(peak(peer), 0)} | ${percent(errorRates.peer)} |`,
    `| ratio of the medians | ${wallRatio.toFixed(2)} | ${memoryRatio.toFixed(2)} | |`,
    '',
  ].join('\n');
  return { wallRatio, memoryRatio, ours, peer, markdown };
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
const wall = (runs: readonly Measured[]): number[] => runs.map(({ seconds }) => seconds);
const peak = (runs: readonly Measured[]): number[] => runs.map(({ peakMb }) => peakMb);
