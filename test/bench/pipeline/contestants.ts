import { copyFile, readFile, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { delimiter, join } from 'node:path';
import type { ChildOptions } from '../../../common/childProcess.ts';
import type { ProcessResult } from '../../../jobrunner/result.ts';
import { ROOT } from '../../support/cli.ts';
import { nodeFlags } from '../../support/nodeFlags.ts';
import type { PipelinePeer } from './figures.ts';
import type { PipelineTools } from './tools.ts';
import { PEERS } from '../peers/folder.ts';

/** Threads for whisper.cpp; CTranslate2 takes as many by itself, up to four. */
export const CORES = availableParallelism();

/** One that takes part: what it runs for a link in an empty folder, and what came of it. */
export interface Contestant {
  readonly peer: PipelinePeer;
  readonly command: (link: string, folder: string) => Pick<ChildOptions, 'command' | 'args' | 'env'>;
  /** The text it heard, and the bytes it downloaded. */
  readonly outcome: (
    stdout: string,
    folder: string,
  ) => Promise<{ readonly text: string; readonly bytes: number }>;
}

/** Where the product is told its tools and models are, should they not be in the usual places. */
const PLACES = ['LOOMVIDEO_VENV', 'LOOMVIDEO_CACHE_DIR', 'FFMPEG_PATH'];

/**
 * All that take part, ours first. `network`: the proxy and the authority to trust. `scratch`: a folder of this benchmark on
 * a real disk.
 */
export async function contestants(
  tools: PipelineTools,
  network: Readonly<Record<string, string>>,
  scratch: string,
): Promise<readonly Contestant[]> {
  const { python, weights, programs } = tools;
  const path = [...programs, process.env['PATH']].join(delimiter);
  const environment = (folder: string) => ({ HOME: process.env['HOME'], TMPDIR: folder, ...network });
  const node = await privateNode(scratch);
  const peer = (name: PipelinePeer, command: string, args: readonly string[]): Contestant => ({
    peer: name,
    command: (link, folder) => ({
      ...{ command, args: [...args, link] },
      env: { ...environment(folder), PATH: path },
    }),
    outcome: async (_, folder) => ({
      text: await readFile(join(folder, 'text.txt'), 'utf8'),
      bytes: (await stat(join(folder, 'video.mp4'))).size,
    }),
  });
  return [
    {
      peer: 'ours',
      command: (link, folder) => ({
        command: node,
        args: [...nodeFlags('process'), join(ROOT, 'jobrunner', 'main.ts'), 'process', link, '--json'],
        env: {
          ...Object.fromEntries(PLACES.map((name) => [name, process.env[name]])),
          ...environment(folder),
          PATH: process.env['PATH'],
          // As `npm run process` sets it.
          NODE_COMPILE_CACHE: join(ROOT, '.cache', 'node'),
          LOOMVIDEO_DATA_DIR: join(folder, 'data'),
          LOOMVIDEO_WORK_DIR: join(folder, 'work'),
        },
      }),
      outcome: async (stdout) => {
        const { transcript, video } = JSON.parse(stdout) as ProcessResult;
        return { text: transcript?.text ?? '', bytes: video?.sizeBytes ?? 0 };
      },
    },
    peer('faster-whisper', python, [script('plain_faster_whisper.py'), weights.ctranslate2]),
    peer('pywhispercpp', python, [script('plain_pywhispercpp.py'), weights.ggml, String(CORES)]),
    peer('whisper-cli', '/bin/sh', [script('plain_whisper_cli.sh'), weights.ggml, String(CORES)]),
  ];
}

const script = (name: string): string => join(PEERS, 'pipeline', name);

/**
 * A copy of Node for us alone: the pages of a program count by halves where two processes run it, and this benchmark runs
 * Node too. On a real disk, since what lies in memory (as /tmp may) counts as shared memory.
 */
async function privateNode(folder: string): Promise<string> {
  const node = join(folder, 'node');
  await copyFile(process.execPath, node);
  return node;
}
