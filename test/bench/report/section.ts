/** A line of a plot; points of [x, y]. */
export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [number, number])[];
}

/** A plot: its title, the axes' titles with their units, and its lines. */
export interface Plot {
  readonly id: string;
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly scale: 'linear' | 'log';
  readonly series: readonly Series[];
}

/** One part of what `npm run bench` measures. Figures are what its tables and plots are made of, as JSON. */
export interface Section<F = unknown> {
  readonly id: string;
  readonly figures: F;
  readonly tables: readonly { readonly id: string; readonly markdown: string }[];
  readonly plots: readonly Plot[];
}
