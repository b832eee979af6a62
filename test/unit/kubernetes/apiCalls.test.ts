import assert from 'node:assert/strict';
import { after, afterEach, beforeEach, describe, it } from 'node:test';
import { systemClock } from '../../../common/clock.ts';
import {
  connect,
  type Connection,
  type ConnectionLimits,
} from '../../../controller/kubernetes/api/connect.ts';
import { ApiError } from '../../../controller/kubernetes/api/kubeApi.ts';
import { NotSent } from '../../../controller/kubernetes/api/send.ts';
import { json, startRawServer, statusAnswer, type Handler, type SeenRequest } from './rawServer.ts';

const OBJECT = { metadata: { name: 'a', resourceVersion: '7' } };
const server = await startRawServer({ otherwise: json(200, OBJECT) });
after(() => server.close());

const never = new AbortController().signal;
let tokens: string[] = [];
let api: Connection;
beforeEach(async () => (api = await connected()));
afterEach(() => api.close());

async function connected(limits: Partial<ConnectionLimits> = {}, path = ''): Promise<Connection> {
  tokens = ['first', 'second'];
  return connect({
    source: {
      namespace: 'team',
      read: async () => ({
        server: `${server.url}${path}`,
        headers: { authorization: `Bearer ${tokens.shift() ?? 'last'}` },
        tls: {},
        ...{ proxy: undefined, socks: undefined },
      }),
    },
    userAgent: 'operator/1',
    clock: systemClock,
    limits: { qps: Infinity, timeoutMs: 10_000, maxBytes: 10_000, ...limits },
  });
}

function lastRequest(): SeenRequest {
  const request = server.requests.at(-1);
  assert.ok(request);
  return request;
}

async function errorOf(call: Promise<unknown>): Promise<ApiError> {
  const error: unknown = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof ApiError, `not an ApiError: ${String(error)}`);
  return error;
}

describe('a call', () => {
  const path = '/apis/batch/v1/namespaces/team/jobs/a';
  const body = { spec: { parallelism: 1 } };
  for (const [what, call, method, query, type, sent] of [
    ['get', () => api.get(path, never), 'GET', '', undefined, undefined],
    ['create', () => api.create(path, body, never), 'POST', '', 'application/json', body],
    [
      'apply',
      () => api.apply(path, body, { fieldManager: 'us', force: true }, never),
      'PATCH',
      'fieldManager=us&force=true',
      'application/apply-patch+yaml',
      body,
    ],
    [
      'mergePatch',
      () => api.mergePatch(path, body, never),
      'PATCH',
      '',
      'application/merge-patch+json',
      body,
    ],
    ['replace', () => api.replace(path, body, never), 'PUT', '', 'application/json', body],
    [
      'delete',
      () => api.delete(path, { uid: 'u1', propagationPolicy: 'Background' }, never),
      'DELETE',
      '',
      'application/json',
      {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        propagationPolicy: 'Background',
        preconditions: { uid: 'u1' },
      },
    ],
  ] as const)
    it(`${what} is a ${method}, with what the apiserver wants to know`, async () => {
      const answer = await call();
      const request = lastRequest();
      assert.deepEqual(
        [request.method, request.path, request.query.toString(), request.headers['content-type']],
        [method, path, query, type],
      );
      assert.deepEqual(request.text === '' ? undefined : JSON.parse(request.text), sent);
      assert.equal(request.headers['user-agent'], 'operator/1');
      assert.equal(request.headers.authorization, 'Bearer first');
      assert.equal(request.headers.accept, 'application/json');
      assert.deepEqual(answer, what === 'delete' ? undefined : OBJECT);
    });

  it('list asks for what its query says', async () => {
    const list = { metadata: { resourceVersion: '9' }, items: [OBJECT] };
    server.next(json(200, list));
    assert.deepEqual(await api.list('/api/v1/pods', { labelSelector: 'a=b,c', limit: 5 }, never), list);
    assert.equal(lastRequest().query.get('labelSelector'), 'a=b,c');
  });

  it('goes below the path that the server has, as behind a proxy for many clusters', async () => {
    await api.close();
    api = await connected({}, '/k8s/clusters/c-1/');
    await api.get('/version', never);
    assert.equal(lastRequest().path, '/k8s/clusters/c-1/version');
  });

  it('get brings undefined where there is none', async () => {
    server.next(statusAnswer(404, 'NotFound'));
    assert.equal(await api.get('/x', never), undefined);
  });

  for (const [status, uid, nothing] of [
    [404, 'u1', true],
    [404, undefined, true],
    [409, 'u1', true],
    [409, undefined, false],
    [403, 'u1', false],
  ] as const)
    it(`delete ${uid ? 'of one uid' : 'of any'}, answered with ${status}, ${nothing ? 'is content' : 'throws'}`, async () => {
      server.next(statusAnswer(status, 'Reason'));
      const call = api.delete('/x', { ...(uid && { uid }), propagationPolicy: 'Foreground' }, never);
      if (nothing) await call;
      else assert.equal((await errorOf(call)).status, status);
    });

  it('uses the connections there are', async () => {
    await api.get('/x', never);
    const before = server.connections();
    for (let i = 0; i < 20; i++) await api.get('/x', never);
    // One may be made while the last answer's connection is just being given back.
    assert.ok(server.connections() - before <= 1);
  });
});

describe('a kept connection that breaks when it is used again', () => {
  const cut: Handler = (_request, response) => response.destroy();

  it('is no trouble for a call that reads', async () => {
    await api.get('/x', never);
    // Lets the connection be given back.
    await new Promise((resolve) => setTimeout(resolve, 5));
    server.next(cut);
    assert.deepEqual(await api.get('/x', never), OBJECT);
  });

  it('is an error for one that writes: it may have been heard', async () => {
    await api.get('/x', never);
    await new Promise((resolve) => setTimeout(resolve, 5));
    server.next(cut);
    assert.equal((await errorOf(api.create('/x', {}, never))).reason, 'Unreachable');
  });
});

describe('an answer that is no success', () => {
  const hang: Handler = (_request, response) => void response.writeHead(200).write('{"a":');
  for (const [what, handler, status, reason, message] of [
    [
      'a Status',
      statusAnswer(409, 'AlreadyExists', 'jobs "a" already exists'),
      409,
      'AlreadyExists',
      /^jobs "a" already exists$/,
    ],
    ['a Status of several lines', statusAnswer(422, 'Invalid', 'a\n  b'), 422, 'Invalid', /^a b$/],
    [
      'a page of a proxy',
      ((_request, response) => response.writeHead(502).end('<html>')) satisfies Handler,
      502,
      'Unknown',
      /^GET \/x: status 502$/,
    ],
    ['JSON that is no Status', json(500, { message: 'not ours' }), 500, 'Unknown', /^GET \/x: status 500$/],
    [
      'a redirect, which is not followed',
      json(302, {}, { location: 'http://127.0.0.1:1/' }),
      302,
      'Unknown',
      /status 302/,
    ],
    [
      'no JSON',
      ((_request, response) => response.end('ok')) satisfies Handler,
      0,
      'MalformedAnswer',
      /not JSON/,
    ],
    ['a list', json(200, [1]), 0, 'MalformedAnswer', /not JSON/],
    [
      'too much',
      ((_request, response) => response.end(' '.repeat(10_001))) satisfies Handler,
      0,
      'AnswerTooLarge',
      /more than 10000 bytes/,
    ],
    [
      'cut before its head',
      ((_request, response) => response.destroy()) satisfies Handler,
      0,
      'Unreachable',
      /^GET \/x: /,
    ],
    [
      'cut in its middle',
      ((_request, response) => {
        response.writeHead(200).write('{"a":');
        setTimeout(() => response.destroy(), 10);
      }) satisfies Handler,
      0,
      'Unreachable',
      /^GET \/x: /,
    ],
    ['silent', () => undefined, 0, 'Timeout', /^GET \/x: no whole answer within 0.1 s$/],
    ['silent in its middle', hang, 0, 'Timeout', /no whole answer within 0.1 s/],
  ] as const)
    it(`is an ApiError: ${what}`, async () => {
      await api.close();
      api = await connected({ timeoutMs: reason === 'Timeout' ? 100 : 10_000 });
      server.next(handler);
      const error = await errorOf(api.get('/x', never));
      assert.deepEqual([error.status, error.reason], [status, reason]);
      assert.match(error.message, message);
    });

  it('is an ApiError: nobody listens', async () => {
    const gone = await startRawServer({ otherwise: json(200, {}) });
    await gone.close();
    const there = await connect({
      source: {
        namespace: undefined,
        read: async () => ({ server: gone.url, headers: {}, tls: {}, proxy: undefined, socks: undefined }),
      },
      userAgent: 'test',
      clock: systemClock,
    });
    const error = await errorOf(there.get('/x', never));
    assert.deepEqual([error.status, error.reason], [0, 'Unreachable']);
    assert.match(error.message, /ECONNREFUSED/);
    await there.close();
  });

  it('of a caller that gave up is its own reason', async () => {
    const impatient = new AbortController();
    server.next(() => impatient.abort(new Error('enough')));
    await assert.rejects(api.get('/x', impatient.signal), /^Error: enough$/);
  });

  it('never shows the token', async () => {
    server.next((_request, response) => response.destroy());
    const error = await errorOf(api.get('/x', never));
    assert.doesNotMatch(JSON.stringify([error, error.message, error.cause]), /first/);
  });
});

describe('an apiserver that asks to try again', () => {
  const busy = (status: number, seconds = '0'): Handler =>
    statusAnswer(status, 'TooManyRequests', 'slow down', { 'retry-after': seconds });
  const get = (): Promise<unknown> => api.get('/x', never);
  const create = (): Promise<unknown> => api.create('/x', {}, never);

  for (const [what, call, answers, requests, outcome] of [
    ['is asked again', get, [busy(429), busy(503)], 3, 'success'],
    ['is asked four times in all', get, [busy(429), busy(429), busy(429), busy(429)], 4, 429],
    ['is asked again to create what it did not begin with', create, [busy(429)], 2, 'success'],
    ['is not asked again to create what it may have created', create, [busy(503)], 1, 503],
    ['in a minute is not waited for', get, [busy(429, '60')], 1, 429],
    ['at a time that makes no sense is not asked again', get, [busy(429, 'soon')], 1, 429],
    ['without a time is not asked again', get, [statusAnswer(503, 'ServiceUnavailable')], 1, 503],
  ] as const)
    it(what, async () => {
      for (const answer of answers) server.next(answer);
      const before = server.requests.length;
      if (outcome === 'success') assert.deepEqual(await call(), OBJECT);
      else assert.equal((await errorOf(call())).status, outcome);
      assert.equal(server.requests.length - before, requests);
    });

  it('tells its caller for how long', async () => {
    server.next(busy(429, '60'));
    assert.equal((await errorOf(get())).retryAfterSeconds, 60);
  });

  it('is waited for as long as it says, unless the caller gives up', async () => {
    server.next(busy(429, '9'));
    const impatient = new AbortController();
    setTimeout(() => impatient.abort(new Error('enough')), 20);
    await assert.rejects(api.get('/x', impatient.signal), /enough/);
  });
});

describe('credentials that are refused', () => {
  it('are read afresh, once', async () => {
    server.next(statusAnswer(401, 'Unauthorized'));
    assert.deepEqual(await api.get('/x', never), OBJECT);
    assert.equal(lastRequest().headers.authorization, 'Bearer second');
  });

  it('again are an error', async () => {
    server.next(statusAnswer(401, 'Unauthorized'));
    server.next(statusAnswer(401, 'Unauthorized'));
    const before = server.requests.length;
    assert.equal((await errorOf(api.get('/x', never))).status, 401);
    assert.equal(server.requests.length - before, 2);
  });

  it('in many calls at once are read once for all', async () => {
    for (let i = 0; i < 10; i++)
      server.next((request, response) => {
        const refused = request.headers.authorization === 'Bearer first';
        (refused ? statusAnswer(401, 'Unauthorized') : json(200, OBJECT))(request, response);
      });
    const before = server.requests.length;
    await Promise.all(Array.from({ length: 5 }, () => api.get('/x', never)));
    const used = server.requests.slice(before).map(({ headers }) => headers.authorization);
    assert.deepEqual(
      used.toSorted((a = '', b = '') => a.localeCompare(b)),
      [
        ...Array.from({ length: 5 }, () => 'Bearer first'),
        ...Array.from({ length: 5 }, () => 'Bearer second'),
      ],
    );
  });
});

describe('the rate limit', () => {
  it('spreads requests', async () => {
    await api.close();
    api = await connected({ qps: 100, burst: 2 });
    const before = performance.now();
    await Promise.all(Array.from({ length: 7 }, () => api.get('/x', never)));
    assert.ok(performance.now() - before >= 49, 'five waited, the last for 50 ms');
  });
});

describe('a call of one that may change nothing any more', () => {
  it('is held back at the last moment, when its turn has come', async () => {
    const slow = await connected({ qps: 20, burst: 1 });
    let may = true;
    const changing = slow.changingWhile(() => may);
    await changing.create('/apis/batch/v1/namespaces/team/jobs', {}, never);
    const before = server.requests.length;
    const waiting = [
      changing.create('/apis/batch/v1/namespaces/team/jobs', {}, never),
      changing.delete('/apis/batch/v1/namespaces/team/jobs/a', { propagationPolicy: 'Foreground' }, never),
    ];
    may = false;
    for (const call of waiting) await assert.rejects(call, NotSent);
    assert.equal(server.requests.length, before);
    assert.ok(await changing.get('/apis/batch/v1/namespaces/team/jobs/a', never), 'it may still read');
    await slow.close();
  });
});
