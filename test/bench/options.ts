import { parseArgs } from 'node:util';
import { PART_IDS, type PartId } from './report/results.ts';

export const HELP = `npm run bench [-- part … options]

Measures and writes the figures to docs/benchmarks/results.json, the tables into README.md and docs, and the plots to
docs/benchmarks; prints the tables as Markdown. Nothing else should run meanwhile.

Parts, each also alone; the figures of the others stay as they are:
  pipeline     a recording from its link to searchable, beside faster-whisper and whisper.cpp
  controller   the operator with up to 5,000 videos at once, beside controller-runtime and kopf
  store        the embedded store with up to 100,000 passages
  load         a hundred clients beside processing

  --runs n     of each program in pipeline and controller
  --no-write   only print
  --render     measure nothing: make tables and plots from results.json
  --prepare    measure nothing: build and install what the parts run beside ours (Kubernetes' API server for the controller
               part: some seven minutes the first time)
  --help       this text

Of the controller part, with --no-write:
  --videos 100,1000   how many at once
  --peers a,b         of ours, ours-16 (workers), go, go-full (with finalizer and TTL), kopf, and paths of other copies of
                      this project
  --stage-ms 0        how long each of the three stages of a Job takes

Exits 0 when all is done, 1 when something failed, 2 when nothing was begun: an option is wrong or a program is missing.
`;

export interface Options {
  readonly parts: readonly PartId[];
  readonly runs: number | undefined;
  readonly writes: boolean;
  readonly task: 'measure' | 'render' | 'prepare' | 'help';
  readonly videos: readonly number[] | undefined;
  readonly peers: readonly string[] | undefined;
  readonly stageMs: number | undefined;
}

/** Throws a TypeError that says what is wrong. */
export function parseOptions(args: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      runs: { type: 'string' },
      'no-write': { type: 'boolean', default: false },
      render: { type: 'boolean', default: false },
      prepare: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
      videos: { type: 'string' },
      peers: { type: 'string' },
      'stage-ms': { type: 'string' },
    },
  });
  const parts = PART_IDS.filter((id) => positionals.length === 0 || positionals.includes(id));
  const unknown = positionals.find((name) => !PART_IDS.some((id) => id === name));
  if (unknown !== undefined) throw new TypeError(`${unknown} is no part: ${PART_IDS.join(', ')}`);
  const own = (['videos', 'peers', 'stage-ms'] as const).find((name) => values[name] !== undefined);
  if (own !== undefined && !(values['no-write'] && parts.includes('controller')))
    throw new TypeError(`--${own} is for the controller part, with --no-write`);
  return {
    parts,
    runs: values.runs === undefined ? undefined : wholeNumber('--runs', values.runs, 1),
    writes: !values['no-write'],
    task: values.help ? 'help' : values.render ? 'render' : values.prepare ? 'prepare' : 'measure',
    videos: values.videos?.split(',').map((count) => wholeNumber('--videos', count, 1)),
    peers: values.peers?.split(','),
    stageMs: values['stage-ms'] === undefined ? undefined : wholeNumber('--stage-ms', values['stage-ms'], 0),
  };
}

function wholeNumber(option: string, text: string, least: number): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value) || value < least)
    throw new TypeError(`${option} takes whole numbers from ${least}, not ${JSON.stringify(text)}`);
  return value;
}
