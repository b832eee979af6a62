import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { systemClock } from '../../common/clock.ts';
import { tryLock } from '../../common/fileLock.ts';
import { textProgress } from '../../jobrunner/setup/progress.ts';
import { setUp } from '../../jobrunner/setup/setUp.ts';
import { SetupError, type Step, type StepContext } from '../../jobrunner/setup/step.ts';

/** A step that counts as done once it ran. */
const step = (title: string, run?: (context: StepContext) => Promise<string>, done = false): Step => ({
  title,
  isDone: async () => done,
  async run(context) {
    const outcome = (await run?.(context)) ?? 'made';
    done = true;
    return outcome;
  },
});

describe('setUp', () => {
  let cache = '';
  let text = '';
  /** Called once, when the set-up first says something. */
  let onText: (() => void) | undefined;
  beforeEach(async () => {
    cache = await mkdtemp(join(tmpdir(), 'setup-'));
    text = '';
    onText = undefined;
  });
  afterEach(() => rm(cache, { recursive: true, force: true }));

  const start = (
    steps: Step[],
    { live = false, quiet = false, signal = new AbortController().signal } = {},
  ) =>
    setUp({
      steps,
      cache,
      progress: textProgress({
        write: (part) => {
          text += part;
          onText?.();
          onText = undefined;
        },
        live,
        columns: 30,
        quiet,
        now: () => 0,
      }),
      clock: systemClock,
      signal,
    });

  it('runs what is not done, in order, one line each', async () => {
    await start([step('a'), step('b', undefined, true), step('c', async () => 'version 3')]);
    assert.equal(text, 'a: made (0.0 s)\nc: version 3 (0.0 s)\n');
  });

  it('says so when there is nothing to do, unless it shall be quiet', async () => {
    await start([step('a', undefined, true)], { quiet: true });
    assert.equal(text, '');
    await start([step('a', undefined, true)]);
    assert.equal(text, 'Everything is set up.\n');
  });

  it('rewrites the line on a terminal and never wraps it', async () => {
    const talkative = step('a', async ({ say }) => {
      say('Downloading something with a very long name');
      return 'made';
    });
    await start([talkative], { live: true });
    const lines = text.split('\r\u001B[2K');
    assert.deepEqual(lines, ['', '… a', '… a: Downloading something wi', '✓ a: made (0.0 s)\n']);
  });

  it('stops at a failure, keeps what was done and removes working folders', async () => {
    const first = step('a');
    const failing = step('b', () => Promise.reject(new SetupError('no disk', 'buy one')));
    await mkdir(join(cache, 'setup-work-left-by-a-kill'));
    await assert.rejects(start([first, failing, step('c')]), /no disk; buy one/);
    assert.equal(text, 'a: made (0.0 s)\nb: failed (0.0 s)\n');
    assert.deepEqual(
      (await readdir(cache)).filter((name) => name.startsWith('setup-work')),
      [],
    );
    assert.ok(await first.isDone());
  });

  it('waits for another set-up and does not repeat its work', async () => {
    const lock = tryLock(join(cache, 'setup.lock'), new Date());
    let done = false;
    const shared: Step = {
      title: 'a',
      isDone: async () => done,
      run: () => assert.fail('the other set-up has done it'),
    };
    onText = () => {
      done = true;
      lock?.release();
    };
    await start([shared]);
    assert.match(text, /^Another set-up is at work here: waiting for it\.\nEverything is set up\.\n$/);
  });

  it('can be stopped while it waits', async () => {
    const lock = tryLock(join(cache, 'setup.lock'), new Date());
    const stop = new AbortController();
    onText = () => stop.abort(new SetupError('stopped', 'run it again'));
    await assert.rejects(start([step('a')], { signal: stop.signal }), /stopped; run it again/);
    lock?.release();
  });
});
