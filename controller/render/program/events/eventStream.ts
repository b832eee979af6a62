import { once } from 'node:events';
import type { ServerResponse } from 'node:http';

/** How long a client may take nothing of what it was sent, milliseconds: then it is cut, and comes again. */
const STALLED_MS = 60_000;

/** Events that wait for a client that takes nothing, each of another video: more are not kept. */
const MAX_WAITING = 100;

/** One client of the events. What it is sent goes no faster than it takes it. */
export class EventStream {
  readonly #raw: ServerResponse;
  readonly #signal: AbortSignal;
  readonly #onStalled: () => void;
  /** Of each video the last that is still to be told; each replaces the one before. */
  readonly #waiting = new Map<string, string>();
  #draining: Promise<void> | undefined;

  constructor(raw: ServerResponse, { signal, onStalled }: { signal: AbortSignal; onStalled: () => void }) {
    this.#raw = raw;
    this.#signal = signal;
    this.#onStalled = onStalled;
  }

  /** Resolves when there is room for more. */
  async send(text: string): Promise<void> {
    this.#write(text);
    if (this.#raw.writableNeedDrain) await this.#drained();
  }

  /** Sends what counts only as long as it is new: where there is no room, the last of each key waits. */
  tell(key: string, text: string): void {
    if (!this.#raw.writableNeedDrain) {
      this.#write(text);
      return;
    }
    this.#waiting.delete(key);
    if (this.#waiting.size < MAX_WAITING) this.#waiting.set(key, text);
    void this.#drained();
  }

  /** Sends a line that says nothing, where nothing else is on its way. */
  beat(text: string): void {
    if (!this.#raw.writableNeedDrain) this.#write(text);
  }

  end(): void {
    // Whoever does not read would keep the connection, and what is written to it, for ever.
    if (this.#raw.writableNeedDrain) this.#raw.destroy();
    else this.#raw.end();
  }

  /** What comes after the end is for nobody. */
  #write(text: string): void {
    if (!this.#raw.writableEnded) this.#raw.write(text);
  }

  #drained(): Promise<void> {
    this.#draining ??= this.#drain().finally(() => (this.#draining = undefined));
    return this.#draining;
  }

  async #drain(): Promise<void> {
    const stalled = setTimeout(() => this.#onStalled(), STALLED_MS);
    try {
      await once(this.#raw, 'drain', { signal: this.#signal });
      for (const text of this.#waiting.values()) this.#write(text);
      this.#waiting.clear();
    } catch {
      // It ends, and so does whoever waits: the signal says so.
    } finally {
      clearTimeout(stalled);
    }
  }
}
