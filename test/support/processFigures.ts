/** What a process has taken, as Linux tells it, and what it tells of itself in Prometheus' format. */
import { readFileSync } from 'node:fs';
import { toMb } from '../../common/memory/source.ts';

/** Clock ticks of /proc/<pid>/stat in a second (getconf CLK_TCK, 100 on every Linux). */
const TICKS = 100;

/** Processor time of a process so far. */
export function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

/** Memory of a process now and at its highest, MB of 1024². */
export function memoryOf(pid: number): { readonly residentMb: number; readonly peakMb: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const read = (name: string): number =>
    toMb(1024 * Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]));
  return { residentMb: read('VmRSS'), peakMb: read('VmHWM') };
}

/** The sum over all series of this name whose line matches. */
export function sumOf(metrics: string, name: string, labels = /(?:)/): number {
  return metrics
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .filter((line) => labels.test(line))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}
