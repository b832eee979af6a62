import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { describe, it } from 'node:test';
import { bareWorker } from '../support/inference.ts';

const line = (fields: Record<string, unknown>): string => `${JSON.stringify(fields)}\n`;

describe('the inference worker', () => {
  it('answers whatever it cannot understand with a code, and lives on', async (t) => {
    const worker = bareWorker(t);
    const cases: [request: string | Buffer, id: unknown, code: string][] = [
      ['no json\n', null, 'BadRequest'],
      ['\n', null, 'BadRequest'],
      ['[1, 2]\n', null, 'BadRequest'],
      [Buffer.from([0xff, 0xfe, 0x0a]), null, 'BadRequest'],
      [`${'['.repeat(100_000)}\n`, null, 'BadRequest'],
      [line({ id: 1 }), 1, 'BadRequest'],
      [line({ id: 'a', op: 7 }), 'a', 'BadRequest'],
      [line({ id: { deep: 1 }, op: 'info', bytes: -1 }), null, 'BadRequest'],
      [line({ id: 2, op: 'info', bytes: 'many' }), 2, 'BadRequest'],
      [line({ id: 2, op: 'info', bytes: true }), 2, 'BadRequest'],
      [line({ id: 3, op: 'no such thing' }), 3, 'UnknownOperation'],
      [line({ id: 4, op: 'embed' }), 4, 'BadRequest'],
      [line({ id: 4, op: 'embed', texts: 'one' }), 4, 'BadRequest'],
      [line({ id: 4, op: 'embed', texts: ['one', 2] }), 4, 'BadRequest'],
      [line({ id: 4, op: 'embed', texts: Array.from({ length: 257 }, () => 'a') }), 4, 'TooLarge'],
      [line({ id: 5, op: 'transcribe.start' }), 5, 'BadRequest'],
      [line({ id: 5, op: 'transcribe.start', session: 's', language: 7 }), 5, 'BadRequest'],
      [line({ id: 5, op: 'transcribe.start', session: 's', language: 'klingon' }), 5, 'LanguageUnsupported'],
      [`${line({ id: 6, op: 'transcribe.feed', session: 's', bytes: 4 })}abcd`, 6, 'UnknownSession'],
      [line({ id: 7, op: 'transcribe.finish', session: 's' }), 7, 'UnknownSession'],
      [line({ id: 7, op: 'transcribe.abort', session: 's' }), 7, 'UnknownSession'],
      [`{"id":8,"op":"info","pad":"${'x'.repeat(9 * 1024 * 1024)}"}\n`, null, 'TooLarge'],
      [line({ id: 9, op: 'info', bytes: 5_000_000 }) + 'x'.repeat(5_000_000), 9, 'TooLarge'],
    ];
    for (const [request, id, code] of cases) {
      worker.send(request);
      const reply = await worker.reply();
      const what = request.toString().slice(0, 80);
      assert.equal(reply.error?.code, code, what);
      assert.equal(reply.id, id, what);
      assert.ok(reply.error.message.length > 10, what);
    }
    worker.send(line({ id: 10, op: 'info' }));
    const loaded: unknown = (await worker.reply()).ok?.['loaded'];
    assert.ok(
      Array.isArray(loaded) && loaded.length <= 1 && !loaded.includes('all-MiniLM-L6-v2'),
      `nothing of this needed a model, but the language asked Whisper: ${JSON.stringify(loaded)}`,
    );
  });

  it('says what to do when a model is missing', async (t) => {
    const worker = bareWorker(t, { embedderFolder: tmpdir() });
    worker.send(line({ id: 1, op: 'embed', texts: ['a'] }));
    const { error } = await worker.reply();
    assert.equal(error?.code, 'ModelMissing');
    assert.match(error.message, /npm run setup/);
  });

  it('has one transcription open at a time, which can be given up', async (t) => {
    const worker = bareWorker(t);
    worker.send(line({ id: 1, op: 'transcribe.start', session: 'one', language: 'en' }));
    assert.ok((await worker.reply()).ok);
    worker.send(line({ id: 2, op: 'transcribe.start', session: 'two', language: 'en' }));
    assert.equal((await worker.reply()).error?.code, 'Busy');
    worker.send(line({ id: 3, op: 'transcribe.feed', session: 'two' }));
    assert.equal((await worker.reply()).error?.code, 'UnknownSession');
    worker.send(line({ id: 4, op: 'transcribe.abort', session: 'one' }));
    assert.ok((await worker.reply()).ok);
    worker.send(line({ id: 5, op: 'transcribe.start', session: 'two', language: 'en' }));
    assert.ok((await worker.reply()).ok);
  });

  it('takes pieces of any size: none, odd, half a sample', async (t) => {
    const worker = bareWorker(t);
    worker.send(line({ id: 0, op: 'transcribe.start', session: 's', language: 'en' }));
    await worker.reply();
    for (const [index, size] of [0, 1, 1, 3, 32_001].entries()) {
      worker.send(line({ id: index, op: 'transcribe.feed', session: 's', bytes: size }));
      worker.send(Buffer.alloc(size));
      assert.deepEqual((await worker.reply()).ok?.['segments'], []);
    }
    worker.send(line({ id: 9, op: 'transcribe.finish', session: 's' }));
    const { ok } = await worker.reply();
    assert.deepEqual(ok?.['segments'], []);
    assert.equal(ok?.['processedSeconds'], 16_003 / 16_000);
  });

  for (const [when, last] of [
    ['between requests', ''],
    ['in the middle of a line', '{"id": 1, "op'],
    ['in the middle of a payload', `${line({ id: 1, op: 'info', bytes: 1000 })}abc`],
  ] as const)
    it(`ends when stdin closes ${when}`, async (t) => {
      const worker = bareWorker(t);
      worker.send(last);
      worker.child.stdin?.end();
      assert.equal((await worker.child.exited).code, 0);
    });
});
