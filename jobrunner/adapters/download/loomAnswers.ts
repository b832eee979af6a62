import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What Loom said of a video before yt-dlp gave up. */
export type LoomVerdict =
  | { readonly kind: 'private'; readonly message: string }
  | { readonly kind: 'missing' }
  /** Metadata arrived, so the video exists. */
  | { readonly kind: 'found' }
  | { readonly kind: 'unknown' };

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
  const typed = videos.filter(
    (video): video is Record<string, unknown> => typeof video === 'object' && video !== null,
  );
  const isPrivate = typed.find((video) => video['__typename'] === 'PrivateVideo');
  if (isPrivate) return { kind: 'private', message: String(isPrivate['message'] ?? '') };
  if (typed.some((video) => typeof video['name'] === 'string')) return { kind: 'found' };
  return { kind: videos.length > 0 && typed.length === 0 ? 'missing' : 'unknown' };
}

/** `data.getVideo` of an answer: an object, or null where there is no such video; undefined in other answers. */
function getVideoIn(text: string): unknown {
  try {
    return (JSON.parse(text) as { data?: { getVideo?: unknown } } | null)?.data?.getVideo;
  } catch {
    return undefined;
  }
}
