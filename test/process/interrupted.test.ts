import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { messagesOf, processJson, sandbox, startMain, workFiles } from '../support/cli.ts';
import { dumpStore } from '../support/dumpStore.ts';
import { startLoom, type Loom } from '../support/loom/server.ts';
import { sampleVideo } from '../support/sampleVideo.ts';
import { strayProcesses } from '../support/strayProcesses.ts';

/** In which stage it is struck: what shows that it is there, and which stages the next run finds finished. */
const MOMENTS = [
  { stage: 'fetch', shows: /Video info extracted/, finished: [] },
  { stage: 'transcribe', shows: /After yt-dlp download/, finished: ['fetch'] },
  { stage: 'index', shows: /After transcription/, finished: ['fetch', 'transcribe'] },
] as const;

describe('a run that is stopped in a stage', () => {
  let loom: Loom;
  before(async () => {
    loom = await startLoom();
  });
  after(() => loom.close());

  for (const { stage, shows, finished } of MOMENTS)
    for (const name of ['SIGTERM', 'SIGKILL'] as const)
      it(`${name} in ${stage}: nothing left running or half written, and the next run goes on`, async (t) => {
        const box = await sandbox(t);
        const env = { ...box.env, ...loom.env };
        const faults = stage === 'fetch' ? [{ on: 'media', stallAfter: 100_000, times: 1 } as const] : [];
        const { shareUrl, id } = loom.addVideo({ ...sampleVideo(), faults });

        const run = startMain(['process', shareUrl, '--json'], env);
        await run.line(shows);
        process.kill(run.child.pid ?? 0, name);
        const { exit, stdout } = await run.finished;
        if (name === 'SIGTERM') {
          const result = JSON.parse(stdout) as { reason: string };
          assert.equal(result.reason, 'Interrupted');
          assert.equal(exit.code, 20);
          const left = await workFiles(box.workDir);
          assert.deepEqual(
            left.filter((path) => path.includes('.partial')),
            [],
          );
        } else assert.equal(exit.signal, 'SIGKILL');
        assert.deepEqual(await strayProcesses(box.root), []);
        assert.deepEqual(dumpStore(box.dataDir)['videos'] ?? [], []);

        const asked = loom.requests.filter(({ path }) => path.includes(id)).length;
        const again = await processJson(shareUrl, env);
        assert.equal(again.code, 0, again.log.join('\n'));
        assert.deepEqual(
          messagesOf(again.log).flatMap((message) => /^♻️ (\w+) was finished/.exec(message)?.[1] ?? []),
          finished,
        );
        const askedAgain = loom.requests.filter(({ path }) => path.includes(id)).length - asked;
        assert.equal(askedAgain > 0, stage === 'fetch', `${askedAgain} requests`);
        assert.equal(dumpStore(box.dataDir)['passages']?.length, 9);
        assert.deepEqual(await workFiles(box.workDir), []);
      });
});
