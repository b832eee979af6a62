/** `npm run test:chaos`: both runtimes in worlds in which everything happens, by chance. */
import { readOptions, refuse } from '../support/readOptions.ts';
import { History } from './history.ts';
import { kubernetesChaos } from './kubernetes/kubernetesChaos.ts';
import { renderChaos } from './render/renderChaos.ts';
import { VirtualTime } from './virtualTime.ts';

const WORLDS = { kubernetes: kubernetesChaos, render: renderChaos } as const;
/** Of each world: two to three minutes on two cores. */
const SEEDS = 60;

/** In every history, or the same seed would have others. */
const BEGINNING = Date.parse('2026-11-24T12:00:00Z');

const USAGE = `Usage: npm run test:chaos -- [options]

  --seeds <n>     so many histories of each world (${SEEDS})
  --seed <n>      begin with this seed; without --seeds this history alone, exactly as it was
  --only <world>  ${Object.keys(WORLDS).join(' or ')}

A failure shows its history and the command that repeats it.
`;

const { values } = readOptions(USAGE, {
  options: { seed: { type: 'string' }, seeds: { type: 'string' }, only: { type: 'string' } },
});
const first = Number(values.seed ?? Math.floor(Math.random() * 1_000_000));
const count = Number(values.seeds ?? (values.seed === undefined ? SEEDS : 1));
if (!Number.isSafeInteger(first) || !(Number.isSafeInteger(count) && count > 0))
  refuse(USAGE, '--seed and --seeds take whole numbers.');
if (values.only !== undefined && !(values.only in WORLDS)) refuse(USAGE, `There is no world ${values.only}.`);

let failed = 0;
for (const [name, chaos] of Object.entries(WORLDS)) {
  if (values.only !== undefined && values.only !== name) continue;
  for (let seed = first; seed < first + count; seed++) {
    const begun = process.hrtime.bigint();
    let outcome: string;
    let history: History | undefined;
    const stray: unknown[] = [];
    const onStray = (error: unknown): void => void stray.push(error);
    process.on('unhandledRejection', onStray).on('uncaughtException', onStray);
    try {
      using time = new VirtualTime(BEGINNING);
      const kept = (history = new History(() => time.passedMs));
      outcome = await chaos(seed, time, kept);
      if (stray.length > 0) throw stray[0];
      outcome = `ok    ${outcome}; ${kept.length} events in ${(time.passedMs / 3600_000).toFixed(1)} h`;
    } catch (error) {
      failed++;
      const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
      outcome = `FAILED\n${history?.toString() ?? ''}\n${what}\nRepeat: npm run test:chaos -- --only ${name} --seed ${seed}`;
    } finally {
      process.off('unhandledRejection', onStray).off('uncaughtException', onStray);
    }
    const seconds = Number(process.hrtime.bigint() - begun) / 1e9;
    process.stdout.write(`${name} seed ${seed} (${seconds.toFixed(1)} s): ${outcome}\n`);
  }
}
process.stdout.write(failed === 0 ? 'All held.\n' : `${failed} failed.\n`);
process.exit(failed === 0 ? 0 : 1);
