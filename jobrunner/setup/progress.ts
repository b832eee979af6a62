/** Says what the set-up does: one line per step, with its time. */
export interface Progress {
  begin(title: string): void;
  /** Shown behind the title on a terminal, dropped elsewhere. */
  readonly detail: (text: string) => void;
  done(outcome: string): void;
  failed(): void;
  /** Another set-up holds the lock. */
  waiting(): void;
  nothingToDo(): void;
}

export interface ProgressOptions {
  readonly write: (text: string) => void;
  /** Lines may be rewritten: the output is a terminal. */
  readonly live: boolean;
  /** Columns of the terminal. */
  readonly columns: number;
  /** Says nothing when there is nothing to do. */
  readonly quiet: boolean;
  /** Milliseconds from any fixed point. */
  readonly now: () => number;
}

const REWRITE = '\r\u001B[2K';

/** A Progress that writes text, to stderr usually. */
export function textProgress({ write, live, columns, quiet, now }: ProgressOptions): Progress {
  let title = '';
  let began = 0;
  const seconds = (): string => `${((now() - began) / 1000).toFixed(1)} s`;
  const end = (mark: string, outcome: string): void =>
    write(`${live ? `${REWRITE}${mark} ${title}: ` : ''}${outcome} (${seconds()})\n`);
  return {
    begin(name) {
      title = name;
      began = now();
      // Without a terminal the line is begun now and ended with the outcome, so that a long step shows what it is.
      write(live ? `${REWRITE}… ${title}` : `${title}: `);
    },
    detail(text) {
      if (live) write(`${REWRITE}${`… ${title}: ${text}`.slice(0, columns - 1)}`);
    },
    done: (outcome) => end('✓', outcome),
    failed: () => end('✗', 'failed'),
    waiting: () => write('Another set-up is at work here: waiting for it.\n'),
    nothingToDo() {
      if (!quiet) write('Everything is set up.\n');
    },
  };
}
