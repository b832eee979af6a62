import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startChild } from '../../common/childProcess.ts';
import { ROOT, sandbox } from '../support/cli.ts';
import { recording } from '../sample/index.ts';

/** MB that a process may hold once its work is done and its children have ended. */
const MAX_AFTER_MB = 150;

/** A process that lives on, as Render mode does: two videos one after another, then the idle models end. */
const SCRIPT = `
  import { compose } from '${ROOT}/jobrunner/compose.ts';
  import { readConfig } from '${ROOT}/jobrunner/config.ts';
  import { createLogger } from '${ROOT}/common/log.ts';
  import { systemClock } from '${ROOT}/common/clock.ts';
  import { jobFromCommandLine } from '${ROOT}/jobrunner/jobs.ts';
  import { runPipeline } from '${ROOT}/jobrunner/pipeline.ts';
  import { workFolderOf } from '${ROOT}/jobrunner/workFolders.ts';
  const config = readConfig(process.env);
  const log = createLogger({ level: 'silent', format: 'json' });
  const services = await compose(config, log);
  const job = await jobFromCommandLine(process.argv[1], { production: false, overrides: {} });
  const results = [];
  for (let run = 0; run < 2; run++) {
    const { reports } = await runPipeline({
      job, log, folder: workFolderOf(config.workDir, job), stages: services.stages(job.spec), memory: services.memory,
      clock: systemClock, signal: new AbortController().signal, onProgress: () => undefined,
    });
    const { memory } = services;
    await services.endIdle();
    results.push({
      outcome: reports.at(-1).outcome,
      peakMb: Math.max(...reports.map((report) => report.memory.peakMb)),
      afterMb: Math.round(memory.source.sample().residentBytes / 2 ** 20),
    });
  }
  console.log(JSON.stringify(results));
  await services.close();
`;

describe('a process that lives on', () => {
  it(`holds at most ${MAX_AFTER_MB} MB after each video`, async (t) => {
    const box = await sandbox(t);
    const lines: string[] = [];
    const { exited } = startChild({
      command: process.execPath,
      args: ['--input-type=module', '-e', SCRIPT, recording().path],
      cwd: ROOT,
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...box.env },
      onStdoutLine: (line) => lines.push(line),
    });
    const exit = await exited;
    assert.equal(exit.code, 0, exit.stderrTail);
    const results = JSON.parse(lines.join('')) as { outcome: string; peakMb: number; afterMb: number }[];
    for (const { outcome, peakMb, afterMb } of results) {
      assert.equal(outcome, 'Succeeded');
      assert.ok(peakMb <= 400, JSON.stringify(results));
      assert.ok(afterMb <= MAX_AFTER_MB, JSON.stringify(results));
    }
    t.diagnostic(JSON.stringify(results));
  });
});
