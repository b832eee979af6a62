/** Keeps the last `limit` characters of a text that arrives in pieces, in bounded memory. */
export class TextTail {
  readonly #limit: number;
  #kept = '';

  constructor(limit: number) {
    this.#limit = limit;
  }

  push(chunk: string): void {
    this.#kept = (this.#kept + chunk).slice(-this.#limit);
  }

  get text(): string {
    return this.#kept;
  }
}
