import { existsSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { baseImage } from './baseImage.ts';
import type { Docker } from './docker.ts';

export interface ImageBuild {
  /** Name and tag the image gets. */
  readonly name: string;
  /** Its Dockerfile takes the image to start from as `ARG BASE_IMAGE`. */
  readonly dockerfile: string;
  /** The folder whose files the Dockerfile may copy. */
  readonly context: string;
  readonly buildArgs?: Readonly<Record<string, string>>;
}

/**
 * Builds an image on our base image (layer by layer from the engine's cache) and writes it to `archive` as
 * `docker save` does, unless it stands there already. `onLine` sees the build's output.
 */
export async function buildImage(
  engine: Docker,
  build: ImageBuild,
  archive: string,
  signal: AbortSignal,
  onLine?: (line: string) => void,
): Promise<void> {
  const values = { BASE_IMAGE: await baseImage(engine, signal), ...build.buildArgs };
  const args = Object.entries(values).map(([name, value]) => `--build-arg=${name}=${value}`);
  const { dockerfile, name, context } = build;
  await engine.docker(
    [
      'build',
      '--network=host',
      '--progress=plain',
      `--file=${dockerfile}`,
      `--tag=${name}`,
      ...args,
      context,
    ],
    onLine,
  );
  const id = await engine.docker(['image', 'inspect', '--format={{.Id}}', name]);
  const saved = await readFile(`${archive}.id`, 'utf8').catch(() => '');
  if (saved === id && existsSync(archive)) return;
  await engine.docker(['save', `--output=${archive}.part`, name]);
  await rename(`${archive}.part`, archive);
  await writeFile(`${archive}.id`, id);
}
