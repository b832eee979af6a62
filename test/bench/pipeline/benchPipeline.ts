/**
 * Recordings from their link to their text: our pipeline, which also checks, embeds and stores them, and what one would
 * write instead with yt-dlp and a Whisper engine. The same weights, the same stand-in for Loom, alternating, from outside.
 */
import { mkdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../../support/cli.ts';
import { startLoom, type Loom } from '../../support/loom/server.ts';
import { wordErrorRate } from '../../support/wordErrorRate.ts';
import { measure } from '../measure.ts';
import { contestants, CORES, type Contestant } from './contestants.ts';
import type { PipelineFigures, PipelineRun } from './figures.ts';
import { speechOf, type Speech } from './recording.ts';
import { pipelinePlots, pipelineTables } from './tables.ts';
import { pipelineTools, REQUIREMENTS } from './tools.ts';
import { say } from '../progress.ts';
import type { Section } from '../report/section.ts';

/** Of the recordings. The longer one is just below the limit of 300: the copied video stream ends on its next frame. */
const LENGTHS = [60, 298];
/** What the peers are made of, by package. */
const VERSIONS = ['yt-dlp', 'faster-whisper', 'ctranslate2', 'pywhispercpp'];

/**
 * `runs`: of everybody on each recording, 3 unless told; about a minute and a half each on two cores. Throws SetupError
 * where the peers cannot be made, and an Error where anybody fails.
 */
export async function benchPipeline({ runs = 3 }: { readonly runs?: number } = {}): Promise<
  Section<PipelineFigures>
> {
  const tools = await pipelineTools({ env: process.env, root: ROOT });
  const scratch = join(tools.cache, 'run');
  await rm(scratch, { recursive: true, force: true });
  await mkdir(scratch);
  const loom = await startLoom();
  try {
    const speeches: Speech[] = [];
    for (const seconds of LENGTHS) speeches.push(await speechOf(seconds, scratch, tools.ffmpeg));
    const figures: PipelineFigures = {
      cores: CORES,
      versions: await versions(),
      lengths: await alternate(
        await contestants(tools, loom.env, scratch),
        speeches,
        runs,
        (contestant, speech) => runOnce(contestant, speech, loom, scratch),
      ),
    };
    return {
      id: 'pipeline',
      figures,
      tables: pipelineTables(figures),
      plots: pipelinePlots(figures),
    };
  } finally {
    await loom.close();
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Everybody in turn on each recording, `runs` times. */
async function alternate(
  all: readonly Contestant[],
  speeches: readonly Speech[],
  runs: number,
  run: (contestant: Contestant, speech: Speech) => Promise<PipelineRun>,
): Promise<PipelineFigures['lengths']> {
  const lengths = speeches.map((speech) => ({
    speech,
    peers: all.map((contestant) => ({ contestant, found: [] as PipelineRun[] })),
  }));
  say('pipeline: once without counting, so that everything was read from the disk before');
  for (const contestant of all) if (speeches[0]) await run(contestant, speeches[0]);
  for (let round = 1; round <= runs; round++)
    for (const { speech, peers } of lengths)
      for (const { contestant, found } of peers) {
        const figures = await run(contestant, speech);
        found.push(figures);
        say(
          `pipeline: run ${round} of ${runs}, ${speech.seconds} s, ${contestant.peer}: ${describe(figures)}`,
        );
      }
  return lengths.map(({ speech, peers }) => ({
    speechSeconds: speech.seconds,
    peers: peers.map(({ contestant, found }) => ({ peer: contestant.peer, runs: found })),
  }));
}

const describe = ({ seconds, cpuSeconds, peakMb, wordErrorRate: wrong }: PipelineRun): string =>
  `${seconds.toFixed(1)} s, ${cpuSeconds.toFixed(1)} s of CPU, ${peakMb.toFixed(0)} MB, ${(100 * wrong).toFixed(1)} % of the words wrong`;

/** A link of its own and an empty folder for each run: nothing of an earlier one is found. */
async function runOnce(
  { peer, command, outcome }: Contestant,
  { path, seconds, text }: Speech,
  loom: Loom,
  scratch: string,
): Promise<PipelineRun> {
  const folder = join(scratch, 'work');
  await mkdir(folder);
  try {
    const link = loom.addVideo({ duration: seconds, raw: { kind: 'file', source: path } }).shareUrl;
    const { stdout, ...figures } = await measure({ ...command(link, folder), cwd: folder });
    const found = await outcome(stdout, folder);
    const { size } = await stat(path);
    if (found.bytes !== size)
      throw new Error(`${peer} downloaded ${found.bytes} bytes of a recording of ${size}`);
    return { ...figures, wordErrorRate: wordErrorRate(text, found.text) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function versions(): Promise<Record<string, string>> {
  const pins = await readFile(REQUIREMENTS, 'utf8');
  return Object.fromEntries(
    VERSIONS.map((name) => [name, new RegExp(`^${name}==(\\S+)`, 'm').exec(pins)?.[1] ?? 'unknown']),
  );
}
