/** The longest line kept, in characters; the rest of a longer one is dropped, so hostile output cannot grow us. */
const MAX_LINE = 1_000_000;

/**
 * Splits a stream of text chunks into lines (`\n`, `\r\n` or `\r`, as progress bars use) and hands each on.
 * Call the result with chunks and, at the end of the stream, its `end`.
 */
export function lineSplitter(onLine: (line: string) => void): { push(chunk: string): void; end(): void } {
  let rest = '';
  const emit = (line: string): void => {
    if (line !== '') onLine(line.slice(0, MAX_LINE));
  };
  return {
    push(chunk) {
      const lines = (rest + chunk).split(/\r\n|\n|\r/);
      rest = (lines.pop() ?? '').slice(0, MAX_LINE);
      for (const line of lines) emit(line);
    },
    end() {
      emit(rest);
      rest = '';
    },
  };
}
