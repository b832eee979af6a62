import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { MemorySource } from '../../common/memory/source.ts';
import { printFindings } from '../../jobrunner/commands/printFindings.ts';
import { readConfig } from '../../jobrunner/config.ts';
import { StageError } from '../../jobrunner/contract/stageError.ts';
import { findings } from '../../jobrunner/doctor/finding.ts';
import { foldersCheck, memoryCheck } from '../../jobrunner/doctor/machine.ts';
import { modelsCheck, ytDlpAge, ytDlpCheck } from '../../jobrunner/doctor/tools.ts';
import { SetupError } from '../../jobrunner/setup/step.ts';

const signal = new AbortController().signal;
const now = new Date('2026-11-24T12:00:00Z');
const MB = 1024 ** 2;

describe('the age of yt-dlp', () => {
  for (const [version, level] of [
    ['2026.11.20', 'ok'],
    ['2026.10.26', 'ok'],
    ['2026.08.26', 'ok'],
    ['2026.08.25', 'warn'],
    ['2025.01.01', 'warn'],
    ['nightly', 'warn'],
    ['', 'warn'],
  ] as const)
    it(`${version === '' ? 'none' : version}: ${level}`, () =>
      assert.equal(ytDlpAge(version, now).level, level));
});

describe('memory', () => {
  const container = (limitMb: number | undefined): MemorySource => ({
    kind: 'cgroup-v2',
    limitBytes: limitMb === undefined ? undefined : limitMb * MB,
    sample: () => ({ residentBytes: 0, unreclaimableBytes: 0 }),
    oomKills: () => 0,
  });
  for (const [what, budgetMb, limitMb, level, words] of [
    ['400 MB and no container', 400, undefined, 'ok', /400 MB/],
    ['400 MB in a container of 512', 400, 512, 'ok', /the container has 512 MB/],
    ['a small budget', 200, undefined, 'warn', /MemoryLimitExceeded/],
    ['a small container', 400, 256, 'warn', /MemoryLimitExceeded/],
    ['a container smaller than the budget', 800, 512, 'warn', /less than MAX_MEMORY_MB \(800\)/],
  ] as const)
    it(`${what}: ${level}`, async () => {
      const config = readConfig({ MAX_MEMORY_MB: String(budgetMb) });
      const [found] = await memoryCheck(config, container(limitMb))(signal);
      assert.equal(found?.level, level);
      assert.match(found.what, words);
    });
});

describe('what is missing', () => {
  it('is named with the variable or command that helps', async (t) => {
    const root = await mkdtemp(join(tmpdir(), 'loomvideo-doctor-'));
    t.after(() => rm(root, { recursive: true, force: true }));
    const blocked = join(root, 'file');
    await writeFile(blocked, '');
    const places = { env: { PATH: process.env['PATH'] }, root };
    const config = readConfig({ LOOMVIDEO_DATA_DIR: join(blocked, 'data'), LOOMVIDEO_WORK_DIR: root });
    const found = [
      ...(await findings(ytDlpCheck(places, { now: () => now }), signal)),
      ...(await findings(modelsCheck(places), signal)),
      ...(await findings(foldersCheck(config), signal)),
    ];
    assert.deepEqual(
      found.map(({ level, remedy = '' }) => [level, /npm run setup|LOOMVIDEO_\w+/.exec(remedy)?.[0]]),
      [
        ['fail', 'npm run setup'],
        ['fail', 'npm run setup'],
        ['fail', 'npm run setup'],
        ['fail', 'LOOMVIDEO_DATA_DIR'],
        ['ok', undefined],
      ],
    );
  });

  it('is a finding too where a check throws, with the advice of its reason', async () => {
    const thrown = async (error: Error) => {
      const check = async (): Promise<never> => {
        throw error;
      };
      return (await findings(check, signal))[0];
    };
    assert.deepEqual(await thrown(new SetupError('no ffmpeg', 'install one')), {
      level: 'fail',
      what: 'no ffmpeg',
      remedy: 'install one',
    });
    const rejected = await thrown(new StageError('CredentialsRejected', 'The key is refused.'));
    assert.equal(rejected?.what, 'CredentialsRejected: The key is refused.');
    assert.match(rejected.remedy ?? '', /Replace the key/);
    await assert.rejects(thrown(new TypeError('a bug')), TypeError);
  });
});

describe('how findings are shown', () => {
  const shown = (level: 'ok' | 'warn' | 'fail', json: boolean): { code: number; text: string } => {
    let text = '';
    const found = [{ level, what: 'one\nthing', remedy: 'do this' }];
    return { code: printFindings(found, { json, write: (more) => (text += more) }), text };
  };

  it('fails when one of them does, not for a warning', () => {
    assert.equal(shown('ok', false).code, 0);
    assert.equal(shown('warn', false).code, 0);
    assert.equal(shown('fail', false).code, 40);
  });

  it('is a line each, with what to do below, or one JSON object', () => {
    assert.equal(shown('fail', false).text, '❌ one thing\n   → do this\n');
    assert.equal((JSON.parse(shown('fail', true).text) as { ok: boolean }).ok, false);
  });
});
