import { textOf } from './progress.ts';
import type { VideoKey } from '../resources/resource.ts';

/** A timer set for longer would end at once (2³¹ − 1, Node's setTimeout). */
const LONGEST_TIMER_MS = 2_147_483_647;

/** Videos to look at, each at most once in the line; one per turn of the event loop, so that requests get theirs. */
export class KeyQueue {
  readonly #look: (key: VideoKey) => void;
  readonly #waiting = new Map<string, VideoKey>();
  readonly #later = new Map<string, { readonly due: number; readonly timer: NodeJS.Timeout }>();
  #next: NodeJS.Immediate | undefined;
  #open = true;

  /** `look` does not throw. */
  constructor(look: (key: VideoKey) => void) {
    this.#look = look;
  }

  add(key: VideoKey): void {
    if (!this.#open) return;
    this.#waiting.set(textOf(key), key);
    this.#next ??= setImmediate(() => this.#turn());
  }

  /** Of several times given for a key the earliest counts; a look at it meanwhile plans anew. */
  addAfter(key: VideoKey, ms: number): void {
    const text = textOf(key);
    const due = performance.now() + ms;
    const planned = this.#later.get(text);
    if (!this.#open || (planned && planned.due <= due)) return;
    clearTimeout(planned?.timer);
    const fire = (): void => {
      this.#later.delete(text);
      this.add(key);
    };
    this.#later.set(text, { due, timer: setTimeout(fire, Math.min(Math.max(0, ms), LONGEST_TIMER_MS)) });
  }

  stop(): void {
    this.#open = false;
    clearImmediate(this.#next);
    for (const { timer } of this.#later.values()) clearTimeout(timer);
    this.#later.clear();
  }

  #turn(): void {
    this.#next = undefined;
    const [first] = this.#waiting;
    if (!first) return;
    const [text, key] = first;
    this.#waiting.delete(text);
    clearTimeout(this.#later.get(text)?.timer);
    this.#later.delete(text);
    this.#look(key);
    if (this.#open && this.#waiting.size > 0) this.#next ??= setImmediate(() => this.#turn());
  }
}
