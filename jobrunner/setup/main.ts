/**
 * `npm run setup`: makes the Python environment, finds ffmpeg and fetches the models. Quick when all is there.
 * Everything it says goes to stderr: the commands that call it keep stdout for themselves.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { systemClock } from '../../common/clock.ts';
import { compiledStep } from './compiledStep.ts';
import { embedderStep } from './embedderModel.ts';
import { ffmpegStep } from './ffmpegStep.ts';
import { cacheFolder } from './folders.ts';
import { textProgress } from './progress.ts';
import { setUp } from './setUp.ts';
import { SetupError } from './step.ts';
import { venvStep } from './venv.ts';
import { whisperStep } from './whisperModel.ts';

const HELP = `npm run setup [-- --quiet]

Makes what the pipeline needs and skips what is there already:
  .venv     Python packages, pinned by hash in requirements.txt
  ffmpeg    the first of FFMPEG_PATH, ffmpeg-static, ffmpeg on the PATH, the one in .venv
  .cache    Whisper and all-MiniLM-L6-v2, verified by checksum and converted to int8

  --quiet   say nothing when there is nothing to do
  --help    this text

Environment:
  PYTHON                    the Python to use, 3.11 or newer
  FFMPEG_PATH               the ffmpeg to use
  LOOMVIDEO_WHISPER_MODEL   tiny (99 languages) or tiny.en (English); unset: tiny where the
                            model hub can be reached, else tiny.en
  LOOMVIDEO_VENV            instead of .venv
  LOOMVIDEO_CACHE_DIR       instead of .cache
`;

const write = (text: string): void => void process.stderr.write(text);

async function main(args: string[]): Promise<number> {
  const options = { quiet: { type: 'boolean' }, help: { type: 'boolean' } } as const;
  const { values } = parseArgs({ args, options });
  if (values.help) {
    write(HELP);
    return 0;
  }
  const places = { env: process.env, root: join(import.meta.dirname, '../..') };
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(name, () => stop.abort(new SetupError(`stopped by ${name}`, 'run `npm run setup` again')));
  const { isTTY, columns } = process.stderr;
  await setUp({
    steps: [
      venvStep(places),
      ffmpegStep(places),
      whisperStep(places),
      embedderStep(places),
      compiledStep(places),
    ],
    cache: cacheFolder(places),
    progress: textProgress({
      write,
      live: isTTY && process.env.TERM !== 'dumb',
      columns: columns || 80,
      quiet: values.quiet ?? false,
      now: () => performance.now(),
    }),
    clock: systemClock,
    signal: stop.signal,
  });
  return 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof SetupError) write(`Set-up failed: ${error.fault}\n  → ${error.remedy}\n`);
  else if (error instanceof TypeError && 'code' in error) write(`${error.message}\n\n${HELP}`);
  else write(`Set-up failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
}
