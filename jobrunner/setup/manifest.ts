import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** `manifest.json` of a model folder: what the model is and what its files must be. */
export interface ModelManifest {
  readonly name: 'tiny' | 'tiny.en' | 'all-MiniLM-L6-v2';
  /** Whether it understands languages other than English. */
  readonly multilingual: boolean;
  /** Length of an embedding; embedding models only. */
  readonly dimensions?: number;
  /** Where the weights came from, with version. */
  readonly source: string;
  readonly license: string;
  /** Version of the conversion script; another one means the model is to be made again. */
  readonly converterVersion: number;
  readonly files: Readonly<Record<string, ModelFile>>;
}

export interface ModelFile {
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
}

export const MANIFEST = 'manifest.json';

/** The manifest of a model that `npm run setup` made; undefined when there is none that can be read. */
export async function readManifest(folder: string): Promise<ModelManifest | undefined> {
  try {
    const found: unknown = JSON.parse(await readFile(join(folder, MANIFEST), 'utf8'));
    return isManifest(found) ? found : undefined;
  } catch {
    return undefined;
  }
}

function isManifest(value: unknown): value is ModelManifest {
  if (typeof value !== 'object' || value === null || !('files' in value && 'name' in value)) return false;
  const { files, name } = value;
  return typeof name === 'string' && typeof files === 'object' && files !== null;
}
