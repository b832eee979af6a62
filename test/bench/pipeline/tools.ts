import { mkdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { locateFfmpeg } from '../../../jobrunner/setup/ffmpeg.ts';
import { cacheFolder, whisperFolder, type Places } from '../../../jobrunner/setup/folders.ts';
import { readManifest } from '../../../jobrunner/setup/manifest.ts';
import { SetupError } from '../../../jobrunner/setup/step.ts';
import { peersWeights, type PeersWeights } from './weights.ts';
import { buildWhisperCli } from './whisperCli.ts';
import { pythonEnvironment } from '../pythonEnvironment.ts';
import { PEERS } from '../peers/folder.ts';

/** What is pinned for the peers. */
export const REQUIREMENTS = join(PEERS, 'pipeline', 'requirements.txt');

/** What the peers run with, kept from one benchmark to the next. */
export interface PipelineTools {
  /** Kept below the cache of set-up. */
  readonly cache: string;
  readonly python: string;
  /** The one that we use too. */
  readonly ffmpeg: string;
  /** Folders for the PATH: with yt-dlp, ffmpeg and whisper-cli. */
  readonly programs: readonly string[];
  readonly weights: PeersWeights;
}

/** Makes what is missing; minutes the first time. Throws SetupError. */
export async function pipelineTools(places: Places): Promise<PipelineTools> {
  const installed = await readManifest(whisperFolder(places));
  if (installed?.name !== 'tiny.en')
    throw new SetupError(
      `everybody is measured with the weights of Whisper tiny.en, and ${installed?.name ?? 'none'} is set up here`,
      'run `LOOMVIDEO_WHISPER_MODEL=tiny.en npm run setup`',
    );
  const cache = join(cacheFolder(places), 'bench', 'pipeline');
  const environment = join(cache, 'venv');
  const bin = join(environment, 'bin');
  const python = join(bin, 'python');
  await pythonEnvironment(environment, REQUIREMENTS);
  const weights = await peersWeights(join(cache, 'tiny.en'), python, places);
  const cli = join(cache, 'whisper-cli');
  await buildWhisperCli(cli, bin, REQUIREMENTS);
  // The one in a wheel has a longer name, which nobody finds on a PATH.
  const ffmpeg = (await locateFfmpeg(places)).path;
  const named = join(cache, 'ffmpeg');
  await rm(named, { recursive: true, force: true });
  await mkdir(named);
  await symlink(ffmpeg, join(named, 'ffmpeg'));
  return { cache, python, ffmpeg, programs: [bin, named, cli], weights };
}
