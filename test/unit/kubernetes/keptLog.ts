import { createLogger, type Logger } from '../../../common/log.ts';

/** A logger that keeps its messages for a test to read. */
export function keptLog(): { readonly log: Logger; readonly messages: () => string[] } {
  const lines: string[] = [];
  const log = createLogger({
    level: 'debug',
    format: 'plain',
    write: (line) => void lines.push(line.trim()),
  });
  return { log, messages: () => lines };
}
