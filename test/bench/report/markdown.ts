/** What the tables of the benchmarks are written with. */

/** A table in Markdown, without a line end after it. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

/** `1,234.5`; a dash where there is no figure. */
export function figure(value: number | undefined, digits = 0): string {
  if (value === undefined || !Number.isFinite(value)) return '–';
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** How many times the other it is: `0.75 ×`; a dash where one of the two is missing. */
export function ratio(ours: number | undefined, other: number | undefined): string {
  const found = ours === undefined || other === undefined ? Number.NaN : ours / other;
  return Number.isFinite(found) ? `${figure(found, 2)} ×` : '–';
}

/** `median (least–most)` of several, the figure alone of one. */
export function spreadOf(values: readonly number[], digits: number): string {
  if (values.length < 2) return figure(values[0], digits);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return `${figure(medianOf(values), digits)} (${figure(least, digits)}–${figure(most, digits)})`;
}

/** Undefined where there are none. */
export function medianOf(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [lower, upper] = [sorted[middle - 1], sorted[middle]];
  return sorted.length % 2 === 1 || lower === undefined || upper === undefined ? upper : (lower + upper) / 2;
}
