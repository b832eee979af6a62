/**
 * `node test/bench/controller.ts`: our operator and a minimal one on controller-runtime, in turns, on the same apiserver,
 * with Jobs that a test double finishes. Markdown on stdout.
 *
 *   --videos 100,1000   how many at once
 *   --peers a,b         ours, ours-16 (workers), go, go-full, kopf, or the path of another copy of this project
 *   --runs 3            of each
 *   --stage-ms 0        of each of the three stages of a Job
 *   --no-deletion       do not delete them in the end
 */
import { parseArgs } from 'node:util';
import { writesOf } from '../cluster/support/apiserverRequests.ts';
import { runOnce, type Figures } from './controllerRun.ts';
import { controllerRuntime, kopf, ours, type Start } from './controllerPeers.ts';
import { median, spread } from './measure.ts';

const { values } = parseArgs({
  options: {
    videos: { type: 'string', default: '100,1000' },
    peers: { type: 'string', default: 'ours,go,go-full' },
    runs: { type: 'string', default: '1' },
    'stage-ms': { type: 'string', default: '0' },
    'no-deletion': { type: 'boolean', default: false },
  },
});

const startOf = (peer: string): Start =>
  peer === 'ours'
    ? ours()
    : /^ours-\d+$/.test(peer)
      ? ours(undefined, { WORKERS: peer.slice(5) })
      : peer.startsWith('go')
        ? controllerRuntime(peer === 'go-full')
        : peer === 'kopf'
          ? kopf()
          : ours(peer, { KUBE_API_QPS: '1000', KUBE_API_BURST: '1000' });

for (const videos of values.videos.split(',').map(Number)) {
  const figures = new Map<string, Figures[]>();
  for (let run = 0; run < Number(values.runs); run++)
    for (const peer of values.peers.split(',')) {
      const found = await runOnce({
        ...{ start: startOf(peer), videos, stageMs: Number(values['stage-ms']) },
        deletes: !values['no-deletion'],
      });
      process.stderr.write(`${peer}: ${line(found)}\n`);
      figures.set(peer, [...(figures.get(peer) ?? []), found]);
    }
  process.stdout.write(table(videos, figures));
}

function table(videos: number, figures: ReadonlyMap<string, readonly Figures[]>): string {
  const rows: [string, (figure: Figures) => number | undefined, number][] = [
    ['time to Ready, s', ({ seconds }) => seconds, 2],
    ['… creation alone, s', ({ creationSeconds }) => creationSeconds, 2],
    ['create→Job p50, s', ({ toJobMs }) => quantile(toJobMs, 0.5) / 1000, 2],
    ['create→Job p99, s', ({ toJobMs }) => quantile(toJobMs, 0.99) / 1000, 2],
    ['writes per video', ({ requests }) => writesOf(requests), 2],
    ['reads per video', ({ requests }) => sum(requests) - writesOf(requests), 2],
    ['reconciles per video', ({ reconciles }) => reconciles, 2],
    ['CPU, s', ({ cpuSeconds }) => cpuSeconds, 1],
    ['CPU of the apiserver and etcd, s', ({ apiserverCpuSeconds }) => apiserverCpuSeconds, 1],
    ['memory idle, MB', ({ idleMb }) => idleMb, 0],
    ['… at most, MB', ({ peakMb }) => peakMb, 0],
    ['… at the end, MB', ({ endMb }) => endMb, 0],
    ['… all deleted, MB', ({ deletedMb }) => deletedMb, 0],
  ];
  const peers = [...figures.keys()];
  const cells = rows.map(([name, read, digits]) => {
    const row = peers.map((peer) => {
      const known = (figures.get(peer) ?? []).map(read).filter((value) => value !== undefined);
      return known.length === 0
        ? '–'
        : known.length === 1
          ? median(known).toFixed(digits)
          : spread(known, digits);
    });
    return `| ${[name, ...row].join(' | ')} |`;
  });
  const head = [`| ${videos} videos | ${peers.join(' | ')} |`, `|---|${peers.map(() => '---|').join('')}`];
  return `${[...head, ...cells].join('\n')}\n\n`;
}

function line({ requests, seconds, toJobMs, ...rest }: Figures): string {
  const calls = [...requests].map(([what, count]) => `${what} ${count.toFixed(2)}`).join(', ');
  const p = [0.5, 0.99].map((at) => (quantile(toJobMs, at) / 1000).toFixed(2)).join('/');
  return `${seconds.toFixed(2)} s, to Job p50/p99 ${p} s; ${calls}; ${JSON.stringify(rest)}`;
}

function sum(counts: Iterable<readonly [string, number]>): number {
  return [...counts].reduce((total, [, count]) => total + count, 0);
}

function quantile(figures: readonly number[], at: number): number {
  const sorted = figures.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(at * sorted.length))] ?? Number.NaN;
}
