import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildModule } from '../build/goTools.ts';
import { PROGRAMS_MODULE } from '../build/goModule.ts';
import type { Cluster } from '../cluster.ts';
import { writeImageArchive } from '../images/imageArchive.ts';

export const PROBE_IMAGE = 'loomvideo.test/probe:1';

/** Builds the image of tools/programs/probe and brings it into the cluster. */
export async function loadProbe(cluster: Cluster): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'loomvideo-probe-'));
  try {
    const bin = await buildModule(PROGRAMS_MODULE);
    const archive = join(folder, 'probe.tar');
    await writeImageArchive({ name: PROBE_IMAGE, program: join(bin, 'probe'), archive });
    await cluster.loadImage(archive);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * A container that runs the probe: `say <message>`, `take <MiB>`, `ask <path>` of the API, `fetch <url>`,
 * `serve <port>`.
 */
export function probe(name: string, ...args: readonly [command: string, argument: string]) {
  const limits = { memory: '64Mi' };
  return {
    name,
    image: PROBE_IMAGE,
    imagePullPolicy: 'Never',
    args,
    resources: { limits, requests: limits },
  };
}
