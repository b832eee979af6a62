/**
 * `npm run test:fuzz`: what strangers feed us, for as long as one likes.
 *
 *     npm run test:fuzz -- captions search          these targets alone
 *     npm run test:fuzz -- --seconds 60             so long for each target
 *     npm run test:fuzz -- captions --seed 7 --path 12:3 --property 'has no markup'
 *
 * A failure shows its seed, its path and the smallest counterexample; the last line repeats it.
 */
import { parseArgs } from 'node:util';
import type { Property, Target } from './property.ts';
import { TARGETS } from './targets.ts';
import { startWatchdog } from './watchdog.ts';

/** Runs after which the clock is looked at. */
const RUNS = 50;

const { values, positionals } = parseArgs({
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
const targets = TARGETS.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
if (targets.length === 0 || !(seconds > 0) || !Number.isInteger(firstSeed)) {
  const names = TARGETS.map(({ name }) => name).join(', ');
  process.stderr.write(
    `Usage: npm run test:fuzz -- [target …] [--seconds n] [--seed n] [--path p] [--property name]\n`,
  );
  process.stderr.write(`Targets: ${names}\n`);
  process.exit(2);
}

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
