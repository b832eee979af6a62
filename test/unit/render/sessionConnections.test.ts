import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { MAX_WATCHES } from '../../../controller/render/api/videos.ts';
import { CONNECTION_LIMITS, type ConnectionLimits } from '../../../controller/render/runtime/connections.ts';
import { rawConnection, sessionWorld, TOKEN, VIDEOS } from './sessionWorld.ts';

/** As they are, in a hundredth of the time. */
const QUICK: ConnectionLimits = {
  headersMs: 150,
  requestMs: 300,
  silenceMs: 600,
  idleMs: 400,
  lookMs: 30,
  connections: 20,
};
const AUTH = `host: 127.0.0.1\r\nauthorization: Bearer ${TOKEN}\r\n`;

function statusLines(text: string): string[] {
  return text.match(/HTTP\/1\.1 \d{3}/g) ?? [];
}

describe('connections that never come to a request', () => {
  for (const [name, write, within, answer] of [
    ['without a byte', [], 150, 'HTTP/1.1 408'],
    [
      'headers a byte at a time',
      Array.from('GET /healthz HTTP/1.1\r\nx-a: aaaaaaaaaaaaaaaaaaaaaaaa'),
      150,
      'HTTP/1.1 408',
    ],
    [
      'a body a byte at a time',
      [
        `POST /api/session HTTP/1.1\r\n${AUTH}content-type: application/json\r\ncontent-length: 50\r\n\r\n`,
        ...Array.from('{"token":"                                '),
      ],
      300,
      'HTTP/1.1 408',
    ],
  ] as const)
    it(`${name}: cut`, async (t) => {
      const port = await sessionWorld(t, { limits: QUICK }).port();
      const { socket, ended } = rawConnection(t, port);
      const began = performance.now();
      const drip = (async () => {
        for (const part of write) {
          if (socket.destroyed) return;
          socket.write(part);
          await delay(20);
        }
      })();
      assert.ok((await ended).startsWith(answer));
      const took = performance.now() - began;
      assert.ok(took >= within - 20 && took < within + 1500, `${took} ms`);
      await drip;
    });

  it('a client that asks and reads nothing more does not stay', async (t) => {
    const port = await sessionWorld(t, { limits: QUICK }).port();
    const { socket, ended, received } = rawConnection(t, port);
    socket.write(`GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n`);
    await ended;
    assert.match(received(), /^HTTP\/1\.1 200/);
  });

  it('a watch may be silent for longer', async (t) => {
    const { port, videos } = sessionWorld(t, { limits: QUICK });
    const { socket, received } = rawConnection(t, await port());
    socket.write(`GET ${VIDEOS}?watch=true HTTP/1.1\r\n${AUTH}\r\n`);
    await delay(2 * QUICK.silenceMs);
    assert.ok(!socket.destroyed);
    assert.match(received(), /x-content-type-options: nosniff/i);
    videos.create('default', {
      apiVersion: 'qudemo.dev/v1alpha1',
      kind: 'LoomVideo',
      metadata: { name: 'late' },
      spec: { url: 'https://www.loom.com/share/0123456789abcdef0123456789abcdef' },
    });
    await once(socket, 'data');
    assert.match(received(), /"late"/);
  });

  it('a stream ends with the session in which it was asked for, and no other does', async (t) => {
    const { port, signIn, call } = sessionWorld(t);
    const at = await port();
    const [ended, other] = [await signIn(TOKEN), await signIn(TOKEN)];
    const streams = [ended, other].map(({ cookie }) => {
      const stream = rawConnection(t, at);
      stream.socket.write(`GET ${VIDEOS}?watch=true HTTP/1.1\r\nhost: x\r\ncookie: ${cookie}\r\n\r\n`);
      return stream;
    });
    for (const { socket } of streams) await once(socket, 'data');
    await call('DELETE', '/api/session', { cookie: ended.cookie });
    assert.match((await streams[0]?.ended) ?? '', /^HTTP\/1\.1 200/);
    assert.equal(streams[1]?.socket.destroyed, false);
  });

  it('more connections than there may be are not taken', async (t) => {
    const port = await sessionWorld(t, { limits: { ...CONNECTION_LIMITS, connections: 3 } }).port();
    const held = Array.from({ length: 3 }, () => rawConnection(t, port));
    for (const { socket } of held) {
      socket.write('GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n');
      await once(socket, 'data');
    }
    assert.equal(await rawConnection(t, port).ended, '');
    held[0]?.socket.destroy();
    await delay(50);
    const next = rawConnection(t, port);
    next.socket.write('GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n');
    await once(next.socket, 'data');
    assert.match(next.received(), /^HTTP\/1\.1 200/);
  });
});

describe('requests that are none', () => {
  for (const [name, text, codes] of [
    ['garbage', '\x16\x03\x01\x02\x00\x01\x00\r\n\r\n', ['400']],
    ['garbage behind a request', `GET /healthz HTTP/1.1\r\nhost: x\r\n\r\nnonsense\r\n\r\n`, ['400']],
    ['headers of 20 kB', `GET /healthz HTTP/1.1\r\nhost: x\r\nx-a: ${'a'.repeat(20_000)}\r\n\r\n`, ['431']],
    ['no host', `GET /healthz HTTP/1.1\r\n\r\n`, ['400']],
    [
      'two lengths',
      `POST /api/session HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n12345`,
      ['400'],
    ],
    [
      'a length and chunks',
      `POST /api/session HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
      ['400'],
    ],
    [
      'a path that leaves the page',
      `GET /page/../apis HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`,
      ['401'],
    ],
    ['HTTP/1.0', `GET /healthz HTTP/1.0\r\n\r\n`, ['200']],
    ['HTTP/1.0 without the token', `GET ${VIDEOS} HTTP/1.0\r\n\r\n`, ['401']],
    ['HTTP/1.0 with it', `GET ${VIDEOS} HTTP/1.0\r\n${AUTH}\r\n`, ['200']],
    [
      'an address as path',
      `GET http://evil.example/apis HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`,
      ['401'],
    ],
    [
      'an upgrade',
      `GET ${VIDEOS} HTTP/1.1\r\nhost: x\r\nconnection: upgrade, close\r\nupgrade: websocket\r\n\r\n`,
      ['401'],
    ],
  ] as const)
    it(`${name}: ${codes.join(', ')}`, async (t) => {
      const port = await sessionWorld(t, { limits: QUICK }).port();
      const { socket, ended } = rawConnection(t, port);
      socket.write(text);
      const lines = statusLines(await ended).map((line) => line.slice(-3));
      assert.deepEqual(lines, codes);
    });

  it('without a token, one that names no host is refused', async (t) => {
    const port = await sessionWorld(t, { limits: QUICK, token: '' }).port();
    const { socket, ended } = rawConnection(t, port);
    socket.write('GET /healthz HTTP/1.0\r\n\r\n');
    assert.match(await ended, /^HTTP\/1\.1 403/);
  });

  it('a tunnel is not opened', async (t) => {
    const port = await sessionWorld(t, { limits: QUICK }).port();
    const { socket, ended } = rawConnection(t, port);
    socket.write('CONNECT 169.254.169.254:80 HTTP/1.1\r\nhost: x\r\n\r\n');
    assert.equal(statusLines(await ended).length, 0);
  });

  it('a hundred requests at once on one connection are each answered', async (t) => {
    const port = await sessionWorld(t, { limits: QUICK }).port();
    const { socket, ended } = rawConnection(t, port);
    socket.write(`GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n`.repeat(100));
    assert.equal(statusLines(await ended).length, 100);
  });

  it('a body larger than it may be is refused before it is read', async (t) => {
    const { call } = sessionWorld(t);
    const answer = await call(
      'POST',
      VIDEOS,
      { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      { payload: `"${'x'.repeat(2 * 1024 * 1024)}"` },
    );
    assert.equal(answer.code, 413);
    assert.equal(answer.type, 'application/json');
  });
});

describe('watches of the resource API', () => {
  it('are so many at once, and the next is told to come back, as by kube-apiserver', async (t) => {
    const port = await sessionWorld(t).port();
    const watch = (): Promise<IncomingMessage> =>
      new Promise((resolve, reject) => {
        const asked = httpRequest(
          { port, path: `${VIDEOS}?watch=true`, headers: { authorization: `Bearer ${TOKEN}` }, agent: false },
          resolve,
        );
        t.after(() => asked.destroy());
        asked.on('error', reject).end();
      });
    const open: IncomingMessage[] = [];
    for (let n = 0; n < MAX_WATCHES; n++) open.push(await watch());
    assert.ok(open.every(({ statusCode }) => statusCode === 200));
    const refused = await watch();
    assert.equal(refused.statusCode, 429);
    assert.equal(refused.headers['retry-after'], '1');
    assert.match(Buffer.concat(await refused.toArray()).toString(), /"reason":"TooManyRequests"/);
    open[0]?.destroy();
    let again = await watch();
    for (let n = 0; again.statusCode !== 200 && n < 50; n++) {
      await delay(20);
      again = await watch();
    }
    assert.equal(again.statusCode, 200);
  });
});
