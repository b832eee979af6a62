/** What is shown of a history that ends badly. */
const SHOWN = 40;

/** What happened, in order, for people. */
export class History {
  readonly #lines: string[] = [];
  readonly #passedMs: () => number;
  /** Of all lines, those left out too. */
  length = 0;

  constructor(passedMs: () => number) {
    this.#passedMs = passedMs;
  }

  note(what: string): void {
    this.length++;
    this.#lines.push(`${(this.#passedMs() / 1000).toFixed(3).padStart(12)} s  ${what}`);
    const kept = Number(process.env['CHAOS_HISTORY'] ?? SHOWN);
    if (this.#lines.length > kept) this.#lines.shift();
  }

  toString(): string {
    return this.#lines.join('\n');
  }
}

/** Something does not hold that always has to. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

export function must(holds: boolean, rule: string): void {
  if (!holds) throw new Violation(rule);
}
