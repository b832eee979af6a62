import * as fc from 'fast-check';

/** What holds of everything strangers may send. The type of what it is made for stays inside. */
export interface Property {
  readonly name: string;
  /** Runs of the short form in the unit tier. */
  readonly unitRuns: number;
  readonly check: (options: CheckOptions) => Promise<Outcome>;
}

/** Properties about one part of the product. */
export interface Target {
  readonly name: string;
  readonly properties: readonly Property[];
}

export interface CheckOptions {
  readonly seed: number;
  readonly runs: number;
  /** Of a counterexample, to go to it at once. */
  readonly path?: string;
}

export interface Outcome {
  /** Undefined: it held. Else the seed, the path and the smallest counterexample that was found. */
  readonly failure: string | undefined;
  readonly path: string | undefined;
}

export interface PropertyOptions<T> {
  /** What once broke it; tried first in each run. */
  readonly examples?: readonly NoInfer<T>[];
  /** 100 unless told. */
  readonly unitRuns?: number;
}

/** `holds` throws where the property is broken. */
export function property<T>(
  name: string,
  values: fc.Arbitrary<T>,
  holds: (value: T) => unknown,
  { examples = [], unitRuns = 100 }: PropertyOptions<T> = {},
): Property {
  return {
    name,
    unitRuns,
    async check({ seed, runs, path }) {
      const details = await fc.check(
        fc.asyncProperty(values, async (value) => {
          await holds(value);
        }),
        {
          seed,
          numRuns: runs,
          examples: examples.map((value): [T] => [value]),
          ...(path !== undefined && { path }),
        },
      );
      return {
        failure: details.failed
          ? `${fc.defaultReportMessage(details)}\n${shown(details.errorInstance)}`
          : undefined,
        path: details.counterexamplePath ?? undefined,
      };
    },
  };
}

function shown(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message).slice(0, 4000) : String(error);
}
