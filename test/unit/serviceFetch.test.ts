import assert from 'node:assert/strict';
import { after, afterEach, beforeEach, describe, it } from 'node:test';
import { HttpFailure } from '../../jobrunner/adapters/service/httpFailure.ts';
import { serviceFetch, type ServiceFetchOptions } from '../../jobrunner/adapters/service/serviceFetch.ts';
import { startStandIn, type Fault } from '../support/services/standIn.ts';

const now = new Date('2026-03-01T12:00:00Z');
const nothing = {
  notFound: () => ({ status: 404, body: { message: 'no such path' } }),
  maxBytes: 1000,
  tooLarge: () => ({ status: 413 }),
};
const server = await startStandIn({
  ...nothing,
  routes: [
    {
      operation: 'ask',
      method: 'POST',
      path: /^\/ask$/,
      handle: ({ body }) => ({ status: 200, body: { echo: body } }),
    },
    { operation: 'gone', method: 'DELETE', path: /^\/ask$/, handle: () => ({ status: 204 }) },
  ],
});
after(() => server.close());

let seen: HttpFailure[] = [];
beforeEach(() => (seen = []));
afterEach(() => server.clearFaults());

function fetcher(options: Partial<ServiceFetchOptions> = {}): typeof globalThis.fetch {
  return serviceFetch({
    timeoutMs: 5000,
    maxBytes: 10_000,
    signal: new AbortController().signal,
    clock: { now: () => now },
    redact: (text) => text.replaceAll('hunter2', '[redacted]'),
    onFailure: (failure) => seen.push(failure),
    ...options,
  });
}

const ask = (options: Partial<ServiceFetchOptions> = {}, init: RequestInit = {}): Promise<Response> =>
  fetcher(options)(`${server.url}/ask`, { method: 'POST', body: '{"a":1}', ...init });

/** The failure that a fault leads to; it was told to onFailure too. */
async function failureOf(fault: Fault, options: Partial<ServiceFetchOptions> = {}): Promise<HttpFailure> {
  server.fault('ask', fault);
  const before = server.count('ask');
  const error: unknown = await ask(options).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof HttpFailure, `not an HttpFailure: ${String(error)}`);
  assert.deepEqual(seen, [error]);
  assert.equal(server.count('ask') - before, 1, 'never repeated');
  return error;
}

describe('serviceFetch', () => {
  it('passes on the whole answer, its status and its headers', async () => {
    const response = await ask();
    assert.equal(response.status, 200);
    assert.match(response.headers.get('content-type') ?? '', /json/);
    assert.deepEqual(await response.json(), { echo: { a: 1 } });
    assert.deepEqual(seen, []);
  });

  it('passes on an answer without a body', async () => {
    const response = await fetcher()(`${server.url}/ask`, { method: 'DELETE' });
    assert.equal(response.status, 204);
    assert.equal(await response.text(), '');
  });

  it('passes on an empty 200', async () => {
    server.fault('ask', { rawBody: '' });
    assert.equal(await (await ask()).text(), '');
  });

  it('takes an answer as long as may be, and no byte more', async () => {
    const fits = JSON.stringify('x'.repeat(98));
    server.fault('ask', { rawBody: fits });
    assert.equal(await (await ask({ maxBytes: 100 })).text(), fits);
    const failure = await failureOf({ rawBody: JSON.stringify('x'.repeat(99)) }, { maxBytes: 100 });
    assert.equal(failure.kind, 'too-large');
    assert.equal(failure.detail, 'an answer of more than 100 bytes');
  });

  it('bounds an error too', async () => {
    assert.equal((await failureOf({ status: 500, rawBody: 'x'.repeat(200_000) })).kind, 'too-large');
  });

  for (const [name, fault, kind, detail] of [
    ['a page', { rawBody: '<html>' }, 'malformed', /not JSON/],
    ['half of the JSON', { rawBody: '{"a":' }, 'malformed', /not JSON/],
    ['no answer', { hang: true }, 'timeout', /no answer within 0\.2 s/],
    ['a late answer', { delayMs: 800 }, 'timeout', /no answer within 0\.2 s/],
    ['a connection cut before the head', { cutAfter: 0 }, 'network', /./],
    ['a connection cut in the body', { cutAfter: 5 }, 'network', /./],
  ] as const)
    it(`takes ${name} for: ${kind}`, async () => {
      const failure = await failureOf(fault, kind === 'timeout' ? { timeoutMs: 200 } : {});
      assert.equal(failure.kind, kind);
      assert.equal(failure.status, 0);
      assert.match(failure.detail, detail);
    });

  it('takes a refused connection for: network, and names it', async () => {
    const gone = await startStandIn({ ...nothing, routes: [] });
    await gone.close();
    const error: unknown = await fetcher()(gone.url).catch((thrown: unknown) => thrown);
    assert.ok(error instanceof HttpFailure);
    assert.equal(error.kind, 'network');
    assert.match(error.detail, /ECONNREFUSED/);
  });

  for (const [name, body, detail] of [
    ['an error object', { error: { message: 'words' } }, 'status 418: words'],
    ['a message', { message: 'words' }, 'status 418: words'],
    ['an error that is a text', { error: 'words' }, 'status 418: words'],
    ['lines', { message: 'two\nlines\u202E' }, 'status 418: two lines'],
    ['our secret', { message: 'the password hunter2' }, 'status 418: the password [redacted]'],
    ['too much', { message: 'x'.repeat(400) }, `status 418: ${'x'.repeat(299)}…`],
    ['nothing', undefined, 'status 418'],
    ['a list', ['words'], 'status 418'],
  ] as const)
    it(`tells what went wrong, where the service says it with ${name}`, async () => {
      const failure = await failureOf({ status: 418, ...(body !== undefined && { body }) });
      assert.equal(failure.detail, detail);
      assert.equal(failure.status, 418);
      assert.deepEqual(failure.body, Array.isArray(body) ? undefined : body);
    });

  for (const [type, detail] of [
    ['text/plain', 'status 418: two words'],
    ['text/html', 'status 418'],
  ] as const)
    it(`tells what is said in ${type}: ${detail}`, async () => {
      const failure = await failureOf({
        status: 418,
        rawBody: 'two\nwords',
        headers: { 'content-type': type },
      });
      assert.equal(failure.detail, detail);
    });

  it('reads when to come back, by its clock', async () => {
    const headers = { 'retry-after': 'Sun, 01 Mar 2026 12:00:30 GMT' };
    assert.equal((await failureOf({ status: 429, headers })).retryAfterSeconds, 30);
  });

  for (const status of [301, 302, 303, 307, 308])
    it(`does not follow a redirect: ${status}`, async () => {
      const failure = await failureOf({ status, headers: { location: '/elsewhere' } });
      assert.equal(failure.status, status);
      assert.equal(server.count('unknown'), 0);
    });

  it('follows none either when it is told to', async () => {
    server.fault('ask', { status: 302, headers: { location: '/elsewhere' } });
    await assert.rejects(ask({}, { redirect: 'follow' }), { status: 302 });
    assert.equal(server.count('unknown'), 0);
  });

  it('stops with its own signal, which is no failure of the service', async () => {
    server.fault('ask', { hang: true });
    const abort = new AbortController();
    const answer = ask({ signal: abort.signal });
    setTimeout(() => abort.abort(new Error('enough')), 20);
    await assert.rejects(answer, { message: 'enough' });
    assert.deepEqual(seen, []);
  });

  it('stops with the signal of the one request', async () => {
    server.fault('ask', { hang: true });
    const abort = new AbortController();
    const answer = ask({}, { signal: abort.signal });
    setTimeout(() => abort.abort(), 20);
    await assert.rejects(answer, HttpFailure);
  });

  it('gives each request a time of its own', async () => {
    const fetch = fetcher({ timeoutMs: 300 });
    for (let turn = 0; turn < 3; turn++) {
      server.fault('ask', { delayMs: 150 });
      assert.equal((await fetch(`${server.url}/ask`, { method: 'POST', body: '{}' })).status, 200);
    }
  });
});
