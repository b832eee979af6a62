import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { childEnvironment } from '../../common/childEnvironment.ts';
import { tryLock } from '../../common/fileLock.ts';
import { lineSplitter } from '../../common/lines.ts';
import { createLogger } from '../../common/log.ts';
import { oneLine } from '../../common/oneLine.ts';
import { parseDuration, parseQuantity } from '../../common/quantity.ts';
import { retry } from '../../common/retry.ts';

describe('quantities and durations', () => {
  for (const [text, bytes] of [
    ['50Mi', 52_428_800],
    ['1.5Gi', 1_610_612_736],
    ['400M', 400_000_000],
    ['1024', 1024],
    ['2k', 2000],
  ] as const)
    it(`${text} is ${bytes} bytes`, () => assert.equal(parseQuantity(text), bytes));

  for (const [text, seconds] of [
    ['5m', 300],
    ['60s', 60],
    ['1h30m', 5400],
    ['1h2m3s', 3723],
  ] as const)
    it(`${text} is ${seconds} seconds`, () => assert.equal(parseDuration(text), seconds));

  for (const text of ['', 'm', '-5m', '5 m', '1e9', '5m\n', 'NaN'])
    it(`${JSON.stringify(text)} is neither`, () => {
      assert.throws(() => parseDuration(text), RangeError);
      assert.throws(() => parseQuantity(text), RangeError);
    });
});

describe('retry', () => {
  const options = { signal: new AbortController().signal, baseMs: 1, maxMs: 4, random: () => 0 };

  it('tries until it succeeds, waiting longer each time', async () => {
    const waits: number[] = [];
    const result = await retry(
      async (attempt) => {
        if (attempt < 5) throw new Error(`attempt ${attempt}`);
        return attempt;
      },
      { ...options, shouldRetry: () => true, onRetry: (_error, _attempt, waitMs) => waits.push(waitMs) },
    );
    assert.equal(result, 5);
    assert.deepEqual(waits, [0.5, 1, 2, 2]);
  });

  it('throws the last error when no more tries are allowed', async () => {
    await assert.rejects(
      retry(async (attempt) => Promise.reject(new Error(`attempt ${attempt}`)), {
        ...options,
        shouldRetry: (_error, attempt) => attempt < 3,
      }),
      /attempt 3/,
    );
  });

  for (const [asked, waited] of [
    [17, 17],
    [0, 5],
    [undefined, 5],
  ] as const)
    it(`waits ${waited} ms when it is asked for ${asked} and would wait 5 by itself`, async () => {
      const waits: number[] = [];
      await retry(async (attempt) => (attempt === 1 ? Promise.reject(new Error('slow down')) : 0), {
        ...options,
        baseMs: 10,
        maxMs: 10,
        random: () => 0,
        shouldRetry: () => true,
        retryAfterMs: () => asked,
        onRetry: (_error, _attempt, waitMs) => waits.push(waitMs),
      });
      assert.deepEqual(waits, [waited]);
    });

  it('ends its wait on abort with the error that made it wait', async () => {
    const abort = new AbortController();
    const work = retry(async () => Promise.reject(new Error('refused')), {
      ...options,
      signal: abort.signal,
      baseMs: 60_000,
      maxMs: 60_000,
      shouldRetry: () => true,
      onRetry: () => queueMicrotask(() => abort.abort()),
    });
    await assert.rejects(work, /refused/);
  });

  it('waits, rather than hurries, when it is asked to wait for years', async () => {
    const abort = new AbortController();
    let attempts = 0;
    const work = retry(async () => Promise.reject(new Error(`attempt ${++attempts}`)), {
      ...options,
      signal: abort.signal,
      shouldRetry: () => true,
      retryAfterMs: () => 1e15,
      onRetry: () => void setTimeout(() => abort.abort(), 50),
    });
    await assert.rejects(work, /attempt 1/);
  });
});

describe('oneLine', () => {
  for (const [input, output] of [
    ['a\nb\r\n\tc', 'a b c'],
    ['\u001B[31mred\u001B[0m', '[31mred [0m'],
    ['evil\u202Egnp.exe', 'evil gnp.exe'],
    ['  padded  ', 'padded'],
    ['\uD800half', 'half'],
    ['Café 👩‍🚀', 'Café 👩 🚀'],
  ] as const)
    it(JSON.stringify(input), () => assert.equal(oneLine(input), output));

  it('cuts a long text, never through a character', () => {
    const cut = oneLine('😀'.repeat(200), 100);
    assert.ok(cut.length <= 100 && cut.endsWith('…') && cut.isWellFormed());
  });
});

describe('lineSplitter', () => {
  it('splits across chunks and at carriage returns', () => {
    const lines: string[] = [];
    const splitter = lineSplitter((line) => lines.push(line));
    for (const chunk of ['10', '%\r20%', '\r\nnext\n\nla', 'st']) splitter.push(chunk);
    splitter.end();
    assert.deepEqual(lines, ['10%', '20%', 'next', 'last']);
  });

  it('keeps a bounded part of an endless line', () => {
    const lines: string[] = [];
    const splitter = lineSplitter((line) => lines.push(line));
    for (let i = 0; i < 50; i++) splitter.push('x'.repeat(100_000));
    splitter.end();
    assert.deepEqual(
      lines.map(({ length }) => length),
      [1_000_000],
    );
  });
});

describe('logger', () => {
  const capture = (format: 'json' | 'plain'): { lines: string[]; log: ReturnType<typeof createLogger> } => {
    const lines: string[] = [];
    return { lines, log: createLogger({ level: 'info', format, write: (line) => lines.push(line) }) };
  };

  it('writes pino JSON with the message as msg', () => {
    const { lines, log } = capture('json');
    log.info({ stage: 'fetch' }, '💾 Memory usage: 12MB');
    const entry = JSON.parse(lines[0] ?? '') as Record<string, unknown>;
    assert.equal(entry['msg'], '💾 Memory usage: 12MB');
    assert.equal(entry['level'], 'info');
    assert.equal(entry['stage'], 'fetch');
  });

  it('writes the message alone for people', () => {
    const { lines, log } = capture('plain');
    log.warn('careful');
    assert.deepEqual(lines, ['careful\n']);
  });

  it('redacts secrets by their field', () => {
    const { lines, log } = capture('json');
    log.info(
      { password: 'hunter2', request: { headers: { authorization: 'Bearer x' } }, apiKey: 'sk-1' },
      'x',
    );
    assert.doesNotMatch(lines.join(''), /hunter2|Bearer x|sk-1/);
  });
});

describe('childEnvironment', () => {
  it('passes on proxies and paths, and no key', () => {
    assert.deepEqual(
      childEnvironment(
        { PATH: '/bin', HTTPS_PROXY: 'http://p', OPENAI_API_KEY: 'sk', SECRET: 's' },
        { A: 'b' },
      ),
      { PATH: '/bin', HTTPS_PROXY: 'http://p', A: 'b' },
    );
  });
});

describe('tryLock', () => {
  it('is held once, and free again after release', (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'lock-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'locks', 'a');
    const first = tryLock(path, new Date());
    assert.ok(first);
    assert.equal(tryLock(path, new Date()), undefined);
    first.release();
    const second = tryLock(path, new Date());
    assert.ok(second);
    second.release();
  });
});
