import type { Logger } from '../../../common/log.ts';
import { StageError } from '../../../jobrunner/contract/stageError.ts';
import { isActive, type Attempt } from './attempt.ts';
import { playAttempt, type PlayOptions } from './playAttempt.ts';
import type { RuntimeStore } from './runtimeStore.ts';

/** After a failure of our own (the disk refuses a record) the attempt is taken up again so much later, milliseconds. */
const PAUSE_MS = 5000;

export interface LaneOptions extends Omit<PlayOptions, 'save' | 'note' | 'signal'> {
  readonly kind: Attempt['kind'];
  readonly store: RuntimeStore;
  /** An attempt stands otherwise than before, or is gone. */
  readonly onChange: (attempt: Attempt) => void;
}

/** Plays the attempts of one kind, one at a time, those that waited longest first. */
export class Lane {
  readonly #options: LaneOptions;
  readonly #log: Logger;
  readonly #closing = new AbortController();
  #current: { readonly name: string; readonly stop: AbortController } | undefined;
  #running: Promise<void> | undefined;
  #open = false;

  constructor(options: LaneOptions) {
    this.#options = options;
    this.#log = options.log;
  }

  /** From now on attempts are played. */
  start(): void {
    this.#open = true;
    this.wake();
  }

  /** An attempt may have been put into the store. */
  wake(): void {
    if (!this.#open || this.#running) return;
    // Not in this turn: whoever wakes it is in the middle of a look.
    this.#running = Promise.resolve()
      .then(() => this.#run())
      .finally(() => {
        this.#running = undefined;
        if (this.#next()) this.wake();
      });
  }

  /** Ends an attempt and forgets it: at once where it does not run, else when its children have ended. */
  abort(attempt: Attempt): void {
    const { store } = this.#options;
    if (this.#current?.name !== attempt.name) {
      store.forgetAttempt(attempt.name);
      return;
    }
    store.put({ ...(store.attempt(attempt.name) ?? attempt), stopping: true });
    this.#current.stop.abort(new StageError('Interrupted', 'The attempt was ended.'));
  }

  /** Takes up nothing more; the stage that runs is stopped and its attempt goes on with the next start. */
  async stop(): Promise<void> {
    this.#open = false;
    const { store, kind } = this.#options;
    // Also one that waits out a failure of our own. Before anything that may take longer than we are given.
    const attempt = store.attempts().find((other) => other.kind === kind && other.state === 'running');
    if (attempt) this.#tryPut({ ...attempt, leaving: true });
    this.#closing.abort(new StageError('Interrupted', 'The server is stopping.'));
    await this.#running;
  }

  /** For what is good to know, and not worth an attempt. */
  #tryPut(attempt: Attempt): void {
    try {
      this.#options.store.put(attempt);
    } catch (error) {
      this.#log.warn({ err: error, attempt: attempt.name }, 'How an attempt stands could not be saved');
    }
  }

  #next(): Attempt | undefined {
    const { store, kind } = this.#options;
    if (!this.#open) return undefined;
    return store.attempts().find((attempt) => attempt.kind === kind && isActive(attempt));
  }

  async #run(): Promise<void> {
    for (let attempt = this.#next(); attempt; attempt = this.#next()) {
      try {
        await this.#play(attempt);
      } catch (error) {
        this.#log.error({ err: error, attempt: attempt.name }, 'An attempt could not be played');
        await pause(PAUSE_MS, this.#closing.signal);
      }
    }
  }

  async #play(attempt: Attempt): Promise<void> {
    const { store, board, onChange } = this.#options;
    // A process that was killed while it stopped this one.
    if (attempt.stopping) {
      store.forgetAttempt(attempt.name);
      onChange(attempt);
      return;
    }
    const stop = new AbortController();
    this.#current = { name: attempt.name, stop };
    const asTold = (now: Attempt): Attempt => ({
      ...now,
      stopping: stop.signal.aborted,
      leaving: this.#closing.signal.aborted,
    });
    try {
      const played = await playAttempt(attempt, {
        ...this.#options,
        signal: AbortSignal.any([stop.signal, this.#closing.signal]),
        save: (now) => {
          store.put(asTold(now));
          onChange(now);
        },
        note: (now) => this.#tryPut(asTold(now)),
      });
      if (stop.signal.aborted) store.forgetAttempt(played.name);
      onChange(played);
    } finally {
      this.#current = undefined;
      board.clear(attempt.video);
    }
  }
}

/** Cut short when the signal is aborted. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    if (signal.aborted) end();
    else signal.addEventListener('abort', end);
  });
}
