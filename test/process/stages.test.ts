import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { decodeReport } from '../../jobrunner/contract/encodeReport.ts';
import type { StageReport } from '../../jobrunner/contract/stageReport.ts';
import { sandbox, startMain, workFiles, type Sandbox } from '../support/cli.ts';
import { dumpStore } from '../support/dumpStore.ts';
import { startLoom, type Loom } from '../support/loom/server.ts';
import { sampleVideo } from '../support/sampleVideo.ts';

describe('stages as containers run them', () => {
  let loom: Loom;
  let box: Sandbox;
  let job: { name: string; owner: { key: string; uid: string }; spec: { url: string } };
  const cleanUps: (() => unknown)[] = [];

  before(async () => {
    loom = await startLoom();
    box = await sandbox({ after: (work) => void cleanUps.push(work) });
    const { shareUrl } = loom.addVideo(sampleVideo());
    job = { name: 'demo', owner: { key: 'cluster.team.demo', uid: 'uid-1' }, spec: { url: shareUrl } };
  });
  after(async () => {
    await loom.close();
    for (const work of cleanUps) await work();
  });

  async function run(
    stage: string,
    changes: object = {},
  ): Promise<{ code: number | null; report: StageReport; log: string[] }> {
    const terminationLog = join(box.root, 'termination-log');
    const env = {
      ...box.env,
      ...loom.env,
      NODE_ENV: 'production',
      TERMINATION_LOG: terminationLog,
      LOOMVIDEO_JOB: JSON.stringify({ ...job, ...changes }),
    };
    const { exit, stdout, log } = await startMain([stage], env).finished;
    const text = await readFile(terminationLog, 'utf8');
    assert.equal(stdout, text);
    const report = decodeReport(text);
    assert.ok(report, text);
    return { code: exit.code, report, log: [...log] };
  }

  it('fetch, transcribe, index and purge hand over through the working folder alone', async () => {
    const fetched = await run('fetch');
    assert.equal(fetched.code, 0, fetched.log.join('\n'));
    assert.equal(fetched.report.video?.source, 'yt-dlp');
    const transcribed = await run('transcribe');
    assert.equal(transcribed.code, 0, transcribed.log.join('\n'));
    assert.ok((transcribed.report.transcript?.words ?? 0) > 700);
    const left = (await workFiles(box.workDir)).map((path) => path.replace(/^[^/]*\/?/, ''));
    assert.deepEqual(left, ['', 'transcript.json', 'transcript.vtt', 'video.json', 'video.mp4']);

    const indexed = await run('index');
    assert.equal(indexed.code, 0, indexed.log.join('\n'));
    assert.equal(indexed.report.index?.passages, 9);
    assert.deepEqual(await workFiles(box.workDir), []);
    assert.equal(dumpStore(box.dataDir)['videos']?.length, 1);

    const stranger = await run('purge', { owner: { ...job.owner, uid: 'another' } });
    assert.deepEqual(stranger.report.purge, { vectors: 0, records: 0 });
    const purged = await run('purge');
    assert.deepEqual(purged.report.purge, { vectors: 9, records: 1 });
    const again = await run('purge');
    assert.deepEqual(again.report.purge, { vectors: 0, records: 0 });
    for (const rows of Object.values(dumpStore(box.dataDir))) assert.deepEqual(rows, []);
  });

  for (const [what, changes, reason, code] of [
    ['a link that is none', { spec: { url: 'file:///etc/passwd' } }, 'InvalidURL', 10],
    [
      'a spec that is wrong',
      { spec: { url: 'https://www.loom.com/share/' + 'a'.repeat(32), timeout: 'soon' } },
      'ConfigurationInvalid',
      40,
    ],
    [
      'an unknown video',
      { spec: { url: 'https://www.loom.com/share/' + 'f'.repeat(32) } },
      'VideoNotFound',
      10,
    ],
  ] as const)
    it(`fetch reports ${what}: ${reason}, exit ${code}`, async () => {
      const { code: exit, report } = await run('fetch', changes);
      assert.equal(report.reason, reason);
      assert.equal(exit, code);
    });

  it('transcribe without a recording fails clearly', async () => {
    const { report } = await run('transcribe', { name: 'other' });
    assert.equal(report.outcome, 'Failed');
    assert.match(report.message, /fetch has to run before/);
  });

  it('ends at its deadline, to be tried again', async () => {
    const stalled = {
      ...sampleVideo(),
      id: 'e'.repeat(32),
      faults: [{ on: 'media' as const, stallAfter: 1000 }],
    };
    const { shareUrl: url } = loom.addVideo(stalled);
    const { code, report } = await run('fetch', { name: 'stalled', spec: { url, timeout: '1s' } });
    assert.equal(report.reason, 'DeadlineExceeded');
    assert.equal(code, 20);
  });
});
