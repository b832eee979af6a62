import { toMb, type MemorySource } from '../../common/memory/source.ts';
import type { StageProgress } from '../stages/stage.ts';

/** How often a running stage says how far it is where no cursor can be moved; milliseconds. */
const PLAIN_INTERVAL_MS = 5000;
const LIVE_INTERVAL_MS = 250;

/** The terminal, as far as progress needs it. */
export interface ProgressOutput {
  readonly isTTY: boolean;
  readonly columns: number;
  write(text: string): void;
}

/** Shows how far the work is: one line that is redrawn on a terminal, plain lines elsewhere. */
export interface ProgressDisplay {
  update(progress: StageProgress): void;
  /** Writes a whole line without disturbing the live one. */
  line(text: string): void;
  end(): void;
}

export function progressDisplay(output: ProgressOutput, memory: MemorySource): ProgressDisplay {
  let current: StageProgress | undefined;
  let lastPlain = '';
  const clear = (): void => {
    if (output.isTTY && current) output.write('\r\u001B[K');
  };
  const draw = (): void => {
    if (!current) return;
    const text = describe(current, toMb(memory.sample().residentBytes));
    if (output.isTTY) output.write(`\r\u001B[K${text.slice(0, output.columns - 1)}`);
    else if (text !== lastPlain) {
      lastPlain = text;
      output.write(`${text}\n`);
    }
  };
  const timer = setInterval(draw, output.isTTY ? LIVE_INTERVAL_MS : PLAIN_INTERVAL_MS);
  timer.unref();
  return {
    update(progress) {
      const sameStage = current?.stage === progress.stage;
      current = sameStage ? { ...current, ...progress } : progress;
      if (!sameStage) draw();
    },
    line(text) {
      clear();
      output.write(text);
      if (output.isTTY) draw();
    },
    end() {
      clearInterval(timer);
      clear();
      current = undefined;
    },
  };
}

const BAR_CELLS = 20;

function describe({ stage, percent, detail }: StageProgress, memoryMb: number): string {
  const filled = Math.round(((percent ?? 0) / 100) * BAR_CELLS);
  const bar = `${'█'.repeat(filled)}${'░'.repeat(BAR_CELLS - filled)}`;
  const figure = percent === undefined ? '     ' : `${String(Math.round(percent)).padStart(3)} %`;
  const rest = detail === undefined ? '' : `  ${detail}`;
  return `${stage.padEnd(10)} ${bar} ${figure}  ${memoryMb} MB${rest}`;
}

/** stderr, where progress and logs go: stdout carries results only. */
export function stderrOutput(): ProgressOutput {
  const { stderr } = process;
  return {
    isTTY: stderr.isTTY,
    get columns() {
      return stderr.columns ?? 80;
    },
    write: (text) => void stderr.write(text),
  };
}
