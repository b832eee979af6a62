import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isObject, parseObject } from '../../../common/json.ts';

/** What Loom said of a video before yt-dlp gave up. */
export interface LoomVerdict {
  /** `found`: metadata arrived, so the video exists; `unknown`: Loom did not say. */
  readonly kind: 'private' | 'missing' | 'found' | 'unknown';
}

const LARGEST_ANSWER = 1024 * 1024;

/**
 * Reads the answers that yt-dlp kept in its folder (`--write-pages`): a private video, one that does not exist and
 * one without a usable format all end in the same message of yt-dlp's, but not in the same answer of Loom's.
 */
export async function readLoomVerdict(folder: string): Promise<LoomVerdict> {
  const videos: unknown[] = [];
  for (const name of await readdir(folder)) {
    if (!name.endsWith('.dump') || !name.includes('graphql')) continue;
    const text = await readFile(join(folder, name), 'utf8');
    const video = text.length <= LARGEST_ANSWER ? getVideoIn(text) : undefined;
    if (video !== undefined) videos.push(video);
  }
  const typed = videos.filter(isObject);
  if (typed.some((video) => video['__typename'] === 'PrivateVideo')) return { kind: 'private' };
  if (typed.some((video) => typeof video['name'] === 'string')) return { kind: 'found' };
  return { kind: videos.length > 0 && typed.length === 0 ? 'missing' : 'unknown' };
}

/** `data.getVideo` of an answer: an object, or null where there is no such video; undefined in other answers. */
function getVideoIn(text: string): unknown {
  const data = parseObject(text)?.['data'];
  return isObject(data) ? data['getVideo'] : undefined;
}
