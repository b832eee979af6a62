import fs from 'node:fs';
import files from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

/** Of node:fs/promises, what the product does to working folders. */
const CALLS = ['mkdir', 'readdir', 'readFile', 'rename', 'rm', 'stat', 'writeFile'] as const;

/**
 * Until disposed of, files are written and read at once: how long a disk takes is not for the seed to say, and what it
 * overtakes would differ from one run of a history to the next.
 */
export function promptFiles(): Disposable {
  const before = Object.fromEntries(CALLS.map((name) => [name, files[name]]));
  const prompt = Object.fromEntries(
    CALLS.map((name) => [
      name,
      (...given: readonly unknown[]) =>
        new Promise((resolve) => {
          resolve(Reflect.apply(fs[`${name}Sync`], fs, given));
        }),
    ]),
  );
  const use = (calls: object): void => {
    Object.assign(files, calls);
    syncBuiltinESMExports();
  };
  use(prompt);
  return { [Symbol.dispose]: () => use(before) };
}
