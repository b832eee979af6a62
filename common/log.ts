import { pino, type DestinationStream, type Logger } from 'pino';

export type { Logger } from 'pino';

/** Fields that never reach a log, wherever they stand in an object that is logged. */
const SECRET_FIELDS = ['password', 'authorization', 'apiKey', 'token', 'secret', 'headers'];

export interface LogOptions {
  readonly level: string;
  /** `json` for machines (pino's lines), `plain` for people: the message alone. */
  readonly format: 'json' | 'plain';
  /** Blanks secrets in each line, wherever they came from; see redact.ts. */
  readonly redact?: (text: string) => string;
  /** Receives whole lines; stderr unless told, so that stdout carries results only. */
  readonly write?: (line: string) => void;
}

/** The product's logger. Lines go to stderr at once: a process that is killed loses none. */
export function createLogger(options: LogOptions): Logger {
  const { redact = (line: string) => line } = options;
  const out = options.write ?? ((line: string) => void process.stderr.write(line));
  const write = (line: string): void => out(redact(line));
  const destination: DestinationStream = options.format === 'json' ? { write } : plainDestination(write);
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`]), censor: '[redacted]' },
    },
    destination,
  );
}

/** Shows each line's message only; a message is one line, whatever a video's title holds (see oneLine). */
function plainDestination(write: (line: string) => void): DestinationStream {
  return {
    write(line: string) {
      const entry: unknown = JSON.parse(line);
      if (typeof entry === 'object' && entry !== null && 'msg' in entry && typeof entry.msg === 'string')
        write(`${entry.msg}\n`);
    },
  };
}
