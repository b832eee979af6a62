import { oneLine } from '../../common/oneLine.ts';
import { EXIT } from '../contract/exitCodes.ts';
import type { Finding } from '../doctor/finding.ts';

const MARK = { ok: '✅', warn: '⚠️ ', fail: '❌' } as const satisfies Record<Finding['level'], string>;

/** Shows findings to people or, as JSON, to programs. Returns the exit code: 40 when anything fails. */
export function printFindings(
  found: readonly Finding[],
  { json, write }: { json: boolean; write: (text: string) => void },
): number {
  const ok = found.every(({ level }) => level !== 'fail');
  if (json) write(`${JSON.stringify({ ok, findings: found })}\n`);
  else
    for (const { level, what, remedy } of found) {
      write(`${MARK[level]} ${oneLine(what, 1000)}\n`);
      if (remedy !== undefined) write(`   → ${oneLine(remedy, 1000)}\n`);
    }
  return ok ? EXIT.done : EXIT.configuration;
}
