import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { locateFfmpeg } from '../../../jobrunner/setup/ffmpeg.ts';
import { venvFolder } from '../../../jobrunner/setup/folders.ts';

/** The project's root folder. */
export const ROOT = join(import.meta.dirname, '../../..');

/** Paths of the real programs that tests run. */
export interface Tools {
  readonly ffmpeg: string;
  readonly ytDlp: string;
}

/** Finds what `npm run setup` has installed. Throws with that command when something is missing. */
export async function findTools(env: NodeJS.ProcessEnv = process.env): Promise<Tools> {
  const ytDlp = join(venvFolder({ env, root: ROOT }), 'bin/yt-dlp');
  await access(ytDlp).catch((cause: unknown) => {
    throw new Error(`no yt-dlp at ${ytDlp}: run \`npm run setup\``, { cause });
  });
  const { path } = await locateFfmpeg({ env, root: ROOT });
  return { ffmpeg: path, ytDlp };
}
