import { startChild, type ChildOptions } from '../../common/childProcess.ts';
import { processTreeSource } from '../../common/memory/processTree.ts';
import { toMb } from '../../common/memory/source.ts';

/** How often memory is looked at; milliseconds. */
const INTERVAL_MS = 100;

export interface Measured {
  readonly seconds: number;
  /** Largest sum of PSS over the process tree; MB of 1024². */
  readonly peakMb: number;
  readonly stdout: string;
}

/** Runs a command to its end and measures it from outside. Throws when it fails. */
export async function measure(options: Pick<ChildOptions, 'command' | 'args' | 'env'>): Promise<Measured> {
  const lines: string[] = [];
  const started = performance.now();
  const child = startChild({ ...options, onStdoutLine: (line) => lines.push(line) });
  const source = processTreeSource(child.pid ?? 0);
  let peakBytes = 0;
  const timer = setInterval(() => {
    peakBytes = Math.max(peakBytes, source.sample().workingSetBytes);
  }, INTERVAL_MS);
  const exit = await child.exited;
  clearInterval(timer);
  const seconds = (performance.now() - started) / 1000;
  if (exit.code !== 0)
    throw new Error(`${options.command} ${options.args.join(' ')} failed:\n${exit.stderrTail}`);
  return { seconds, peakMb: toMb(peakBytes), stdout: lines.join('\n') };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** `median (least–most)` */
export function spread(values: readonly number[], digits = 1): string {
  const figure = (value: number): string => value.toFixed(digits);
  return `${figure(median(values))} (${figure(Math.min(...values))}–${figure(Math.max(...values))})`;
}
