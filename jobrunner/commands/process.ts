import { parseArgs } from 'node:util';
import { systemClock } from '../../common/clock.ts';
import { createLogger } from '../../common/log.ts';
import { oneLine } from '../../common/oneLine.ts';
import { redactor } from '../../common/redact.ts';
import { onShutdown } from '../../common/shutdown.ts';
import { compose } from '../compose.ts';
import { readConfig, type Config } from '../config.ts';
import { StageError } from '../contract/stageError.ts';
import { jobFromCommandLine, type JobOverrides } from '../jobs.ts';
import { runPipeline } from '../pipeline.ts';
import { adviceOf, exitCodeOfResult, processResult, refusedResult, type ProcessResult } from '../result.ts';
import { lockJob, sweepWorkDir, workFolderOf } from '../workFolders.ts';
import { printResult } from './printResult.ts';
import { progressDisplay, stderrOutput } from './progress.ts';
import { UsageError } from './usageError.ts';

export const PROCESS_HELP = `Makes one video searchable: downloads, checks, transcribes and indexes it.

  npm run -s process -- <loom link> [options]
  npm run -s process -- <file, or link to a media file> [options]   (not in production)

  --json             one JSON object on stdout and nothing else there; logs as JSON on stderr
  --language <code>  the spoken language, such as en or fr; detected unless told
  --source <source>  whisper (default), captions (Loom's own), or auto (captions where there are any)
  --name <name>      the name it is stored under; made from the link unless told
  --help

Environment: LOOM_VIDEO_PASSWORD for a protected video, MAX_MEMORY_MB (400), LOOMVIDEO_DATA_DIR (data),
LOOMVIDEO_WORK_DIR, LOG_LEVEL, LOG_FORMAT (json, plain); OPENAI_API_KEY, PINECONE_API_KEY, PINECONE_INDEX, SUPABASE_URL and
SUPABASE_ANON_KEY to store in those services (npm run doctor checks them).
Exit codes: 0 done, 10 the video cannot be processed, 20 try again later, 30 memory, 40 configuration.
`;

/** Runs the command; returns the exit code. */
export async function processCommand(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      language: { type: 'string' },
      source: { type: 'string' },
      name: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(PROCESS_HELP);
    return 0;
  }
  const [target, ...others] = positionals;
  if (target === undefined || others.length > 0) throw new UsageError('process takes one link or file');
  const { json, help: _help, ...overrides } = values;
  const config = readConfig(env);
  const redact = redactor(config.secrets);
  const write = (text: string): void => void process.stdout.write(redact(text));
  const result = await processTarget(target, { json, overrides }, config);
  if (json) write(`${JSON.stringify(result)}\n`);
  else printResult(result, adviceOf(result), write);
  return exitCodeOfResult(result);
}

export async function processTarget(
  target: string,
  { json, overrides }: { json: boolean; overrides: JobOverrides },
  config: Config,
): Promise<ProcessResult> {
  using shutdown = onShutdown();
  try {
    const job = await jobFromCommandLine(target, {
      production: config.production,
      overrides: { ...overrides, embedding: config.embedding },
    });
    return await processJob(job, { json, signal: shutdown.signal }, config);
  } catch (error) {
    if (error instanceof StageError) return refusedResult(target, error.reason, oneLine(error.message, 1000));
    throw error;
  }
}

async function processJob(
  job: Awaited<ReturnType<typeof jobFromCommandLine>>,
  { json, signal }: { json: boolean; signal: AbortSignal },
  config: Config,
): Promise<ProcessResult> {
  await sweepWorkDir(config.workDir, systemClock.now());
  const lock = lockJob(config.workDir, job, systemClock.now());
  if (!lock) throw new StageError('AlreadyRunning', 'Another process works on this video now.');
  const format = config.logFormat ?? (json ? 'json' : 'plain');
  let display: ReturnType<typeof progressDisplay> | undefined;
  const log = createLogger({
    level: config.logLevel,
    format,
    redact: redactor(config.secrets),
    write: (line) => (display ? display.line(line) : void process.stderr.write(line)),
  });
  const services = await compose(config, log);
  if (format === 'plain') display = progressDisplay(stderrOutput(), services.memory.source);
  try {
    const run = await runPipeline({
      job,
      folder: workFolderOf(config.workDir, job),
      stages: services.stages(job.spec),
      memory: services.memory,
      clock: systemClock,
      log,
      signal,
      onProgress: (progress) => display?.update(progress),
    });
    return processResult(job, run);
  } finally {
    display?.end();
    await services.close();
    lock.release();
  }
}
