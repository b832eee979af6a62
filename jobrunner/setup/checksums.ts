import { join } from 'node:path';
import { sha256OfFile } from './sha256.ts';

/** SHA-256 by file name. */
export type Checksums = Readonly<Record<string, string>>;

/** The names in `expected` whose file in `folder` is missing or has another SHA-256. */
export async function wrongFiles(folder: string, expected: Checksums): Promise<string[]> {
  const wrong: string[] = [];
  for (const [name, sha256] of Object.entries(expected)) {
    const found = await sha256OfFile(join(folder, name)).catch(() => 'missing');
    if (found !== sha256) wrong.push(name);
  }
  return wrong;
}
