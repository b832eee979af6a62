import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  IDLE_MS,
  LIFETIME_MS,
  MAX_SESSIONS,
  SessionStore,
} from '../../../controller/render/session/sessionStore.ts';
import { MAX_WRONG, MAX_WRONG_OF_ALL } from '../../../controller/render/session/tokenGate.ts';
import { isRenderProxy } from '../../../controller/render/session/trustedProxy.ts';
import { SetClock } from './resourceWorld.ts';
import { sessionWorld, TOKEN, VIDEOS, type SessionWorld } from './sessionWorld.ts';

const BEARER = { authorization: `Bearer ${TOKEN}` };
const WRONG = { authorization: 'Bearer a-token-of-other-letters' };

describe('a session', () => {
  it('is a cookie that scripts, other sites and plain HTTP do not get', async (t) => {
    const { signIn } = sessionWorld(t);
    const plain = await signIn(TOKEN);
    assert.equal(plain.code, 204);
    assert.match(
      String(plain.headers['set-cookie']),
      /^loomvideo=[\w-]{43}; Max-Age=604800; Path=\/; HttpOnly; SameSite=Strict$/,
    );
    const secure = await signIn(TOKEN, { 'x-forwarded-proto': 'https' });
    assert.match(
      String(secure.headers['set-cookie']),
      /^__Host-loomvideo=[\w-]{43}; Max-Age=604800; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    );
  });

  it('tells whether one is signed in', async (t) => {
    const { call, signIn } = sessionWorld(t);
    const told = async (headers?: Record<string, string>): Promise<unknown> =>
      JSON.parse((await call('GET', '/api/session', headers)).text);
    const { cookie } = await signIn(TOKEN);
    assert.deepEqual(await told(), { required: true, authenticated: false });
    assert.deepEqual(await told({ cookie }), { required: true, authenticated: true });
    assert.deepEqual(await told(BEARER), { required: true, authenticated: true });
    assert.deepEqual(await told(WRONG), { required: true, authenticated: false });
    assert.deepEqual(await told({ cookie: `${cookie}x` }), { required: true, authenticated: false });
  });

  it('is over on the server when it is ended, whoever kept the cookie', async (t) => {
    const { call, signIn } = sessionWorld(t);
    const { cookie } = await signIn(TOKEN);
    const other = await signIn(TOKEN);
    const ended = await call('DELETE', '/api/session', { cookie });
    assert.equal(ended.code, 204);
    assert.match(String(ended.headers['set-cookie']), /^loomvideo=; Max-Age=0; Path=\//);
    assert.equal((await call('GET', VIDEOS, { cookie })).code, 401);
    assert.equal((await call('GET', VIDEOS, { cookie: other.cookie })).code, 200);
    assert.equal((await call('DELETE', '/api/session')).code, 204);
  });

  it('takes the place of the one that the browser had', async (t) => {
    const { call, signIn } = sessionWorld(t);
    const first = await signIn(TOKEN);
    const second = await signIn(TOKEN, { cookie: first.cookie });
    assert.notEqual(first.cookie, second.cookie);
    assert.equal((await call('GET', VIDEOS, { cookie: first.cookie })).code, 401);
    assert.equal((await call('GET', VIDEOS, { cookie: second.cookie })).code, 200);
  });

  it('over HTTPS is not taken from a cookie that plain HTTP could have set', async (t) => {
    const { call, signIn } = sessionWorld(t);
    const { cookie } = await signIn(TOKEN);
    const over = { 'x-forwarded-proto': 'https' };
    assert.equal((await call('GET', VIDEOS, { ...over, cookie })).code, 401);
    const secure = await signIn(TOKEN, over);
    assert.equal((await call('GET', VIDEOS, { ...over, cookie: secure.cookie })).code, 200);
  });

  it('ends when it is not used for a day, and after a week however much it is used', async (t) => {
    const { call, signIn, clock } = sessionWorld(t);
    const { cookie } = await signIn(TOKEN);
    const idle = await signIn(TOKEN);
    for (let passed = 0; passed + IDLE_MS <= LIFETIME_MS; passed += IDLE_MS) {
      clock.pass(IDLE_MS);
      assert.equal((await call('GET', VIDEOS, { cookie })).code, 200, `${passed}`);
    }
    assert.equal((await call('GET', VIDEOS, { cookie: idle.cookie })).code, 401);
    clock.pass(1);
    assert.equal((await call('GET', VIDEOS, { cookie })).code, 401);
  });

  it('there are so many at most: the one not used for longest goes', () => {
    const store = new SessionStore(new SetClock());
    const ids = Array.from({ length: MAX_SESSIONS }, () => store.create());
    assert.equal(new Set(ids).size, MAX_SESSIONS);
    assert.ok(store.use(ids[0] ?? ''));
    store.create();
    assert.ok(store.use(ids[0] ?? ''));
    assert.ok(!store.use(ids[1] ?? ''));
    assert.ok(store.use(ids[2] ?? ''));
  });

  it('is never written down as what the cookie says', () => {
    const store = new SessionStore(new SetClock());
    const id = store.create();
    assert.equal(Buffer.from(id, 'base64url').length, 32);
    assert.ok(!JSON.stringify(Object.entries(store)).includes(id));
  });

  for (const payload of ['', '{', '[]', '{}', '{"token":1}', '{"token":null}', '"x"'])
    it(`is not begun by ${payload || 'nothing'}`, async (t) => {
      const { call } = sessionWorld(t);
      const answer = await call('POST', '/api/session', { 'content-type': 'application/json' }, { payload });
      assert.equal(answer.code, 400, answer.text);
      assert.equal(answer.type, 'application/problem+json');
    });

  it('is not begun by a body of any size', async (t) => {
    const { signIn } = sessionWorld(t);
    assert.equal((await signIn('x'.repeat(5000))).code, 413);
  });
});

describe('wrong tokens', () => {
  /** Sent in turn as a sign-in and as a bearer: both are counted together. */
  async function guess(
    world: SessionWorld,
    times: number,
    address: (n: number) => string,
  ): Promise<number[]> {
    const codes: number[] = [];
    for (let n = 0; n < times; n++) {
      const remoteAddress = address(n);
      const answer =
        n % 2 === 0
          ? await world.signIn('a-token-of-other-letters', {}, remoteAddress)
          : await world.call('GET', VIDEOS, WRONG, { remoteAddress });
      codes.push(answer.code);
    }
    return codes;
  }

  it('from one address: after ten a minute nothing from there is looked at, right or wrong', async (t) => {
    t.mock.timers.enable({ apis: ['Date'] });
    const world = sessionWorld(t);
    const { call, signIn, lines } = world;
    const { cookie } = await signIn(TOKEN);
    const codes = await guess(world, MAX_WRONG + 5, () => '127.0.0.1');
    assert.deepEqual(codes, [...Array<number>(MAX_WRONG).fill(401), ...Array<number>(5).fill(429)]);
    for (const answer of [await call('GET', VIDEOS, BEARER), await signIn(TOKEN)]) {
      assert.equal(answer.code, 429);
      assert.equal(answer.headers['retry-after'], '60');
    }
    const kubernetes = JSON.parse((await call('GET', VIDEOS, BEARER)).text) as Record<string, unknown>;
    assert.deepEqual(
      [kubernetes['kind'], kubernetes['reason'], kubernetes['details']],
      ['Status', 'TooManyRequests', { retryAfterSeconds: 60 }],
    );
    // Who is signed in, and who comes from elsewhere, does not wait.
    assert.equal((await call('GET', VIDEOS, { cookie })).code, 200);
    assert.equal((await call('GET', VIDEOS, BEARER, { remoteAddress: '10.0.0.9' })).code, 200);
    assert.equal(lines.filter((line) => line.includes('Too many wrong tokens from one address')).length, 1);
    t.mock.timers.tick(60_000);
    assert.equal((await call('GET', VIDEOS, BEARER)).code, 200);
  });

  it('the right token is never counted', async (t) => {
    const { call, signIn } = sessionWorld(t);
    for (let n = 0; n < 50; n++) {
      assert.equal((await call('GET', VIDEOS, BEARER)).code, 200);
      assert.equal((await signIn(TOKEN)).code, 204);
    }
  });

  it('sent all at once are counted all the same', async (t) => {
    const { call } = sessionWorld(t);
    const answers = await Promise.all(Array.from({ length: 60 }, () => call('GET', VIDEOS, WRONG)));
    const told = answers.filter(({ code }) => code === 401).length;
    assert.ok(told <= MAX_WRONG, `${told}`);
    assert.equal(answers.filter(({ code }) => code === 429).length, 60 - told);
  });

  it('from many addresses: new ones wait, those that had the right token go on', async (t) => {
    t.mock.timers.enable({ apis: ['Date'] });
    const world = sessionWorld(t);
    const { call, lines } = world;
    const user = { remoteAddress: '192.0.2.7' };
    assert.equal((await call('GET', VIDEOS, BEARER, user)).code, 200);
    const codes = await guess(world, MAX_WRONG_OF_ALL + 20, (n) => `10.0.${n >> 8}.${n & 255}`);
    assert.equal(codes.filter((code) => code === 401).length, MAX_WRONG_OF_ALL);
    assert.equal((await call('GET', VIDEOS, BEARER, { remoteAddress: '192.0.2.8' })).code, 429);
    assert.equal((await call('GET', VIDEOS, BEARER, user)).code, 200);
    // Its own wrong ones count for it as for any.
    for (let n = 0; n < MAX_WRONG; n++) await call('GET', VIDEOS, WRONG, user);
    assert.equal((await call('GET', VIDEOS, BEARER, user)).code, 429);
    assert.equal(lines.filter((line) => line.includes('from everywhere')).length, 1);
  });

  it('of one IPv6 network count together', async (t) => {
    const world = sessionWorld(t);
    const codes = await guess(world, MAX_WRONG + 1, (n) => `2001:db8::${n.toString(16)}`);
    assert.equal(codes.at(-1), 429);
    assert.equal((await world.call('GET', VIDEOS, BEARER, { remoteAddress: '2001:db8:0:1::1' })).code, 200);
  });
});

describe('addresses behind proxies', () => {
  it('elsewhere than on Render nobody is believed who says that he stands for another', async (t) => {
    const { call } = sessionWorld(t);
    const codes: number[] = [];
    for (let n = 0; n <= MAX_WRONG; n++)
      codes.push((await call('GET', VIDEOS, { ...WRONG, 'x-forwarded-for': `192.0.2.${n}` })).code);
    assert.equal(codes.at(-1), 429);
  });

  it('on Render it is the one before Cloudflare: what the client itself wrote changes nothing', async (t) => {
    const { call } = sessionWorld(t, { onRender: true, host: '0.0.0.0' });
    const from = (forwarded: string, headers: Record<string, string>): ReturnType<typeof call> =>
      call(
        'GET',
        VIDEOS,
        { host: 'my.onrender.com', 'x-forwarded-for': forwarded, ...headers },
        { remoteAddress: '10.21.157.68' },
      );
    const codes: number[] = [];
    for (let n = 0; n <= MAX_WRONG; n++)
      codes.push((await from(`198.51.100.${n}, 192.0.2.1, 104.22.17.${n}`, WRONG)).code);
    assert.equal(codes.at(-1), 429);
    assert.equal((await from('192.0.2.2, 104.22.17.1', BEARER)).code, 200);
    assert.equal((await from('192.0.2.1, 104.22.17.1', BEARER)).code, 429);
  });

  for (const [address, trusted] of [
    ['10.21.157.68', true],
    ['::ffff:10.21.157.68', true],
    ['127.0.0.1', true],
    ['::1', true],
    ['fd00::1', true],
    ['104.22.17.40', false],
    ['2606:4700::1', false],
    [undefined, false],
  ] as const)
    it(`${address} is ${trusted ? '' : 'not '}where Render's proxy may be`, () => {
      assert.equal(isRenderProxy(address, 0), trusted);
      assert.ok(isRenderProxy('104.22.17.40', 1));
      assert.ok(!isRenderProxy('10.0.0.1', 2));
    });
});
