import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { logOf } from '../logs.ts';
import { CACHE, ROOT } from '../paths.ts';
import { step } from '../progress.ts';
import { buildImage } from './buildImage.ts';
import { startDocker } from './docker.ts';

/** The image of the root's Dockerfile, as the chart's values name it in tests. */
export const OPERATOR_IMAGE = 'loomvideo.test/operator:test';

/** The archive of the image, once it is built. */
export function operatorArchive(): string {
  return join(CACHE, 'operator-image.tar');
}

/** Builds the real image and gives its archive, for `Cluster.loadImage`. The build's output is kept beside it. */
export async function buildOperatorImage(signal: AbortSignal): Promise<string> {
  const archive = operatorArchive();
  const engine = await step('starting dockerd', () => startDocker(signal));
  const log = createWriteStream(logOf(CACHE, 'operator-image'));
  try {
    const build = { name: OPERATOR_IMAGE, dockerfile: join(ROOT, 'Dockerfile'), context: ROOT };
    const write = (line: string): boolean => log.write(`${line}\n`);
    await step('building the image', () => buildImage(engine, build, archive, signal, write));
  } finally {
    log.end();
    await engine.stop();
  }
  return archive;
}
