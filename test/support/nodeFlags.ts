import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What `npm run <script>` gives Node before our own program: tests and benchmarks start it as users do. */
export function nodeFlags(script: 'process' | 'start'): string[] {
  const text = readFileSync(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8');
  const { scripts } = JSON.parse(text) as { scripts: Readonly<Record<typeof script, string>> };
  const flags = / node ((?:--\S+ )*)(?:jobrunner\/main|controller\/render)\.ts\b/.exec(scripts[script])?.[1];
  if (flags === undefined) throw new Error(`\`npm run ${script}\` is not as expected: ${scripts[script]}`);
  return flags.split(' ').filter(Boolean);
}
