/** Turns of the event loop in one moment after which nobody believes that it will ever rest. */
const MOST_TURNS = 20_000;

interface Planned {
  due: number;
  order: number;
  readonly intervalMs: number | undefined;
  readonly ms: number;
  readonly act: () => void;
}

/**
 * Time that passes only when it is told to, for all who take it from `setTimeout`, `setInterval`, `Date` and
 * `performance.now`. Between two moments all that can happen by itself has happened: the same seed has the same history.
 */
export class VirtualTime implements Disposable {
  readonly #real = {
    setTimeout: globalThis.setTimeout,
    clearTimeout: globalThis.clearTimeout,
    setInterval: globalThis.setInterval,
    clearInterval: globalThis.clearInterval,
    Date: globalThis.Date,
  };
  readonly #realNow = performance.now.bind(performance);
  readonly #startedAt: number;
  #now: number;
  #orders = 0;
  readonly #planned = new Map<object, Planned>();

  constructor(startMs: number) {
    this.#startedAt = startMs;
    this.#now = startMs;
    const begin = (act: (...given: unknown[]) => void, given: unknown[], ms: number, isInterval: boolean) =>
      this.#plan(() => act(...given), Number.isFinite(ms) ? Math.max(isInterval ? 1 : 0, ms) : 1, isInterval);
    const end = (timer: unknown): void => {
      if (typeof timer === 'object' && timer !== null) this.#planned.delete(timer);
    };
    const now = (): number => Math.floor(this.#now);
    const RealDate = this.#real.Date;
    class VirtualDate extends RealDate {
      constructor(...given: [] | [number | string | Date]) {
        super(...((given.length === 0 ? [now()] : given) as [number]));
      }
      static override now(): number {
        return now();
      }
    }
    Object.assign(globalThis, {
      setTimeout: (act: () => void, ms = 0, ...given: unknown[]) => begin(act, given, ms, false),
      setInterval: (act: () => void, ms = 0, ...given: unknown[]) => begin(act, given, ms, true),
      clearTimeout: end,
      clearInterval: end,
      Date: VirtualDate,
    });
    performance.now = () => this.#now - this.#startedAt;
  }

  /** Milliseconds since 1970. */
  get nowMs(): number {
    return this.#now;
  }

  /** Milliseconds since the beginning; they only go forward. */
  get passedMs(): number {
    return this.#now - this.#startedAt;
  }

  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    await this.settle();
    for (let first = this.#first(end); first; first = this.#first(end)) {
      const [timer, planned] = first;
      this.#now = Math.max(this.#now, planned.due);
      if (planned.intervalMs === undefined) this.#planned.delete(timer);
      else Object.assign(planned, { due: planned.due + planned.intervalMs, order: ++this.#orders });
      planned.act();
      await this.settle();
    }
    this.#now = end;
  }

  /** Until nothing happens any more without time. */
  async settle(): Promise<void> {
    for (let turns = 0; turns < MOST_TURNS;) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      const resources = process.getActiveResourcesInfo();
      if (resources.includes('Immediate')) turns++;
      // The disk takes what time it takes, and that is no turn.
      else if (!resources.some((name) => name.startsWith('FSReq'))) return;
    }
    throw new Error('it never rests: something goes on and on without any time passing');
  }

  [Symbol.dispose](): void {
    Object.assign(globalThis, this.#real);
    performance.now = this.#realNow;
  }

  #first(end: number): [object, Planned] | undefined {
    let first: [object, Planned] | undefined;
    for (const entry of this.#planned) {
      const [, { due, order }] = entry;
      if (due <= end && (!first || due < first[1].due || (due === first[1].due && order < first[1].order)))
        first = entry;
    }
    return first;
  }

  #plan(act: () => void, ms: number, isInterval: boolean): object {
    const planned: Planned = {
      due: this.#now + ms,
      order: ++this.#orders,
      intervalMs: isInterval ? ms : undefined,
      ms,
      act,
    };
    const timer = {
      ref: () => timer,
      unref: () => timer,
      hasRef: () => true,
      refresh: () => {
        if (this.#planned.has(timer)) Object.assign(planned, { due: this.#now + ms, order: ++this.#orders });
        return timer;
      },
      close: () => void this.#planned.delete(timer),
      [Symbol.dispose]: () => void this.#planned.delete(timer),
    };
    this.#planned.set(timer, planned);
    return timer;
  }
}
