import { writeFile } from 'node:fs/promises';
import { systemClock } from '../../common/clock.ts';
import { createLogger } from '../../common/log.ts';
import { oneLine } from '../../common/oneLine.ts';
import { redactor } from '../../common/redact.ts';
import { onShutdown } from '../../common/shutdown.ts';
import { compose } from '../compose.ts';
import { readConfig, secretsOf } from '../config.ts';
import { encodeReport } from '../contract/encodeReport.ts';
import { EXIT, exitCodeOf } from '../contract/exitCodes.ts';
import { StageError } from '../contract/stageError.ts';
import type { StageName, StageReport } from '../contract/stageReport.ts';
import { startDeadline } from '../deadline.ts';
import { jobFromEnvironment } from '../jobs.ts';
import { runStage } from '../runStage.ts';
import { settleFolder, workFolderOf } from '../workFolders.ts';

/**
 * One stage of one video, as a container runs it: the job from `LOOMVIDEO_JOB`, the report as termination message
 * (`TERMINATION_LOG`) and on stdout, the exit code by its reason.
 */
export async function stageCommand(stage: StageName, env: NodeJS.ProcessEnv): Promise<number> {
  const startedAt = systemClock.now().toISOString();
  let report: StageReport;
  try {
    report = await runOne(stage, env);
  } catch (error) {
    if (!(error instanceof StageError)) throw error;
    report = {
      stage,
      outcome: 'Failed',
      reason: error.reason,
      message: oneLine(error.message, 1000),
      retryable: error.retryable,
      startedAt,
      finishedAt: systemClock.now().toISOString(),
      memory: { peakMb: 0, limitMb: 0, afterMb: 0 },
    };
  }
  const text = redactor(secretsOf(env))(encodeReport(report));
  const terminationLog = env['TERMINATION_LOG'];
  if (terminationLog) await writeFile(terminationLog, text);
  process.stdout.write(`${text}\n`);
  return report.outcome === 'Succeeded' ? EXIT.done : exitCodeOf(report.reason);
}

async function runOne(name: StageName, env: NodeJS.ProcessEnv): Promise<StageReport> {
  using shutdown = onShutdown();
  const config = readConfig(env);
  const job = jobFromEnvironment(env);
  const log = createLogger({
    level: config.logLevel,
    format: config.logFormat ?? 'json',
    redact: redactor(config.secrets),
  });
  using deadline = startDeadline(job.spec.timeout);
  const services = await compose(config, log);
  try {
    const folder = workFolderOf(config.workDir, job);
    const signal = AbortSignal.any([shutdown.signal, deadline.signal]);
    const context = { job, folder, log, signal, onProgress: () => undefined };
    const report = await runStage(services.stage(name, job.spec), context, services.memory, systemClock);
    await settleFolder(folder, report);
    return report;
  } finally {
    await services.close();
  }
}
