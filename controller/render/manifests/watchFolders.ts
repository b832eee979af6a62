import { watch, type FSWatcher } from 'node:fs';
import { basename } from 'node:path';

/**
 * Calls when something in one of the folders changes. Network volumes tell nothing, and a machine may have no watches left:
 * whoever relies on it looks by itself now and then.
 */
export class FolderWatches {
  readonly #onChange: () => void;
  readonly #watches = new Map<string, FSWatcher>();

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** These, and no others any more. True: one is new, and what happened in it before nobody tells. */
  set(folders: readonly string[]): boolean {
    const wanted = new Set(folders);
    for (const [folder, watcher] of this.#watches) if (!wanted.has(folder)) this.#drop(folder, watcher);
    const added = [...wanted].filter((folder) => !this.#watches.has(folder));
    for (const folder of added) this.#add(folder);
    return added.some((folder) => this.#watches.has(folder));
  }

  close(): void {
    this.set([]);
  }

  #add(folder: string): void {
    try {
      // It shall not keep the process alive.
      const watcher = watch(folder, { persistent: false }, (event, name) => {
        // One that goes tells its own name; what comes in its place is not what is watched.
        if (event === 'rename' && (name === null || name === basename(folder))) this.#drop(folder, watcher);
        this.#onChange();
      });
      watcher.on('error', () => this.#drop(folder, watcher));
      this.#watches.set(folder, watcher);
    } catch {
      // Without it the slow look remains.
    }
  }

  #drop(folder: string, watcher: FSWatcher): void {
    watcher.close();
    if (this.#watches.get(folder) === watcher) this.#watches.delete(folder);
  }
}
