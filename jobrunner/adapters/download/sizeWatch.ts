import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

const EVERY_MS = 100;

/**
 * Watches how much arrives in a download's folder, whatever the server announced: `onBytes` is told the total,
 * `onTooLarge` is called once when it passes `maxBytes`. Call the result to stop.
 */
export function watchSize(
  folder: string,
  maxBytes: number,
  events: { readonly onBytes: (bytes: number) => void; readonly onTooLarge: (bytes: number) => void },
): () => void {
  let stopped = false;
  let last = -1;
  const look = async (): Promise<void> => {
    const bytes = await arrivedBytes(folder);
    if (stopped) return;
    if (bytes !== last) events.onBytes(bytes);
    last = bytes;
    if (bytes > maxBytes) {
      stopped = true;
      events.onTooLarge(bytes);
    } else timer = setTimeout(() => void look(), EVERY_MS);
  };
  let timer = setTimeout(() => void look(), EVERY_MS);
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

/**
 * Bytes that arrived, each counted once: a segment that was just added to its file stands on disk twice for a
 * moment, and what ffmpeg makes of the parts (`.temp.`) did not arrive at all.
 */
export async function arrivedBytes(folder: string): Promise<number> {
  let files = 0;
  let segments = 0;
  for (const name of await readdir(folder).catch((): string[] => [])) {
    if (name.includes('.temp.') || name.endsWith('.dump')) continue;
    const size = await stat(join(folder, name)).then(
      (found) => found.size,
      () => 0,
    );
    if (/-Frag\d+/.test(name)) segments += size;
    else files += size;
  }
  return Math.max(files, segments);
}
