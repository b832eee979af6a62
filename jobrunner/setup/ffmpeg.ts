import { constants } from 'node:fs';
import { access, glob } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { describeExit, runChild } from '../../common/childProcess.ts';
import { type Places, venvFolder } from './folders.ts';
import { SetupError } from './step.ts';

/** Where an ffmpeg was found. */
export type FfmpegSource = 'FFMPEG_PATH' | 'ffmpeg-static' | 'PATH' | 'imageio-ffmpeg';

export interface Ffmpeg {
  readonly path: string;
  readonly source: FfmpegSource;
}

/**
 * Finds ffmpeg without starting anything, so it is cheap at run time: `FFMPEG_PATH`, the npm package
 * ffmpeg-static (its download may have failed), `ffmpeg` on the `PATH`, the binary in the wheel imageio-ffmpeg.
 * @throws SetupError that names the remedy. A wrong `FFMPEG_PATH` is an error, not passed over.
 */
export async function locateFfmpeg({ env, root }: Places): Promise<Ffmpeg> {
  const named = env.FFMPEG_PATH;
  if (named) {
    if (await isExecutable(named)) return { path: named, source: 'FFMPEG_PATH' };
    throw new SetupError(
      `FFMPEG_PATH names ${named}, which is not an executable file`,
      'correct or unset it',
    );
  }
  const candidates: [FfmpegSource, Iterable<string> | AsyncIterable<string>][] = [
    ['ffmpeg-static', fromNpm(root)],
    ['PATH', onPath(env)],
    ['imageio-ffmpeg', inWheel({ env, root })],
  ];
  for (const [source, paths] of candidates)
    for await (const path of paths) if (await isExecutable(path)) return { path, source };
  throw new SetupError(
    'no ffmpeg was found',
    'run `npm run setup`, install one (Debian, Ubuntu: apt-get install ffmpeg) or set FFMPEG_PATH',
  );
}

/**
 * Runs `-version` on a located ffmpeg and answers with its version, e.g. `7.0.2-static`.
 * @throws SetupError that names the remedy when it does not run (wrong architecture, missing libraries).
 */
export async function ffmpegVersion({ path, source }: Ffmpeg, env: NodeJS.ProcessEnv): Promise<string> {
  const exit = await runChild({ command: path, args: ['-version'], env, timeoutMs: 20_000 });
  const version = /^ffmpeg version (\S+)/.exec(exit.stdoutTail)?.[1];
  if (exit.code === 0 && version !== undefined) return version;
  throw new SetupError(
    `the ffmpeg from ${source} (${path}) does not run, it ${describeExit(exit)}`,
    'set FFMPEG_PATH to one that does',
  );
}

/** The binary of ffmpeg-static, if the optional package is there. */
function fromNpm(root: string): string[] {
  try {
    const path: unknown = createRequire(join(root, 'package.json'))('ffmpeg-static');
    return typeof path === 'string' ? [path] : [];
  } catch {
    return [];
  }
}

function onPath(env: NodeJS.ProcessEnv): string[] {
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, 'ffmpeg'));
}

/** The wheel's binary carries platform and version in its name: `ffmpeg-linux-x86_64-v7.0.2`. */
async function* inWheel({ env, root }: Places): AsyncIterable<string> {
  const binaries = 'lib/python3*/site-packages/imageio_ffmpeg/binaries';
  const cwd = venvFolder({ env, root });
  for await (const path of glob(`${binaries}/ffmpeg-*`, { cwd })) yield join(cwd, path);
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
