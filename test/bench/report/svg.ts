import { LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TitleComponent } from 'echarts/components';
import { init, use, type EChartsCoreOption } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import type { Plot, Series } from './section.ts';

use([LineChart, GridComponent, LegendComponent, TitleComponent, SVGRenderer]);

/** Pixels: narrower than GitHub shows a page. */
const WIDTH = 760;
const HEIGHT = 420;

/** Okabe and Ito's, told apart by those who see fewer colours too: https://jfly.uni-koeln.de/color/ */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9'];
const SYMBOLS = ['circle', 'rect', 'triangle', 'diamond', 'pin', 'arrow'];
const INK = '#24292f';
const LINES = '#d0d7de';
const FAINT = '#eff2f5';

/** Pixels: an entry's symbol with the gaps around it, a character at 12 pixels, and a line. */
const LEGEND_SYMBOL = 52;
const LEGEND_CHARACTER = 6.5;
const LEGEND_LINE = 30;

/** Figures that span fewer decades have the powers of two on their axis: powers of ten would be one or two lines. */
const DECADES_FOR_TENS = 1.5;

/** The plot on a white ground, which light and dark pages both show. The same plot gives the same bytes. */
export function svgOf(plot: Plot): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height: HEIGHT });
  try {
    chart.setOption(optionOf(plot));
    return withoutStyles(chart.renderToSVGString());
  } finally {
    // Its timer would keep the process.
    chart.dispose();
  }
}

function optionOf({ title, x, y, scale, series }: Plot): EChartsCoreOption {
  const values = (place: 0 | 1): number[] => series.flatMap(({ points }) => points.map((at) => at[place]));
  const axis = (name: string, gap: number, of: readonly number[]): object => ({
    ...(scale === 'log' ? logarithmic(of) : { type: 'value', min: 0 }),
    name,
    nameLocation: 'middle',
    nameGap: gap,
    nameTextStyle: { color: INK, fontSize: 13 },
    axisLabel: { color: INK },
    axisLine: { show: true, lineStyle: { color: INK } },
    splitLine: { lineStyle: { color: LINES } },
  });
  return {
    animation: false,
    backgroundColor: '#ffffff',
    color: COLOURS,
    title: { text: title, left: 'center', top: 10, textStyle: { color: INK, fontSize: 15 } },
    legend: { top: 40, textStyle: { color: INK }, itemGap: 18 },
    grid: { left: 76, right: 32, top: 54 + LEGEND_LINE * legendLines(series), bottom: 62 },
    xAxis: axis(x, 34, values(0)),
    yAxis: axis(y, 54, values(1)),
    series: series.map(lineOf),
  };
}

/** Lines that the legend takes, by a generous guess: it wraps where the next entry has no room. */
function legendLines(series: readonly Series[]): number {
  let [lines, used] = [1, 0];
  for (const { name } of series) {
    const width = LEGEND_SYMBOL + LEGEND_CHARACTER * name.length;
    if (used > 0 && used + width > WIDTH) [lines, used] = [lines + 1, 0];
    used += width;
  }
  return lines;
}

/** From a power of its base to another, with all values between them. */
function logarithmic(values: readonly number[]): object {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const tens = Math.log10(most / least) >= DECADES_FOR_TENS;
  const base = tens ? 10 : 2;
  // Logarithms of whole powers come out a little beside whole numbers.
  const power = (value: number): number => Number((Math.log(value) / Math.log(base)).toFixed(9));
  const from = Math.floor(power(least));
  return {
    type: 'log',
    logBase: base,
    min: base ** from,
    max: base ** Math.max(Math.ceil(power(most)), from + 1),
    minorTick: { show: tens, splitNumber: 9 },
    minorSplitLine: { show: tens, lineStyle: { color: FAINT } },
  };
}

function lineOf({ name, points }: Series, place: number): object {
  return {
    type: 'line',
    name,
    data: points,
    symbol: SYMBOLS[place % SYMBOLS.length],
    symbolSize: 9,
    lineStyle: { width: 2 },
  };
}

/** The classes only say what a pointer does, and they and the ids are numbered through the process. */
function withoutStyles(svg: string): string {
  return svg
    .replace(/<style >[^]*?<\/style>\n?/, '')
    .replaceAll(/ (?:class|ecmeta_\w+)="[^"]*"/g, '')
    .replaceAll(/zr\d+-/g, '')
    .replace(/\n*$/, '\n');
}
