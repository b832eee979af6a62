/**
 * Makes `docs/reasons.md` from the table in `jobrunner/contract/reasons.ts`. `npm run generate` writes it;
 * `node test/docs/reasons.ts --check` exits 1 when it is stale.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { exitCodeOf } from '../../jobrunner/contract/exitCodes.ts';
import { factsOf, REASONS, type Reason } from '../../jobrunner/contract/reasons.ts';

const file = new URL('../../docs/reasons.md', import.meta.url);

const rows = (Object.keys(REASONS) as Reason[]).map((reason) => {
  const { class: kind, condition, advice } = factsOf(reason);
  return `| \`${reason}\` | ${condition} | ${kind}, ${exitCodeOf(reason)} | ${advice} |`;
});
const text = `<!-- Made from jobrunner/contract/reasons.ts by npm run generate. -->
# Reasons

Why a video failed, on which condition it shows, its class with the exit code, and what to do. A transient failure is
tried again by the controller; on the command line, run it again.

| reason | condition | class, exit code | what to do |
|---|---|---|---|
${rows.join('\n')}
`;

if (!process.argv.includes('--check')) await writeFile(file, text);
else if ((await readFile(file, 'utf8').catch(() => '')) !== text) {
  process.stderr.write('Stale: docs/reasons.md. Run: npm run generate\n');
  process.exitCode = 1;
}
