import { runChild, type ChildExit } from '../../common/childProcess.ts';
import { abortError, StageError } from '../contract/stageError.ts';
import { startFailure } from '../startFailure.ts';

/** How ffmpeg is run on a stranger's file. */
export interface Ffmpeg {
  readonly path: string;
  readonly env: NodeJS.ProcessEnv;
  /** As many as the CPU quota allows, not the host's cores. */
  readonly threads: number;
  /** See ChildOptions; 0 unless told. */
  readonly niceness?: number;
}

/**
 * Options before `-i` for a file of unknown honesty: read only as the format its signature shows, from files only
 * (no reference to a network or another protocol is followed), with pictures and single allocations bounded.
 */
export function untrustedInput(demuxer: string, path: string): string[] {
  return [
    '-protocol_whitelist',
    'file',
    '-max_pixels',
    String(MAX_PIXELS),
    '-f',
    demuxer,
    '-i',
    `file:${path}`,
  ];
}

/** Larger than any screen recording (7,680 × 4,320), small enough that one picture stays below 100 MB. */
export const MAX_PIXELS = 8192 * 4352;

/** Options that go first: quiet, no questions, no single allocation above 256 MB. */
export const COMMON_OPTIONS = ['-hide_banner', '-nostdin', '-max_alloc', String(256 * 1024 ** 2)];

export interface FfmpegRun {
  readonly args: readonly string[];
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly onStdoutLine?: (line: string) => void;
  readonly onStderrLine?: (line: string) => void;
}

/** Runs ffmpeg to its end. Throws when it was stopped from outside or cannot be started; any exit code is returned. */
export async function runFfmpeg(ffmpeg: Ffmpeg, run: FfmpegRun): Promise<ChildExit> {
  const exit = await runChild({
    command: ffmpeg.path,
    env: ffmpeg.env,
    args: run.args,
    signal: run.signal,
    timeoutMs: run.timeoutMs,
    niceness: ffmpeg.niceness ?? 0,
    ...(run.onStdoutLine && { onStdoutLine: run.onStdoutLine }),
    ...(run.onStderrLine && { onStderrLine: run.onStderrLine }),
  });
  if (exit.aborted) throw abortError(run.signal);
  const failure = startFailure(exit);
  if (failure !== undefined) {
    const advice = 'Run `npm run setup`, or set FFMPEG_PATH to a working ffmpeg.';
    throw new StageError('ConfigurationInvalid', `ffmpeg cannot be started: it ${failure}. ${advice}`);
  }
  return exit;
}
