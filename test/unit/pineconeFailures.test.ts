import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { StageError } from '../../jobrunner/contract/stageError.ts';
import type { VectorStore } from '../../jobrunner/ports.ts';
import { FAULTS } from '../support/services/pinecone/faults.ts';
import { MODEL, openPinecone, recordAt, type PineconeWorld } from '../support/services/pinecone/openStore.ts';
import type { Fault } from '../support/services/standIn.ts';

const never = new AbortController().signal;
const owner = { key: 'cluster.default.video', uid: 'uid-1' };
const KEY = 'pcsk_a-very-secret-key';

/** Each operation of Pinecone, and the call of ours that comes to it. */
const OPERATIONS = {
  describeIndex: (store, signal) => store.prepare(MODEL, 8, { signal }),
  stats: (store, signal) => store.prepare(MODEL, 8, { signal }),
  upsert: (store, signal) => store.upsert(owner, MODEL, [recordAt(1)], { signal }),
  query: (store, signal) => store.query({ model: MODEL, values: recordAt(0).values, limit: 1 }, { signal }),
  list: (store, signal) => store.purge(owner, { signal }),
  fetch: (store, signal) => store.purge(owner, { signal }),
  delete: (store, signal) => store.deleteTail(owner, 0, { signal }),
} as const satisfies Record<string, (store: VectorStore, signal: AbortSignal) => Promise<unknown>>;
const NAMES = Object.keys(OPERATIONS) as (keyof typeof OPERATIONS)[];

/** A world with one vector in it, whose next call of the operation fails. */
async function failing(
  t: TestContext,
  operation: string,
  fault: Fault,
  timeoutMs = 5000,
): Promise<PineconeWorld> {
  const world = await openPinecone(t, {
    by: operation === 'describeIndex' ? 'name' : 'host',
    standIn: { apiKey: KEY },
    store: { timeoutMs },
  });
  await world.store.upsert(owner, MODEL, [recordAt(0)], { signal: never });
  world.pinecone.fault(operation, fault);
  return world;
}

async function errorOf(work: Promise<unknown>): Promise<StageError> {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof Error && error.name === 'StageError', String(error));
    return error as StageError;
  }
  throw new assert.AssertionError({ message: 'it did not fail' });
}

const ECHO = `You sent ${KEY}`;
const CASES: Record<string, { fault: Fault; reason: string; message?: RegExp; retryAfterSeconds?: number }> =
  {
    'a key that is rejected': {
      fault: FAULTS.unauthorized(ECHO),
      reason: 'CredentialsRejected',
      message: /PINECONE_API_KEY/,
    },
    'a key of another project': {
      fault: FAULTS.forbidden(ECHO),
      reason: 'CredentialsRejected',
      message: /PINECONE_API_KEY.*project/,
    },
    'a full plan': {
      fault: FAULTS.storageFull(),
      reason: 'StoreMisconfigured',
      message: /max storage allowed/,
    },
    'units of a month that are used up': {
      fault: FAULTS.monthlyLimit(),
      reason: 'StoreMisconfigured',
      message: /this month/,
    },
    'an unpaid account': {
      fault: FAULTS.paymentRequired(),
      reason: 'StoreMisconfigured',
      message: /payment/,
    },
    'a rate limit': { fault: FAULTS.rateLimited(), reason: 'StoreUnavailable', message: /100 QPS/ },
    'a rate limit that says how long': {
      fault: FAULTS.rateLimited(7),
      reason: 'StoreUnavailable',
      retryAfterSeconds: 7,
    },
    'an index that is gone': {
      fault: FAULTS.indexGone(),
      reason: 'StoreMisconfigured',
      message: /PINECONE_(?:HOST|INDEX)/,
    },
    'a request that is refused': {
      fault: FAULTS.invalid(`no ${ECHO}`),
      reason: 'InternalError',
      message: /\[redacted\]/,
    },
    'a dimension that does not match': {
      fault: FAULTS.invalid('Vector dimension 8 does not match the dimension of the index 1536'),
      reason: 'StoreMisconfigured',
      message: /1536 numbers.* gives 8/,
    },
    'what the index cannot do': {
      fault: FAULTS.unavailable(501),
      reason: 'StoreMisconfigured',
      message: /pod-based/,
    },
    'status 500': { fault: FAULTS.unavailable(500), reason: 'StoreUnavailable' },
    'status 502 from a proxy': { fault: FAULTS.page(502), reason: 'StoreUnavailable' },
    'status 503': { fault: FAULTS.unavailable(503), reason: 'StoreUnavailable' },
    'status 504': { fault: FAULTS.unavailable(504), reason: 'StoreUnavailable' },
    'status 408': { fault: FAULTS.unavailable(408), reason: 'StoreUnavailable' },
    'status 422': { fault: FAULTS.unavailable(422), reason: 'InternalError' },
    'a redirect': { fault: FAULTS.redirected(), reason: 'StoreMisconfigured', message: /redirected/ },
    'a page instead of JSON': { fault: FAULTS.page(), reason: 'StoreUnavailable' },
    'half an answer': { fault: { rawBody: '{"vectors": [' }, reason: 'StoreUnavailable' },
    'no answer but a 200': { fault: { rawBody: '' }, reason: 'StoreUnavailable' },
    'JSON that is no object': { fault: { rawBody: 'null' }, reason: 'StoreUnavailable' },
    'a cut connection': { fault: { cutAfter: 0 }, reason: 'StoreUnavailable' },
    'a connection cut within the answer': { fault: { cutAfter: 1 }, reason: 'StoreUnavailable' },
  };

describe('Pinecone: failures of every operation', () => {
  for (const [name, { fault, reason, message = /./, retryAfterSeconds }] of Object.entries(CASES))
    it(`${name}: ${reason}, after one request, without the key`, async (t) => {
      for (const operation of NAMES) {
        const { pinecone, store } = await failing(t, operation, fault);
        const before = pinecone.count(operation);
        const error = await errorOf(OPERATIONS[operation](store, never));
        assert.equal(error.reason, reason, `${operation}: ${error.message}`);
        assert.match(error.message, message, operation);
        assert.equal(error.retryAfterSeconds, retryAfterSeconds, operation);
        assert.equal(pinecone.count(operation) - before, 1, operation);
        assert.ok(!error.message.includes(KEY), error.message);
        assert.equal(error.cause, undefined);
        await OPERATIONS[operation](store, never);
      }
    });

  it('names the address that may be wrong where nobody answers', async (t) => {
    const { pinecone, store } = await openPinecone(t);
    await pinecone.close();
    const error = await errorOf(OPERATIONS.query(store, never));
    assert.equal(error.reason, 'StoreUnavailable');
    assert.match(error.message, /ECONNREFUSED.*PINECONE_HOST/);
  });

  it('never repeats what was said of a rejected key', async (t) => {
    const { store } = await failing(t, 'query', FAULTS.unauthorized('something about pcsk_****1234'));
    const error = await errorOf(OPERATIONS.query(store, never));
    assert.doesNotMatch(error.message, /1234/);
  });

  it('gives up on a service that does not answer, or too slowly', async (t) => {
    for (const operation of NAMES)
      for (const fault of [{ hang: true }, { delayMs: 3000 }]) {
        const { store } = await failing(t, operation, fault, 200);
        const started = performance.now();
        const error = await errorOf(OPERATIONS[operation](store, never));
        assert.equal(error.reason, 'StoreUnavailable');
        assert.match(error.message, /no answer within 0\.2 s/);
        assert.ok(performance.now() - started < 1500);
      }
  });

  it('is aborted at any moment', async (t) => {
    for (const operation of NAMES) {
      const { store } = await failing(t, operation, { hang: true });
      const abort = new AbortController();
      setTimeout(() => abort.abort(), 50);
      const started = performance.now();
      assert.equal((await errorOf(OPERATIONS[operation](store, abort.signal))).reason, 'Interrupted');
      assert.ok(performance.now() - started < 1500);
    }
  });

  const STRANGE: Record<(typeof NAMES)[number], readonly unknown[]> = {
    describeIndex: [{}, { host: 'x' }, { host: 'x', status: {} }, { host: 'x', status: {}, schema: [] }],
    stats: [{}, { dimension: 'x' }],
    upsert: [{ upsertedCount: 2 }],
    query: [{ matches: {} }],
    list: [{ vectors: 'x' }],
    fetch: [{ vectors: [] }],
    delete: [],
  };
  for (const operation of NAMES)
    for (const body of STRANGE[operation])
      it(`does not believe ${JSON.stringify(body)} of ${operation}`, async (t) => {
        const { store } = await failing(t, operation, { change: () => ({ status: 200, body }) });
        assert.equal((await errorOf(OPERATIONS[operation](store, never))).reason, 'StoreUnavailable');
      });

  it('skips the strange items of an answer', async (t) => {
    const { pinecone, store } = await failing(t, 'query', {
      change: () => ({ status: 200, body: { matches: [null, 1, {}, { id: 1 }, { id: 'x#1', score: 'y' }] } }),
    });
    assert.deepEqual(await OPERATIONS.query(store, never), []);
    pinecone.fault('list', {
      times: 2,
      change: () => ({ status: 200, body: { vectors: [null, 1, {}, { id: 1 }] } }),
    });
    assert.equal(await OPERATIONS.list(store, never), 0);
  });
});
