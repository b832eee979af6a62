export interface StoredVector {
  readonly id: string;
  readonly values: readonly number[];
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** Vectors by id, in namespaces that begin with their first upsert. */
export type Namespaces = Map<string, Map<string, StoredVector>>;

type Write = (namespaces: Namespaces) => void;

/** A state whose readers may be behind its writers, as Pinecone's are: writes take effect in their order, on both. */
export interface LaggingState {
  /** What is really stored. */
  readonly written: Namespaces;
  /** What a read sees now. */
  visible(): Namespaces;
  write(change: Write): void;
  /** From now on reads see a write so many milliseconds after it. */
  lag(ms: number): void;
  /** Reads see what they see now, until `settle`. */
  hold(): void;
  /** Reads see all that was written so far, and lag no more. */
  settle(): void;
}

export function laggingState(): LaggingState {
  const written: Namespaces = new Map();
  const seen: Namespaces = new Map();
  const waiting: { due: number; change: Write }[] = [];
  let lagMs = 0;

  const catchUp = (now: number): void => {
    while (waiting[0] && waiting[0].due <= now) waiting.shift()?.change(seen);
  };
  return {
    written,
    visible() {
      catchUp(performance.now());
      return seen;
    },
    write(change) {
      change(written);
      waiting.push({ due: performance.now() + lagMs, change });
    },
    lag: (ms) => (lagMs = ms),
    hold: () => (lagMs = Number.POSITIVE_INFINITY),
    settle() {
      lagMs = 0;
      catchUp(Number.POSITIVE_INFINITY);
    },
  };
}
