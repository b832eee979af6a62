import { constants } from 'node:fs';
import { copyFile, link, realpath, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StageError } from '../../contract/stageError.ts';
import type { DownloadedVideo, DownloadRequest, VideoDownloader, VideoInfo } from '../../ports.ts';

/** Takes a recording that lies on this machine (`file:` URL). It is linked or copied, never moved or changed. */
export class LocalFile implements VideoDownloader {
  readonly source = 'file';

  async download(request: DownloadRequest): Promise<DownloadedVideo> {
    const path = await regularFile(request.url);
    const { size } = await stat(path);
    if (size > request.limits.maxBytes) {
      const message = `The file has ${size} bytes; at most ${request.limits.maxBytes} are allowed.`;
      throw new StageError('VideoTooLarge', message);
    }
    const info: VideoInfo = { title: basename(path, extname(path)), chapters: [] };
    request.onInfo(info);
    const file = `video${/^\.[a-z0-9]{2,5}$/i.exec(extname(path))?.[0].toLowerCase() ?? '.mp4'}`;
    const target = join(request.folder, file);
    // Another file system, or one without links: then a copy, by reference where the file system can.
    await link(path, target).catch(() => copyFile(path, target, constants.COPYFILE_FICLONE));
    request.onProgress({ bytes: size, percent: 100 });
    return { info, file };
  }
}

/** The file behind a `file:` URL, with links followed. A pipe or a device would never end: neither is taken. */
async function regularFile(url: string): Promise<string> {
  try {
    const path = await realpath(fileURLToPath(url));
    if ((await stat(path)).isFile()) return path;
  } catch (error) {
    throw new StageError('InvalidURL', `No readable file at ${url}.`, { cause: error });
  }
  throw new StageError('InvalidURL', `Not a file: ${url}.`);
}
