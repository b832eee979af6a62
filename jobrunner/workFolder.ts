import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The folder of one video's run. Everything in it can be lost and made again. */
export class WorkFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  file(name: string): string {
    return join(this.path, name);
  }

  async create(): Promise<void> {
    await mkdir(this.path, { recursive: true, mode: 0o700 });
  }

  /** An empty folder inside, for what is not finished yet; of an earlier run's nothing is left in it. */
  async scratch(name: string): Promise<string> {
    const path = this.file(`${name}.partial`);
    await rm(path, { recursive: true, force: true });
    await mkdir(path, { recursive: true, mode: 0o700 });
    return path;
  }

  async removeScratch(name: string): Promise<void> {
    await rm(this.file(`${name}.partial`), { recursive: true, force: true });
  }

  /** Writes aside, then renames: under its name a file is whole or not there. */
  async write(name: string, text: string): Promise<void> {
    const aside = this.file(`${name}.partial`);
    await writeFile(aside, text, { mode: 0o600 });
    await rename(aside, this.file(name));
  }

  /** The parsed file, or undefined where it is absent, unreadable or not JSON. */
  async readJson(name: string): Promise<unknown> {
    try {
      return JSON.parse(await readFile(this.file(name), 'utf8'));
    } catch {
      return undefined;
    }
  }

  /** Removes what a stage began and did not finish. */
  async removeUnfinished(): Promise<void> {
    const names = await readdir(this.path).catch(() => []);
    for (const name of names)
      if (name.endsWith('.partial')) await rm(this.file(name), { recursive: true, force: true });
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}
