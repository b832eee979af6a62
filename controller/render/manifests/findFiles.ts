import { readdir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';

/** A GitOps folder for one machine has some dozens; what is larger is the wrong folder. */
const MAX_FILES = 1000;
const MAX_FOLDERS = 200;
const MAX_DEPTH = 16;

const MANIFEST = /\.(ya?ml|json)$/;

export interface FoundFile {
  /** Below the folder, with `/` between. */
  readonly file: string;
  /** Without links. */
  readonly path: string;
}

export interface Listing {
  /** In order of their names. */
  readonly files: readonly FoundFile[];
  readonly refused: readonly { readonly file: string; readonly message: string }[];
  /** All that was looked into, without links: what to watch. */
  readonly folders: readonly string[];
  /** Why it is not all there is; undefined: it is. */
  readonly incomplete: string | undefined;
}

/**
 * The manifests of a folder and those below it. Hidden files and folders are left out, as are links that lead out of it;
 * links within, such as those of a mounted ConfigMap, are followed. Rejects where the folder itself cannot be read.
 */
export async function findFiles(folder: string): Promise<Listing> {
  const root = await realpath(folder);
  const files: FoundFile[] = [];
  const refused: { file: string; message: string }[] = [];
  const folders = new Set<string>();
  let incomplete: string | undefined;

  async function look(path: string, below: string, depth: number): Promise<void> {
    // Two ways to one folder, or a link to one above.
    if (folders.has(path)) return;
    if (folders.size === MAX_FOLDERS || depth > MAX_DEPTH) {
      incomplete ??= `There are more than ${MAX_FOLDERS} folders in it, or more than ${MAX_DEPTH} within each other.`;
      return;
    }
    const names = await readdir(path).catch((error: unknown) => {
      if (depth === 0) throw error;
      incomplete ??= `${below} cannot be read: ${wordsOf(error)}`;
      return [];
    });
    folders.add(path);
    // In order of their characters, the same on every machine.
    const sorted = names.sort((a, b) => (a < b ? -1 : 1));
    for (const name of sorted) if (!name.startsWith('.')) await take(path, name, below, depth);
  }

  async function take(folderPath: string, name: string, below: string, depth: number): Promise<void> {
    const file = below === '' ? name : `${below}/${name}`;
    const isNamed = MANIFEST.test(name);
    try {
      const path = await realpath(join(folderPath, name));
      const found = await stat(path);
      if (!found.isDirectory() && !isNamed) return;
      if (!path.startsWith(root.endsWith(sep) ? root : root + sep) && path !== root)
        refused.push({ file, message: 'It is a link that leads out of the folder.' });
      else if (found.isDirectory()) await look(path, file, depth + 1);
      else if (!found.isFile()) refused.push({ file, message: 'It is no regular file.' });
      else if (files.length === MAX_FILES) incomplete ??= `There are more than ${MAX_FILES} manifests in it.`;
      else files.push({ file, path });
    } catch (error) {
      if (isNamed) refused.push({ file, message: `It cannot be read: ${wordsOf(error)}` });
    }
  }

  await look(root, '', 0);
  return { files, refused, folders: [...folders], incomplete };
}

export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
