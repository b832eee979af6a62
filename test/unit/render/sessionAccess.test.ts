import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sessionWorld, TOKEN, VIDEOS } from './sessionWorld.ts';

const BEARER = { authorization: `Bearer ${TOKEN}` };
const OWN = { 'sec-fetch-site': 'same-origin' };
const NAVIGATION = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };

/** Paths of each kind: what a stranger is answered, and in which shape. */
const PATHS = [
  { path: '/healthz', stranger: 200, type: 'text/plain' },
  { path: '/readyz', stranger: 200, type: 'text/plain' },
  { path: '/api/session', stranger: 200, type: 'application/json' },
  { path: VIDEOS, stranger: 401, type: 'application/json' },
  { path: `${VIDEOS}?watch=true`, stranger: 401, type: 'application/json' },
  { path: '/api', stranger: 401, type: 'application/json' },
  { path: '/api/v1/namespaces', stranger: 401, type: 'application/json' },
  { path: '/apis', stranger: 401, type: 'application/json' },
  { path: '/openapi/v3', stranger: 401, type: 'application/json' },
  { path: '/version', stranger: 401, type: 'application/json' },
  { path: '/api/videos', stranger: 401, type: 'application/problem+json' },
  { path: '/api/events', stranger: 401, type: 'application/problem+json' },
  { path: '/api/manifests', stranger: 401, type: 'application/problem+json' },
  { path: '/api/nowhere', stranger: 401, type: 'application/problem+json' },
  { path: '/metrics', stranger: 401, type: 'application/problem+json' },
  { path: '/nowhere', stranger: 401, type: 'application/problem+json' },
  // Written as something open, and something else when read.
  { path: '/healthz/..%2fapis', stranger: 401, type: 'application/problem+json' },
  { path: '/page/..%2f..%2fapis', stranger: 401, type: 'application/problem+json' },
  { path: '//healthz', stranger: 401, type: 'application/problem+json' },
  { path: '/%61pis', stranger: 401, type: 'application/problem+json' },
  { path: '/HEALTHZ', stranger: 401, type: 'application/problem+json' },
] as const;

describe('with a token: who may call what', () => {
  for (const { path, stranger, type } of PATHS)
    it(`${path}: a stranger is answered ${stranger}, who has the token never 401`, async (t) => {
      const { call, signIn } = sessionWorld(t);
      const answer = await call('GET', path);
      assert.equal(answer.code, stranger, answer.text);
      assert.equal(answer.type, type);
      if (stranger === 401) {
        assert.equal(answer.headers['www-authenticate'], 'Bearer');
        const body = JSON.parse(answer.text) as Record<string, unknown>;
        if (type === 'application/problem+json')
          assert.deepEqual(body, {
            title: 'Unauthorized',
            status: 401,
            detail: 'Unauthorized',
            reason: 'Unauthorized',
          });
        else assert.deepEqual([body['kind'], body['code'], body['reason']], ['Status', 401, 'Unauthorized']);
      }
      if (path.includes('watch') || path === '/api/events') return;
      const { cookie } = await signIn(TOKEN);
      for (const headers of [BEARER, { authorization: `bearer  ${TOKEN}` }, { cookie }])
        assert.notEqual((await call('GET', path, headers)).code, 401, JSON.stringify(headers));
    });

  it('what is no token is none, and is not held against anybody', async (t) => {
    const { call } = sessionWorld(t);
    for (let n = 0; n < 20; n++)
      for (const authorization of ['', TOKEN, 'Bearer', 'Bearer ', 'Basic eDp5', `Bearer ${TOKEN} x`])
        assert.equal((await call('GET', VIDEOS, { authorization })).code, 401, authorization);
    assert.equal((await call('GET', VIDEOS, BEARER)).code, 200);
  });

  it('a wrong Authorization is refused whatever cookie comes with it', async (t) => {
    const { call, signIn } = sessionWorld(t);
    const { cookie } = await signIn(TOKEN);
    assert.equal((await call('GET', VIDEOS, { cookie, authorization: 'Bearer nonsense' })).code, 401);
  });
});

describe('with a token: what a page may ask with the cookie of a session', () => {
  const cases: [string, Record<string, string>, 'reads' | 'writes' | 'nothing'][] = [
    ['our page', OWN, 'writes'],
    ['our page, of a browser that says its origin only', { origin: 'http://127.0.0.1:10000' }, 'writes'],
    ['our page behind a proxy that speaks HTTPS', { origin: 'https://127.0.0.1:10000' }, 'writes'],
    ['nobody says who', {}, 'reads'],
    ['an address typed in', { 'sec-fetch-site': 'none', ...NAVIGATION }, 'reads'],
    ['another site', { 'sec-fetch-site': 'cross-site' }, 'reads'],
    ['another port of this machine', { 'sec-fetch-site': 'same-site' }, 'reads'],
    [
      'another site that claims our origin',
      { 'sec-fetch-site': 'cross-site', origin: 'http://127.0.0.1:10000' },
      'reads',
    ],
    ['another origin', { origin: 'https://evil.example' }, 'reads'],
    ['an origin that begins as ours', { origin: 'http://127.0.0.1:10000.evil.example' }, 'reads'],
    ['a sandboxed frame', { origin: 'null' }, 'reads'],
  ];
  for (const [name, headers, may] of cases)
    it(`${name}: ${may}`, async (t) => {
      const { call, signIn, videos } = sessionWorld(t);
      const { cookie } = await signIn(TOKEN);
      // Answers that other sites' pages cannot read, and a cookie that SameSite keeps from them besides.
      assert.equal((await call('GET', VIDEOS, { cookie, ...headers })).code, 200);
      const body = JSON.stringify({
        apiVersion: 'qudemo.dev/v1alpha1',
        kind: 'LoomVideo',
        metadata: { name: 'a' },
        spec: { url: 'https://www.loom.com/share/0123456789abcdef0123456789abcdef' },
      });
      const write = await call('POST', VIDEOS, { cookie, ...headers }, { payload: body });
      assert.equal(write.code, may === 'writes' ? 201 : 403, write.text);
      assert.equal(videos.list().items.length, may === 'writes' ? 1 : 0);
      for (const method of ['PUT', 'PATCH', 'DELETE'] as const)
        assert.equal(
          (await call(method, `${VIDEOS}/b`, { cookie, ...headers })).code === 403,
          may !== 'writes',
          method,
        );
    });

  it('nobody is signed in or out by a page of another site', async (t) => {
    const { call, signIn } = sessionWorld(t);
    for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { origin: 'https://evil.example' }]) {
      assert.equal((await signIn(TOKEN, headers)).code, 403);
      const { cookie } = await signIn(TOKEN);
      assert.equal((await call('DELETE', '/api/session', { cookie, ...headers })).code, 403);
      assert.equal((await call('GET', VIDEOS, { cookie })).code, 200);
    }
    // A form of another site can send this without asking first.
    const form = await call(
      'POST',
      '/api/session',
      { 'content-type': 'text/plain' },
      { payload: `{"token":"${TOKEN}"}` },
    );
    assert.equal(form.code, 400);
  });
});

describe('without a token, at the loopback', () => {
  const cases: [string, Record<string, string>, number][] = [
    ['a program', {}, 200],
    ['under localhost', { host: 'localhost:10000' }, 200],
    ['under IPv6', { host: '[::1]:10000' }, 200],
    ['our page', OWN, 200],
    ['an address typed in', { 'sec-fetch-site': 'none' }, 200],
    ['a link on another site', { 'sec-fetch-site': 'cross-site', ...NAVIGATION }, 200],
    ['a page of another site', { 'sec-fetch-site': 'cross-site' }, 403],
    [
      'a frame of another site',
      { 'sec-fetch-site': 'cross-site', ...NAVIGATION, 'sec-fetch-dest': 'iframe' },
      403,
    ],
    ['a page of another port', { 'sec-fetch-site': 'same-site' }, 403],
    ['another origin', { origin: 'https://evil.example' }, 403],
    ['no origin that it would tell', { origin: 'null' }, 403],
    ['a name that leads here', { host: 'evil.example' }, 403],
    ['a name that begins like ours', { host: '127.0.0.1.evil.example:10000' }, 403],
  ];
  for (const [name, headers, code] of cases)
    it(`${name}: ${code}, whatever is asked for`, async (t) => {
      const { call } = sessionWorld(t, { token: '' });
      for (const path of ['/', '/healthz', '/api/session', VIDEOS]) {
        const answer = await call('GET', path, headers);
        assert.equal(answer.code, code, `${path}: ${answer.text}`);
      }
    });

  it('a write is not let through as a link', async (t) => {
    const { call } = sessionWorld(t, { token: '' });
    const headers = { 'sec-fetch-site': 'cross-site', ...NAVIGATION };
    assert.equal((await call('POST', VIDEOS, headers)).code, 403);
  });

  it('there is no session to be had, nor is one needed', async (t) => {
    const { call, signIn } = sessionWorld(t, { token: '' });
    assert.deepEqual(JSON.parse((await call('GET', '/api/session')).text), {
      required: false,
      authenticated: true,
    });
    const answer = await signIn('anything');
    assert.equal(answer.code, 204);
    assert.equal(answer.cookie, '');
  });
});

describe('what all answers say', () => {
  it('unknown paths: a Status where Kubernetes is, a problem elsewhere', async (t) => {
    const { call } = sessionWorld(t);
    for (const path of ['/apis/x', '/api/v1/pods', '/openapi/v9', '/version/x', '/api/nowhere', '/x']) {
      const answer = await call('GET', path, BEARER);
      assert.equal(answer.code, 404, path);
      const kubernetes = ['/apis/x', '/api/v1/pods', '/openapi/v9'].includes(path);
      assert.equal(answer.type, kubernetes ? 'application/json' : 'application/problem+json', path);
      assert.equal((JSON.parse(answer.text) as Record<string, unknown>)[kubernetes ? 'code' : 'status'], 404);
    }
  });

  it('a path that is none is refused in the same shapes', async (t) => {
    const { call } = sessionWorld(t);
    for (const [path, type] of [
      ['/apis/%zz', 'application/json'],
      ['/api/videos/%zz', 'application/problem+json'],
      ['/%', 'application/problem+json'],
    ]) {
      const answer = await call('GET', path ?? '', BEARER);
      assert.ok([400, 404].includes(answer.code), `${path} ${answer.code}`);
      assert.equal(answer.type, type);
      assert.equal(answer.headers['x-content-type-options'], 'nosniff');
    }
  });

  it('no sniffing, no keeping, no running, no framing', async (t) => {
    const { call } = sessionWorld(t);
    for (const path of ['/healthz', VIDEOS, '/nowhere', '/api/session', '/api/%zz']) {
      const { headers } = await call('GET', path, BEARER);
      assert.equal(headers['x-content-type-options'], 'nosniff', path);
      assert.equal(headers['referrer-policy'], 'no-referrer', path);
      assert.equal(headers['cross-origin-resource-policy'], 'same-origin', path);
      assert.equal(headers['content-security-policy'], "default-src 'none'; frame-ancestors 'none'", path);
      assert.match(String(headers['cache-control']), /no-store|no-cache, private/, path);
      assert.equal(headers['access-control-allow-origin'], undefined, path);
    }
    const page = await call('GET', '/');
    assert.match(String(page.headers['content-security-policy']), /script-src 'self'/);
  });

  it('the token is in no line of the log and in no answer', async (t) => {
    const { call, signIn, lines } = sessionWorld(t);
    const { cookie } = await signIn(TOKEN);
    for (let n = 0; n < 15; n++) await signIn(`${TOKEN}x`);
    const answers = [
      await call('GET', VIDEOS, { authorization: `Bearer ${TOKEN}x` }),
      await call('GET', `/api/nowhere?token=${TOKEN}`, { cookie }),
      await call(
        'POST',
        '/api/session',
        { 'content-type': 'application/json' },
        { payload: `{"token":"${TOKEN}` },
      ),
    ];
    assert.ok(lines.length > 0);
    for (const text of [...lines, ...answers.map(({ text: body }) => body)]) {
      assert.ok(!text.includes(TOKEN), text);
      assert.ok(!text.includes(cookie.split('=')[1] ?? '?'), text);
    }
  });
});
