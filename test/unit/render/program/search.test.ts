import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Highlighter } from '../../../../controller/render/program/search/highlights.ts';
import { StageError } from '../../../../jobrunner/contract/stageError.ts';
import type { Embedder } from '../../../../jobrunner/ports.ts';
import { fakeEmbedder } from '../../../support/fakeEmbedder.ts';
import { HEX, programWorld } from './programWorld.ts';

const KEY = { namespace: 'default', name: 'one' };

/** An embedder whose model is in memory once it was used, and that takes as long as it is told. */
function coldEmbedder(): Embedder & { asked: string[]; warm: boolean; answer: Promise<void> } {
  const inner = fakeEmbedder();
  const cold = {
    ...inner,
    asked: [] as string[],
    warm: false,
    answer: Promise.resolve(),
    isWarm: () => cold.warm,
    async embed(texts: readonly string[], options: { signal: AbortSignal }) {
      cold.asked.push(...texts);
      await cold.answer;
      cold.warm = true;
      return inner.embed(texts, options);
    },
  };
  return cold;
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

describe('GET /api/search', () => {
  it('finds passages with their words, and a link to the second', async (t) => {
    const { call, declare, store } = await programWorld(t);
    declare('one', { phase: 'Ready' });
    await store('one', ['The invoices are on the billing page.', 'How do I invite a colleague?']);
    const { code, body } = await call('GET', '/api/search?q=inviting+colleagues');
    assert.equal(code, 200);
    assert.equal(body.query, 'inviting colleagues');
    assert.equal(body.ranking, 'hybrid');
    const { score, ...best } = body.results[0];
    assert.ok(score > 0);
    assert.deepEqual(best, {
      video: 'one',
      namespace: 'default',
      name: 'one',
      title: 'About one',
      start: 10,
      end: 19.5,
      text: 'How do I invite a colleague?',
      highlights: [
        [9, 15],
        [18, 27],
      ],
      url: `https://www.loom.com/share/${HEX}?t=10`,
      exists: true,
    });
  });

  it('finds what was retained of a deleted video, and what others stored', async (t) => {
    const { call, store } = await programWorld(t);
    await store('gone', ['An onboarding checklist.']);
    await store('x', ['An onboarding checklist.'], { owner: { key: 'local.default.one', uid: 'cli' } });
    const { body } = await call('GET', '/api/search?q=onboarding');
    assert.equal(body.results.length, 2);
    for (const { exists, url } of body.results) {
      assert.equal(exists, false);
      assert.match(url, /^https:/);
    }
  });

  it('leads nowhere but to the web', async (t) => {
    const { call, store } = await programWorld(t);
    await store('one', ['An onboarding checklist.'], { url: 'javascript:alert(1)' });
    const { body } = await call('GET', '/api/search?q=onboarding');
    assert.equal(body.results[0].url, undefined);
  });

  it('of one namespace, finds what is far down among the others', async (t) => {
    const { call, store } = await programWorld(t);
    const texts = Array.from({ length: 120 }, (_, number) => `Onboarding onboarding onboarding ${number}`);
    await store('many', texts);
    await store('few', ['A long text in which onboarding is one word among a good many others'], {
      owner: { key: 'render.team-a.few', uid: 'few' },
    });
    const { body } = await call('GET', '/api/search?q=onboarding&namespace=team-a&limit=5');
    assert.deepEqual(
      body.results.map(({ video }: { video: string }) => video),
      ['team-a/few'],
    );
    assert.deepEqual((await call('GET', '/api/search?q=onboarding&namespace=none')).body.results, []);
  });

  const refused: [query: string, field: string][] = [
    ['', 'query.q'],
    ['q=', 'query.q'],
    ['q=%20%00%20', 'query.q'],
    [`q=${'x'.repeat(1001)}`, 'query.q'],
    ['q=x&limit=0', 'query.limit'],
    ['q=x&limit=101', 'query.limit'],
    ['q=x&limit=1.5', 'query.limit'],
    ['q=x&wait=maybe', 'query.wait'],
    ['q=x&namespace=a.b', 'query.namespace'],
    ['q=x&q=y', 'query.q'],
  ];
  it('refuses what is out of bounds, naming it', async (t) => {
    const { call } = await programWorld(t);
    for (const [query, field] of refused) {
      const { code, body } = await call('GET', `/api/search?${query}`);
      assert.equal(code, 400, query);
      assert.equal(body.field, field, query);
    }
  });

  it('takes any text for a query', async (t) => {
    const { call, store } = await programWorld(t);
    await store('one', ['The word NEAR and a "quote" (here).']);
    for (const q of [
      '"',
      'a" OR "b',
      'NEAR(x y)',
      '*',
      '-x',
      '(',
      'text:word',
      '\u{1F600}',
      '%',
      "'; DROP TABLE x",
    ]) {
      const { code, text } = await call('GET', `/api/search?q=${encodeURIComponent(q)}`);
      assert.equal(code, 200, `${q}: ${text}`);
    }
  });

  it('answers 503 while the store is out, and says what to do about one that is broken', async (t) => {
    const world = await programWorld(t);
    const fail = (error: StageError): void => {
      world.search.records.searchText = async () => {
        throw error;
      };
    };
    fail(new StageError('StoreUnavailable', 'The disk is full.', { retryAfterSeconds: 7 }));
    const passing = await world.call('GET', '/api/search?q=x');
    assert.equal(passing.code, 503);
    assert.equal(passing.headers['retry-after'], '7');
    assert.equal(passing.body.reason, 'StoreUnavailable');
    fail(new StageError('StoreMisconfigured', 'Run doctor.'));
    const broken = await world.call('GET', '/api/search?q=x');
    assert.equal(broken.code, 503);
    assert.equal(broken.headers['retry-after'], undefined);
    assert.equal(broken.body.detail, 'Run doctor.');
    fail(new StageError('InternalError', 'secret at x.ts'));
    const bug = await world.call('GET', '/api/search?q=x');
    assert.equal(bug.code, 500);
    assert.doesNotMatch(bug.text, /secret/);
  });
});

describe('a model that is not in memory', () => {
  it('is loaded for the next search, while this one goes by words', async (t) => {
    const embedder = coldEmbedder();
    const { call, store } = await programWorld(t, { embedder });
    await store('one', ['Hello.']);
    embedder.warm = false;
    embedder.asked.length = 0;
    assert.equal((await call('GET', '/api/search?q=hello')).body.ranking, 'lexical');
    await settled();
    assert.deepEqual(embedder.asked, ['hello']);
    assert.equal((await call('GET', '/api/search?q=hello')).body.ranking, 'hybrid');
    assert.deepEqual(embedder.asked, ['hello'], 'its vector is kept');
    assert.equal((await call('GET', '/api/search?q=bye')).body.ranking, 'hybrid');
  });

  it('is waited for where that is asked for', async (t) => {
    const { call } = await programWorld(t, { embedder: coldEmbedder() });
    assert.equal((await call('GET', '/api/search?q=hello&wait=true')).body.ranking, 'hybrid');
  });

  it('is asked once for the same query of many', async (t) => {
    const embedder = coldEmbedder();
    const { call } = await programWorld(t, { embedder });
    await Promise.all(Array.from({ length: 5 }, () => call('GET', '/api/search?q=hello&wait=true')));
    assert.deepEqual(embedder.asked, ['hello']);
  });

  it('does not come beside a download, even where somebody waits', async (t) => {
    const embedder = coldEmbedder();
    const { call, board } = await programWorld(t, { embedder });
    board.stage(KEY, { stage: 'fetch' }, 4000);
    assert.equal((await call('GET', '/api/search?q=hello&wait=true')).body.ranking, 'lexical');
    board.clear(KEY);
    assert.equal((await call('GET', '/api/search?q=hello&wait=true')).body.ranking, 'hybrid');
    assert.deepEqual(embedder.asked, ['hello']);
  });

  const beside: [limitMb: number, wait: boolean, asked: number][] = [
    [99, false, 0],
    [100, false, 1],
    [99, true, 1],
  ];
  for (const [limitMb, wait, asked] of beside)
    it(`beside a transcription with ${limitMb} MB free${wait ? ', waited for' : ''}: ${asked === 0 ? 'not' : 'is'} loaded`, async (t) => {
      const embedder = coldEmbedder();
      const { call, board } = await programWorld(t, { embedder });
      board.stage(KEY, { stage: 'transcribe' }, limitMb);
      await call('GET', `/api/search?q=hello&wait=${wait}`);
      await settled();
      assert.equal(embedder.asked.length, asked);
    });

  it('that is busy with a transcription is not waited for', async (t) => {
    const embedder = coldEmbedder();
    embedder.warm = true;
    const { promise, resolve } = Promise.withResolvers<void>();
    embedder.answer = promise;
    const { call, board } = await programWorld(t, { embedder });
    board.stage(KEY, { stage: 'transcribe' }, 400);
    assert.equal((await call('GET', '/api/search?q=hello')).body.ranking, 'lexical');
    resolve();
    await settled();
    assert.equal((await call('GET', '/api/search?q=hello')).body.ranking, 'hybrid');
  });

  it('that fails for a while leaves it to the words', async (t) => {
    const embedder = coldEmbedder();
    embedder.warm = true;
    embedder.answer = Promise.reject(new StageError('EmbeddingUnavailable', 'out'));
    embedder.answer.catch(() => undefined);
    const { call } = await programWorld(t, { embedder });
    assert.equal((await call('GET', '/api/search?q=hello')).body.ranking, 'lexical');
  });
});

it('a client that goes ends its search, and not the model', async (t) => {
  const embedder = coldEmbedder();
  const { promise, resolve } = Promise.withResolvers<void>();
  embedder.answer = promise;
  const world = await programWorld(t, { embedder });
  const aborted = Promise.withResolvers<void>();
  const searchText = world.search.records.searchText.bind(world.search.records);
  world.search.records.searchText = (query, limit, { signal }) => {
    signal.addEventListener('abort', () => aborted.resolve());
    return searchText(query, limit, { signal });
  };
  const url = await world.listen();
  const gone = new AbortController();
  const asked = fetch(`${url}/api/search?q=hello&wait=true`, { signal: gone.signal });
  while (embedder.asked.length === 0) await settled();
  gone.abort();
  await assert.rejects(asked);
  await aborted.promise;
  resolve();
  await settled();
  assert.ok(embedder.warm);
  assert.equal((await world.call('GET', '/api/search?q=hello')).body.ranking, 'hybrid');
});

describe('highlights', () => {
  const cases: [query: string, text: string, marked: string][] = [
    [
      'invite',
      'Inviting: they invited, an invitation; invite!',
      '[Inviting]: they [invited], an [invitation]; [invite]!',
    ],
    ['colleagues invited', 'Invite a colleague', '[Invite] a [colleague]'],
    ['how do I invite', 'How do I invite', 'How do I [invite]'],
    ['how do I', 'How do I', '[How] [do] [I]'],
    ['naive', 'A naïve idea', 'A [naïve] idea'],
    ['naïve', 'A nai\u0308ve idea', 'A [nai\u0308ve] idea'],
    ['ÜBER', 'über alles', '[über] alles'],
    ['text', '😀 text 😀 text', '😀 [text] 😀 [text]'],
    ['script', '<script>alert(1)</script>', '<[script]>alert(1)</[script]>'],
    ['none', 'Nothing of that', 'Nothing of that'],
    ['"', 'A "quote"', 'A "quote"'],
    ['word', 'password', 'password'],
  ];
  const highlighter = new Highlighter();
  for (const [query, text, marked] of cases)
    it(`of ${JSON.stringify(query)} in ${JSON.stringify(text)}`, () => {
      const [found = []] = highlighter.of(query, [text]);
      let shown = '';
      let last = 0;
      for (const [from, to] of found) {
        shown += `${text.slice(last, from)}[${text.slice(from, to)}]`;
        last = to;
      }
      assert.equal(shown + text.slice(last), marked);
    });

  it('belong each to its text', () => {
    assert.deepEqual(highlighter.of('b', ['a', 'b', '', 'b b']), [
      [],
      [[0, 1]],
      [],
      [
        [0, 1],
        [2, 3],
      ],
    ]);
    assert.deepEqual(highlighter.of('b', ['b']), [[[0, 1]]]);
    assert.deepEqual(highlighter.of('b', []), []);
  });
});
