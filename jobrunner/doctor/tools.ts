import { join } from 'node:path';
import { childEnvironment } from '../../common/childEnvironment.ts';
import { describeExit, runChild } from '../../common/childProcess.ts';
import type { Clock } from '../../common/clock.ts';
import { ffmpegVersion, locateFfmpeg } from '../setup/ffmpeg.ts';
import { embedderFolder, venvFolder, whisperFolder, type Places } from '../setup/folders.ts';
import { readManifest } from '../setup/manifest.ts';
import { isIntact } from '../setup/modelFolder.ts';
import type { Check, Finding } from './finding.ts';

/** Days after which Loom may have changed under yt-dlp; it is released about every month. */
const YT_DLP_OLD_DAYS = 90;
const DAY_MS = 24 * 60 * 60 * 1000;
const SET_UP = 'Run: npm run setup';

export function ffmpegCheck(places: Places): Check {
  return async () => {
    const found = await locateFfmpeg(places);
    const version = await ffmpegVersion(found, childEnvironment(places.env));
    return [{ level: 'ok', what: `ffmpeg ${version}, from ${found.source}` }];
  };
}

export function ytDlpCheck(places: Places, clock: Clock): Check {
  return async (signal) => {
    const command = join(venvFolder(places), 'bin', 'yt-dlp');
    const env = childEnvironment(places.env);
    const exit = await runChild({
      command,
      args: ['--ignore-config', '--version'],
      env,
      timeoutMs: 30_000,
      signal,
    });
    const version = exit.stdoutTail.trim();
    if (exit.code !== 0) return [{ level: 'fail', what: `yt-dlp ${describeExit(exit)}`, remedy: SET_UP }];
    return [ytDlpAge(version, clock.now())];
  };
}

/** What a version such as `2026.10.26` says of its age. */
export function ytDlpAge(version: string, now: Date): Finding {
  const [, year, month, day] = /^(\d{4})\.(\d{2})\.(\d{2})/.exec(version) ?? [];
  const days = Math.floor((now.getTime() - Date.parse(`${year}-${month}-${day}`)) / DAY_MS);
  if (Number.isNaN(days))
    return {
      level: 'warn',
      what: `yt-dlp says that its version is ${JSON.stringify(version.slice(0, 40))}`,
      remedy: SET_UP,
    };
  if (days <= YT_DLP_OLD_DAYS) return { level: 'ok', what: `yt-dlp ${version}` };
  return {
    level: 'warn',
    what: `yt-dlp ${version} is ${days} days old: Loom may have changed since`,
    remedy: 'Take a newer release of this project, or a newer yt-dlp in requirements.in.',
  };
}

export function modelsCheck(places: Places): Check {
  return async () => {
    const found = [];
    for (const [what, folder] of [
      ['Whisper', whisperFolder(places)],
      ['embedding', embedderFolder(places)],
    ] as const)
      found.push(await modelFinding(what, folder));
    return found;
  };
}

async function modelFinding(what: string, folder: string): Promise<Finding> {
  const manifest = await readManifest(folder);
  if (!manifest || !(await isIntact(folder, manifest)))
    return { level: 'fail', what: `The ${what} model is missing or damaged: ${folder}`, remedy: SET_UP };
  if (manifest.name !== 'tiny.en') return { level: 'ok', what: `${what} model ${manifest.name}` };
  return {
    level: 'warn',
    what: `${what} model ${manifest.name}: English only, other languages fail as LanguageUnsupported`,
    remedy: 'Where the model hub can be reached: LOOMVIDEO_WHISPER_MODEL=tiny npm run setup',
  };
}
