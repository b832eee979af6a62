import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import { questions, recording, silence, french } from '../sample/index.ts';
import { processJson, ROOT, sandbox, startMain, workFiles, type Sandbox } from '../support/cli.ts';
import { dumpStore } from '../support/dumpStore.ts';
import { startLoom, type Loom } from '../support/loom/server.ts';
import { sampleVideo } from '../support/sampleVideo.ts';
import { strayProcesses } from '../support/strayProcesses.ts';
import { wordErrorRate } from '../support/wordErrorRate.ts';

interface Found {
  video: string;
  title: string;
  start: number;
  end: number;
  text: string;
  score: number;
  url: string;
}

describe('one video, end to end, through the real yt-dlp, ffmpeg, Whisper, MiniLM and SQLite', () => {
  let loom: Loom;
  let box: Sandbox;
  let env: Record<string, string>;
  let url: string;
  let run: Awaited<ReturnType<typeof processJson>>;
  const sample = recording();
  const cleanUps: (() => unknown)[] = [];

  before(async () => {
    loom = await startLoom();
    box = await sandbox({ after: (work) => void cleanUps.push(work) });
    env = { ...box.env, ...loom.env };
    url = loom.addVideo(sampleVideo()).shareUrl;
    run = await processJson(url, env);
  });
  after(async () => {
    await loom.close();
    for (const work of cleanUps) await work();
  });

  it('succeeds, with all six conditions True', () => {
    assert.equal(run.code, 0, run.log.join('\n'));
    assert.deepEqual(
      run.result.conditions.map(({ type, status }) => `${type}=${status}`),
      ['Downloaded', 'Validated', 'Transcribed', 'Embedded', 'CleanedUp', 'MemoryStable'].map(
        (type) => `${type}=True`,
      ),
    );
    assert.equal(run.result.video?.title, sample.title);
    assert.equal(run.result.index?.passages, 9);
  });

  it('says the lines that people search for, word for word', () => {
    const { messages } = run;
    const seconds = String.raw`\d+(\.\d+)?`;
    for (const line of [
      new RegExp(`^✅ Video info extracted: ${sample.title} - Duration: ${seconds}s$`),
      /^✅ Successfully downloaded using yt-dlp: video\.mp4 \(\d+ bytes\)$/,
      /^✅ Valid video file signature detected: video\.mp4$/,
      /^✅ Processed embedding batch 1\/3$/,
      /^✅ Processed embedding batch 3\/3$/,
      /^💾 Memory usage: \d+MB$/,
      /^💾 After yt-dlp download - Memory: \d+MB$/,
      /^💾 After transcription - Memory: \d+MB$/,
    ])
      assert.ok(
        messages.some((message) => line.test(message)),
        `${line} is not among\n${messages.join('\n')}`,
      );
  });

  it('hears what is said: at most 5 % of the words wrong', () => {
    const rate = wordErrorRate(sample.text, run.result.transcript?.text ?? '');
    assert.ok(rate <= 0.05, `word error rate ${rate}`);
  });

  it('knows when: each sentence it heard begins within a second of where it is spoken', () => {
    const starts = sample.topics.flatMap(({ sentences }) => sentences.map(({ start }) => start));
    const segments = run.result.transcript?.segments ?? [];
    const late = starts.filter((start) => !segments.some((segment) => Math.abs(segment.start - start) < 1));
    assert.ok(late.length <= starts.length * 0.1, `no segment begins at ${late.join(', ')}`);
    for (const [index, { start, end }] of segments.entries()) {
      assert.ok(start < end && start >= (segments[index - 1]?.end ?? 0), `segment ${index}: ${start}–${end}`);
    }
  });

  it('stays within 400 MB', () => {
    const { memory } = run.result;
    assert.ok(memory && memory.peakMb > 100 && memory.peakMb <= 400, JSON.stringify(memory));
    assert.equal(memory.limitMb, 400);
  });

  it('leaves nothing in the working folder and no process', async () => {
    assert.deepEqual(await workFiles(box.workDir), []);
    assert.deepEqual(await strayProcesses(box.root), []);
  });

  it('finds the right passage first for at least nine of ten paraphrased questions', async () => {
    const wrong: string[] = [];
    for (const { question, topic } of questions()) {
      const { exit, stdout } = await startMain(['search', question, '--json', '--limit', '3'], env).finished;
      assert.equal(exit.code, 0);
      const [first] = JSON.parse(stdout) as Found[];
      const expected = sample.topics.find(({ title }) => title === topic);
      assert.ok(first && expected);
      assert.equal(first.url, `${url}?t=${Math.floor(first.start)}`);
      const middle = (first.start + first.end) / 2;
      if (middle < expected.start || middle > expected.end) wrong.push(`${question} → ${first.text}`);
    }
    assert.ok(wrong.length <= 1, wrong.join('\n'));
  });

  it('changes nothing when it is run again', async () => {
    const first = dumpStore(box.dataDir);
    assert.equal(first['passages']?.length, 9);
    assert.equal(first['vectors']?.length, 9);
    assert.equal((await processJson(url, env)).code, 0);
    assert.deepEqual(dumpStore(box.dataDir), first);
  });

  it('succeeds without segments where nobody speaks, and finds nothing there', async () => {
    const { code, result } = await processJson(silence.path, env);
    assert.equal(code, 0);
    assert.equal(result.reason, 'NoSpeech');
    assert.deepEqual(result.transcript?.segments, []);
    assert.equal(result.index?.passages, 0);
  });

  it('refuses another language rather than writing nonsense, where only tiny.en is installed', async () => {
    const { code, result } = await processJson(french.path, env);
    if (result.transcript?.model === 'tiny') {
      assert.equal(result.transcript.language, 'fr');
      return;
    }
    assert.equal(result.reason, 'LanguageUnsupported');
    assert.equal(code, 10);
    assert.deepEqual(await workFiles(box.workDir), []);
  });

  it('takes the language it is told: French is refused by tiny.en before any work', async () => {
    const { result } = await processJson(silence.path, env, '--language', 'fr');
    assert.ok(result.reason === 'LanguageUnsupported' || result.reason === 'NoSpeech');
  });

  it('takes captions of Loom when asked, and says so when there are none', async () => {
    const captions = 'WEBVTT\n\n00:00:01.000 --> 00:00:04.000\nSpoken by Loom itself.\n';
    const withCaptions = loom.addVideo({ ...sampleVideo(), id: 'a'.repeat(32), captions });
    const { code, result } = await processJson(withCaptions.shareUrl, env, '--source', 'captions');
    assert.equal(code, 0);
    assert.equal(result.transcript?.model, 'captions');
    assert.equal(result.transcript.text, 'Spoken by Loom itself.');
    const without = loom.addVideo({ ...sampleVideo(), id: 'b'.repeat(32) });
    const refused = await processJson(without.shareUrl, env, '--source', 'captions');
    assert.equal(refused.result.reason, 'CaptionsUnavailable');
    assert.equal(refused.code, 10);
  });

  it('ends within its memory or says so: exit 30, finished stages kept, the next run goes on', async () => {
    const asked = loom.addVideo({ ...sampleVideo(), id: 'c'.repeat(32) });
    const small = await processJson(asked.shareUrl, { ...env, MAX_MEMORY_MB: '170' });
    assert.equal(small.result.reason, 'MemoryLimitExceeded');
    assert.equal(small.code, 30);
    assert.deepEqual(await strayProcesses(box.root), []);
    assert.ok((await workFiles(box.workDir)).some((name) => name.endsWith('/video.json')));
    const again = await processJson(asked.shareUrl, env);
    assert.equal(again.code, 0);
    assert.ok(again.messages.includes('♻️ fetch was finished by an earlier run'));
    assert.deepEqual(await workFiles(box.workDir), []);
  });

  it('refuses a second process on the same video', async () => {
    const asked = loom.addVideo({ ...sampleVideo(), id: 'd'.repeat(32) });
    const first = startMain(['process', asked.shareUrl, '--json'], env);
    await first.line(/Memory usage/);
    const second = await processJson(asked.shareUrl, env);
    assert.equal(second.result.reason, 'AlreadyRunning');
    assert.equal(second.code, 20);
    assert.equal((await first.finished).exit.code, 0);
  });
});

describe('what is refused before any request', () => {
  for (const [what, target, reason, code, extra] of [
    [
      'another site in production',
      'https://example.com/video.mp4',
      'InvalidURL',
      10,
      { NODE_ENV: 'production' },
    ],
    ['a file in production', `${ROOT}/test/sample/silence.mp4`, 'InvalidURL', 10, { NODE_ENV: 'production' }],
    ['a Loom folder', 'https://www.loom.com/folder/0123', 'InvalidURL', 10, {}],
    ['a file that is not there', '/no/such/file.mp4', 'InvalidURL', 10, {}],
    [
      'a wrong setting',
      'https://www.loom.com/share/x',
      'ConfigurationInvalid',
      40,
      { MAX_MEMORY_MB: 'lots' },
    ],
  ] as const)
    it(what, async (t) => {
      const box = await sandbox(t);
      const { exit, stdout, log } = await startMain(['process', target, '--json'], { ...box.env, ...extra })
        .finished;
      assert.equal(exit.code, code, log.join('\n'));
      if (stdout !== '') assert.equal((JSON.parse(stdout) as { reason: string }).reason, reason);
      else assert.match(log.join('\n'), new RegExp(reason));
    });

  it('nothing: a reader that has had enough of our output is no error', async (t) => {
    const box = await sandbox(t);
    const command = `"${process.execPath}" jobrunner/main.ts --help | head -1`;
    const { status, stdout, stderr } = spawnSync('bash', ['--norc', '-o', 'pipefail', '-c', command], {
      cwd: ROOT,
      env: { PATH: process.env['PATH'], ...box.env },
      encoding: 'utf8',
    });
    assert.equal(stderr, '');
    assert.equal(stdout, 'LoomVideo jobrunner\n');
    assert.equal(status, 0);
  });

  it('a wrong command line exits 2 and points to --help', async () => {
    for (const args of [
      ['process'],
      ['process', 'a', 'b'],
      ['process', 'a', '--nonsense'],
      ['search'],
      ['frobnicate'],
      [],
    ]) {
      const { exit, log } = await startMain(args, {}).finished;
      assert.equal(exit.code, 2, args.join(' '));
      assert.match(log.join('\n'), /--help/);
    }
  });
});
