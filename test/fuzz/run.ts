/** `npm run test:fuzz`: what strangers feed us, for as long as one likes. */
import { readOptions, refuse } from '../support/readOptions.ts';
import type { Property, Target } from './property.ts';
import { TARGETS } from './targets.ts';
import { startWatchdog } from './watchdog.ts';

/** Runs after which the clock is looked at. */
const RUNS = 50;

const USAGE = `Usage: npm run test:fuzz -- [target …] [options]

  captions search      these targets alone
  --seconds <n>        so long for each target (10)
  --seed <n>           begin with this seed; of chance unless told
  --path <p>           with --seed: the counterexample at this path alone
  --property <name>    this property alone

A failure shows its seed, its path and the smallest counterexample; the last line repeats it.
Targets: ${TARGETS.map(({ name }) => name).join(', ')}
`;

const { values, positionals } = readOptions(USAGE, {
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '10' },
    seed: { type: 'string' },
    path: { type: 'string' },
    property: { type: 'string' },
  },
});
const seconds = Number(values.seconds);
const firstSeed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
const unknown = positionals.find((wanted) => !TARGETS.some(({ name }) => name === wanted));
if (unknown !== undefined) refuse(USAGE, `There is no target ${unknown}.`);
if (!(seconds > 0)) refuse(USAGE, '--seconds takes a number above 0.');
if (!Number.isInteger(firstSeed)) refuse(USAGE, '--seed takes a whole number.');
const targets = TARGETS.filter(({ name }) => positionals.length === 0 || positionals.includes(name));

const watchdog = startWatchdog();
process.stdout.write(`seed ${firstSeed}, ${seconds} s per target\n`);
let failures = 0;
for (const target of targets) {
  const properties = target.properties.filter(
    ({ name }) => values.property === undefined || name === values.property,
  );
  for (const one of properties) if (!(await holds(target, one, seconds / properties.length))) failures++;
}
await watchdog.stop();
process.exitCode = failures === 0 ? 0 : 1;

/** Tries a property for so long, with a new seed for each round. */
async function holds(
  { name: target }: Target,
  { name, check }: Property,
  forSeconds: number,
): Promise<boolean> {
  const until = performance.now() + forSeconds * 1000;
  let runs = 0;
  for (let seed = firstSeed; seed === firstSeed || performance.now() < until; seed++) {
    watchdog.alive(`${target}: ${name}, seed ${seed}`);
    const path = seed === firstSeed ? values.path : undefined;
    const { failure, path: found } = await check({ seed, runs: RUNS, ...(path !== undefined && { path }) });
    runs += RUNS;
    if (failure !== undefined) {
      process.stdout.write(`✖ ${target}: ${name}\n${failure}\n`);
      const place = `--seed ${seed}${found === undefined ? '' : ` --path ${found}`} --property ${JSON.stringify(name)}`;
      process.stdout.write(`Again: npm run test:fuzz -- ${target} ${place}\n`);
      return false;
    }
    if (path !== undefined) break;
  }
  process.stdout.write(`✔ ${target}: ${name} (${runs} runs)\n`);
  return true;
}
