/**
 * Copies `crds/loomvideos.yaml` into the chart, as Helm reads no file outside of it. `npm run generate` writes it;
 * `node test/docs/chartCrd.ts --check` exits 1 when it is stale.
 */
import { readFile, writeFile } from 'node:fs/promises';

const source = new URL('../../crds/loomvideos.yaml', import.meta.url);
const copy = new URL('../../charts/loomvideo-operator/files/loomvideos.yaml', import.meta.url);

const text = await readFile(source, 'utf8');
if (!process.argv.includes('--check')) await writeFile(copy, text);
else if ((await readFile(copy, 'utf8').catch(() => '')) !== text) {
  process.stderr.write('Stale: charts/loomvideo-operator/files/loomvideos.yaml. Run: npm run generate\n');
  process.exitCode = 1;
}
