import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { childEnvironment } from '../../common/childEnvironment.ts';
import { type Ffmpeg, ffmpegVersion, locateFfmpeg } from './ffmpeg.ts';
import { cacheFolder, type Places } from './folders.ts';
import type { Step } from './step.ts';

/** An ffmpeg that runs. After the Python packages, as one of them brings an ffmpeg. */
export function ffmpegStep(places: Places): Step {
  const record = join(cacheFolder(places), 'ffmpeg.txt');
  return {
    title: 'ffmpeg',
    async isDone() {
      try {
        const look = await looks(await locateFfmpeg(places));
        return look === (await readFile(record, 'utf8'));
      } catch {
        return false;
      }
    },
    async run() {
      const ffmpeg = await locateFfmpeg(places);
      const version = await ffmpegVersion(ffmpeg, childEnvironment(places.env));
      await writeFile(record, await looks(ffmpeg));
      return `${version} from ${ffmpeg.source}`;
    },
  };
}

/** Tells a binary that was tried from another: it runs as long as this stays. */
async function looks({ path }: Ffmpeg): Promise<string> {
  const { size, mtimeMs } = await stat(path);
  return `${path}\n${size} ${mtimeMs}\n`;
}
