import { say } from '../progress.ts';
import type { ControllerFigures, ControllerRun, ControllerSize } from './figures.ts';
import { controllerPlots, controllerTables } from './tables.ts';
import { peerOf } from './peers.ts';
import { runOnce } from './run.ts';
import type { Section } from '../report/section.ts';

/** How many videos at once, and how often each controller has them: what takes long is done less often. */
const RUNS: Readonly<Record<number, number>> = { 100: 3, 1000: 2, 5000: 1 };
const PEERS = ['ours', 'go', 'kopf'];
/** Where ours also deletes them all. */
const DELETED_AT = 1000;

export interface ControllerOptions {
  /** Of each controller with each number of videos; fewer with many unless told. */
  readonly runs?: number | undefined;
  /** How many videos at once; 100, 1,000 and 5,000 unless told. */
  readonly videos?: readonly number[] | undefined;
  /** Which controllers: see peerOf. */
  readonly peers?: readonly string[] | undefined;
  /** Milliseconds of each of the three stages of a Job; 0 unless told. */
  readonly stageMs?: number | undefined;
}

/**
 * Our operator and minimal ones on controller-runtime and kopf, in turns, each on an apiserver of its own that nothing else
 * uses, with Jobs that a test double finishes. None has a limit of requests of its own. prepareController comes first.
 */
export async function benchController({
  runs,
  videos = Object.keys(RUNS).map(Number),
  peers = PEERS,
  stageMs = 0,
}: ControllerOptions): Promise<Section<ControllerFigures>> {
  const sizes: ControllerSize[] = [];
  for (const count of videos)
    sizes.push(await measureSize(count, { runs: runs ?? RUNS[count] ?? 1, peers, stageMs }));
  const figures = { stageMs, sizes };
  return {
    id: 'controller',
    figures,
    tables: controllerTables(figures),
    plots: controllerPlots(figures),
  };
}

/** Builds and installs what these controllers consist of, unless it is there. */
export async function prepareController(peers: readonly string[] = PEERS): Promise<void> {
  for (const peer of peers) await peerOf(peer).prepare();
}

async function measureSize(
  videos: number,
  {
    runs,
    peers,
    stageMs,
  }: { readonly runs: number; readonly peers: readonly string[]; readonly stageMs: number },
): Promise<ControllerSize> {
  const found = new Map<string, ControllerRun[]>(peers.map((peer) => [peer, []]));
  for (let turn = 1; turn <= runs; turn++)
    for (const [peer, figures] of found) {
      const deletes = peer === 'ours' && videos === DELETED_AT;
      const run = await runOnce({ start: peerOf(peer).start, videos, stageMs, deletes });
      say(
        `controller: ${peer}, ${videos} videos, run ${turn} of ${runs}: Ready in ${run.seconds.toFixed(1)} s`,
      );
      figures.push(run);
    }
  return { videos, peers: [...found].map(([peer, figures]) => ({ peer, runs: figures })) };
}
