import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { startPinecone, type PineconeStandIn } from '../support/services/pinecone/startPinecone.ts';

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly body: Record<string, unknown>;
}

type Ask = (path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>;

/** Requests by hand, as the published API has them. */
async function open(t: TestContext): Promise<{ pinecone: PineconeStandIn; ask: Ask }> {
  const pinecone = await startPinecone({ dimension: 2 });
  t.after(() => pinecone.close());
  const ask: Ask = async (path, body, headers = {}) => {
    const response = await fetch(`${pinecone.url}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        'api-key': pinecone.apiKey,
        'x-pinecone-api-version': '2026-07',
        'content-type': 'application/json',
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const json = response.headers.get('content-type')?.startsWith('application/json') === true;
    return { status: response.status, text, body: json ? (JSON.parse(text) as Answer['body']) : {} };
  };
  return { pinecone, ask };
}

const vector = (changes: object = {}): object => ({ id: 'a', values: [1, 0], ...changes });
const ids = (count: number): string[] => Array.from({ length: count }, (_, index) => `id-${index}`);

describe('The stand-in for Pinecone refuses what Pinecone refuses', () => {
  const refused: Record<string, { path: string; body?: unknown; words?: RegExp }> = {
    'no vectors': { path: '/vectors/upsert', body: { vectors: [] } },
    'more than 1,000 vectors': {
      path: '/vectors/upsert',
      body: { vectors: ids(1001).map((id) => vector({ id })) },
    },
    'more than 2 MB': {
      path: '/vectors/upsert',
      body: { vectors: ids(60).map((id) => vector({ id, metadata: { text: 'x'.repeat(40_000) } })) },
      words: /2MB/,
    },
    'no id': { path: '/vectors/upsert', body: { vectors: [vector({ id: '' })] } },
    'an id of 513 characters': {
      path: '/vectors/upsert',
      body: { vectors: [vector({ id: 'x'.repeat(513) })] },
    },
    'an id beyond ASCII': {
      path: '/vectors/upsert',
      body: { vectors: [vector({ id: 'é' })] },
      words: /ASCII/,
    },
    'another dimension': {
      path: '/vectors/upsert',
      body: { vectors: [vector({ values: [1, 0, 0] })] },
      words: /Vector dimension 3 does not match the dimension of the index 2/,
    },
    'a vector of zeros': {
      path: '/vectors/upsert',
      body: { vectors: [vector({ values: [0, 1e-9] })] },
      words: /non-zero/,
    },
    'a value that is no number': {
      path: '/vectors/upsert',
      body: { vectors: [vector({ values: [null, 1] })] },
    },
    'a value beyond float32': { path: '/vectors/upsert', body: { vectors: [vector({ values: [1e39, 1] })] } },
    'metadata with null': {
      path: '/vectors/upsert',
      body: { vectors: [vector({ metadata: { x: null } })] },
      words: /'null' for field 'x'/,
    },
    'metadata with an object': {
      path: '/vectors/upsert',
      body: { vectors: [vector({ metadata: { x: {} } })] },
    },
    'metadata with a list of numbers': {
      path: '/vectors/upsert',
      body: { vectors: [vector({ metadata: { x: [1] } })] },
    },
    'metadata with a field of $': {
      path: '/vectors/upsert',
      body: { vectors: [vector({ metadata: { $x: 1 } })] },
    },
    'metadata of more than 40 KB': {
      path: '/vectors/upsert',
      body: { vectors: [vector({ metadata: { x: 'x'.repeat(40_960) } })] },
      words: /exceeds the limit of 40960 bytes/,
    },
    'a field it does not know': { path: '/vectors/upsert', body: { vectors: [vector({ payload: 1 })] } },
    'a query for nothing': { path: '/query', body: { vector: [1, 0], topK: 0 } },
    'a query for more than 10,000': { path: '/query', body: { vector: [1, 0], topK: 10_001 } },
    'a query without a vector': { path: '/query', body: { topK: 1 } },
    'a query by a vector and an id': { path: '/query', body: { topK: 1, vector: [1, 0], id: 'a' } },
    'a query of another dimension': {
      path: '/query',
      body: { topK: 1, vector: [1] },
      words: /dimension 1 does not match/,
    },
    'a filter with an unknown operator': {
      path: '/query',
      body: { topK: 1, vector: [1, 0], filter: { x: { $like: 'y' } } },
    },
    'a filter that compares by null': {
      path: '/query',
      body: { topK: 1, vector: [1, 0], filter: { x: { $eq: null } } },
    },
    'a fetch of nothing': { path: '/vectors/fetch' },
    'a page of more than 100 ids': { path: '/vectors/list?limit=101' },
    'a prefix with a space': { path: '/vectors/list?prefix=a%20b' },
    'a token that is none': { path: '/vectors/list?paginationToken=nonsense' },
    'a delete of nothing': { path: '/vectors/delete', body: {} },
    'a delete by ids and by filter': { path: '/vectors/delete', body: { ids: ['a'], filter: { x: 1 } } },
    'a delete of more than 1,000 ids': { path: '/vectors/delete', body: { ids: ids(1001) } },
  };
  for (const [name, { path, body, words = /./ }] of Object.entries(refused))
    it(name, async (t) => {
      const { pinecone, ask } = await open(t);
      const answer = await ask(path, body);
      assert.equal(answer.status, 400, answer.text);
      assert.equal(answer.body['code'], 3);
      assert.match(String(answer.body['message']), words);
      assert.deepEqual(pinecone.vectors(), []);
    });

  it('a request without a key or a version, each plane in its own shape', async (t) => {
    const { ask } = await open(t);
    const data = await ask('/vectors/list', undefined, { 'api-key': 'wrong' });
    assert.equal(data.status, 401);
    assert.equal(data.text, 'Invalid API Key');
    const control = await ask('/indexes/loomvideo', undefined, { 'api-key': 'wrong' });
    assert.deepEqual(control.body, {
      error: { code: 'UNAUTHENTICATED', message: 'Invalid API key.' },
      status: 401,
    });
    assert.equal((await ask('/vectors/list', undefined, { 'x-pinecone-api-version': '' })).status, 400);
    assert.equal((await ask('/indexes/other')).status, 404);
  });

  it('a delete in a namespace that does not exist', async (t) => {
    const { ask } = await open(t);
    const answer = await ask('/vectors/delete', { ids: ['a'], namespace: 'none' });
    assert.equal(answer.status, 404);
    assert.deepEqual(answer.body, { code: 5, message: 'Namespace not found', details: [] });
  });
});

describe('The stand-in for Pinecone', () => {
  it('keeps namespaces apart, and has one name for the default one', async (t) => {
    const { ask } = await open(t);
    await ask('/vectors/upsert', { vectors: [vector()] });
    await ask('/vectors/upsert', { vectors: [vector()], namespace: 'other' });
    await ask('/vectors/delete', { ids: ['a', 'never-there'], namespace: 'other' });
    const { body } = await ask('/vectors/fetch?ids=a&namespace=__default__');
    assert.deepEqual(body['vectors'], { a: { id: 'a', values: [1, 0], metadata: {} } });
  });

  it('lists in order, page by page', async (t) => {
    const { ask } = await open(t);
    await ask('/vectors/upsert', { vectors: ['b', 'a#10', 'a#9', 'a#1'].map((id) => vector({ id })) });
    const first = await ask('/vectors/list?prefix=a%23&limit=2');
    assert.deepEqual(first.body['vectors'], [{ id: 'a#1' }, { id: 'a#10' }]);
    const { next } = first.body['pagination'] as { next: string };
    const last = await ask(`/vectors/list?prefix=a%23&limit=2&paginationToken=${encodeURIComponent(next)}`);
    assert.deepEqual(last.body['vectors'], [{ id: 'a#9' }]);
    assert.equal(last.body['pagination'], undefined);
  });

  it('shows a write after a while only, and all of them in their order', async (t) => {
    const { pinecone, ask } = await open(t);
    const shown = async (): Promise<unknown> => (await ask('/vectors/list')).body['vectors'];
    await ask('/vectors/upsert', { vectors: [vector()] });
    await shown();
    pinecone.hold();
    await ask('/vectors/upsert', { vectors: [vector({ id: 'b' })] });
    await ask('/vectors/delete', { ids: ['a'] });
    assert.deepEqual(await shown(), [{ id: 'a' }]);
    assert.deepEqual(
      pinecone.vectors().map(({ id }) => id),
      ['b'],
    );
    pinecone.settle();
    assert.deepEqual(await shown(), [{ id: 'b' }]);
  });

  it('filters by every operator it documents', async (t) => {
    const { ask } = await open(t);
    await ask('/vectors/upsert', {
      vectors: [
        vector({ id: 'one', metadata: { n: 1, s: 'x', tags: ['p', 'q'] } }),
        vector({ id: 'two', metadata: { n: 2, s: 'y' } }),
      ],
    });
    const found = async (filter: object): Promise<string[]> =>
      ((await ask('/query', { vector: [1, 0], topK: 10, filter })).body['matches'] as { id: string }[]).map(
        ({ id }) => id,
      );
    assert.deepEqual(await found({ s: 'x' }), ['one']);
    assert.deepEqual(await found({ s: { $ne: 'x' } }), ['two']);
    assert.deepEqual(await found({ n: { $gt: 1 } }), ['two']);
    assert.deepEqual(await found({ n: { $gte: 1, $lt: 2 } }), ['one']);
    assert.deepEqual(await found({ n: { $in: [2, 3] } }), ['two']);
    assert.deepEqual(await found({ n: { $nin: [2, 3] } }), ['one']);
    assert.deepEqual(await found({ tags: 'q' }), ['one']);
    assert.deepEqual(await found({ tags: { $exists: false } }), ['two']);
    assert.deepEqual(await found({ $or: [{ s: 'x' }, { n: 2 }] }), ['one', 'two']);
    assert.deepEqual(await found({ $and: [{ s: 'x' }, { n: 2 }] }), []);
  });
});
