import assert from 'node:assert/strict';
import { createServer, type IncomingMessage } from 'node:http';
import { connect, createServer as createTcpServer, type AddressInfo, type Server } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { environmentProxies } from '../../jobrunner/adapters/download/egress/environmentProxies.ts';
import {
  startEgressGuard,
  type EgressGuard,
  type EgressOptions,
} from '../../jobrunner/adapters/download/egress/guard.ts';

const PUBLIC = '3.160.22.10';

interface World {
  readonly guard: EgressGuard;
  /** Requests that arrived at the web server behind every address that was dialled. */
  readonly asked: readonly IncomingMessage[];
  /** `address:port` that was connected to. */
  readonly dialled: readonly string[];
  readonly lookups: readonly string[];
  readonly refusals: readonly string[];
  /** Sends bytes to the guard and returns all that comes back. */
  readonly say: (bytes: string) => Promise<string>;
  /** Our credentials as a header line. */
  readonly credentials: string;
}

/** A guard whose names are those of `names`; any address it connects to leads to one web server on loopback. */
async function world(
  t: TestContext,
  names: Readonly<Record<string, readonly string[][]>> = { 'cdn.loom.com': [[PUBLIC]] },
  options: Partial<EgressOptions> = {},
): Promise<World> {
  const asked: IncomingMessage[] = [];
  const origin = createServer((request, response) => {
    asked.push(request);
    if (request.url === '/away') response.writeHead(302, { location: 'http://127.0.0.1/inside' });
    response.end(`hello from ${request.url}`);
  });
  const port = await listen(t, origin);
  const dialled: string[] = [];
  const lookups: string[] = [];
  const refusals: string[] = [];
  const answers = new Map(Object.entries(names).map(([host, list]) => [host, [...list]]));
  const guard = await startEgressGuard({
    chooseProxy: () => undefined,
    onRefused: ({ message }) => refusals.push(message),
    resolve: (host) => {
      lookups.push(host);
      const list = answers.get(host);
      const found = list && list.length > 1 ? list.shift() : list?.[0];
      if (!found) return Promise.reject(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }));
      return Promise.resolve(found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })));
    },
    dial: (addresses, to, onread) => {
      dialled.push(...addresses.map(({ address }) => `${address}:${to}`));
      return connect({ port, host: '127.0.0.1', onread });
    },
    ...options,
  });
  t.after(() => guard[Symbol.asyncDispose]());
  const { username, password } = new URL(guard.url);
  const credentials = `Proxy-Authorization: Basic ${Buffer.from(`${username}:${password}`).toString('base64')}\r\n`;
  return {
    guard,
    asked,
    dialled,
    lookups,
    refusals,
    credentials,
    say: (bytes) => exchange(guard.url, bytes),
  };
}

async function listen(t: TestContext, server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

function exchange(url: string, bytes: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let text = '';
  const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(bytes, 'latin1'));
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk;
  });
  socket.on('error', () => undefined).once('close', () => resolve(text));
  return promise;
}

const GET = 'GET /v.mp4 HTTP/1.1\r\nHost: cdn.loom.com\r\nConnection: close\r\n\r\n';

describe('the guard', () => {
  it('carries a tunnel to the address it checked', async (t) => {
    const { say, credentials, dialled, refusals } = await world(t);
    const text = await say(`CONNECT cdn.loom.com:443 HTTP/1.1\r\nHost: x\r\n${credentials}\r\n${GET}`);
    assert.match(
      text,
      /^HTTP\/1\.1 200 Connection Established\r\n\r\nHTTP\/1\.1 200 OK\r\n[^]*hello from \/v\.mp4/,
    );
    assert.deepEqual(dialled, [`${PUBLIC}:443`]);
    assert.deepEqual(refusals, []);
  });

  it('carries a plain request without what is meant for itself', async (t) => {
    const { say, credentials, asked, dialled } = await world(t);
    const text = await say(
      `GET http://CDN.loom.com/a%20b/..%2f?x='1'&y HTTP/1.1\r\nHost: evil.example\r\n${credentials}` +
        'Range: bytes=0-\r\nProxy-Connection: keep-alive\r\nConnection: close\r\n\r\n',
    );
    assert.match(text, /^HTTP\/1\.1 200 OK\r\n/);
    const { url, headers } = asked[0] ?? assert.fail('nothing asked');
    assert.equal(url, "/a%20b/..%2f?x='1'&y");
    assert.deepEqual(headers, { host: 'cdn.loom.com', range: 'bytes=0-', connection: 'close' });
    assert.deepEqual(dialled, [`${PUBLIC}:80`]);
  });

  it('takes one request of a connection: what stands behind it goes nowhere', async (t) => {
    const { say, credentials, asked } = await world(t);
    const first = `GET http://cdn.loom.com/a HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n${credentials}\r\n`;
    const text = await say(`${first}GET /b HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
    assert.match(text, /hello from \/a$/);
    assert.deepEqual(
      asked.map(({ url, headers }) => [url, headers['content-length']]),
      [['/a', undefined]],
    );
  });

  it('hands a redirect back: where it leads is asked of the guard again', async (t) => {
    const { say, credentials, refusals } = await world(t);
    const request = (url: string): string => `GET ${url} HTTP/1.1\r\nHost: x\r\n${credentials}\r\n`;
    const text = await say(request('http://cdn.loom.com/away'));
    const location = /^location: (.*)\r$/im.exec(text)?.[1] ?? '';
    assert.match(await say(request(location)), /^HTTP\/1\.1 403 Destination Refused\r\n/);
    assert.deepEqual(refusals, [
      'The download was led to an address that is not public (127.0.0.1); it is not followed.',
    ]);
  });

  for (const line of [
    'CONNECT 127.0.0.1:443',
    'CONNECT 2130706433:80',
    'CONNECT 0x7f.1:443',
    'CONNECT [::1]:443',
    'CONNECT [::ffff:169.254.169.254]:80',
    'CONNECT metadata.google.internal:80',
    'CONNECT inside.example:443',
    'CONNECT cdn.loom.com:22',
    'GET http://127.0.0.1/latest/meta-data?Signature=secret',
    'GET http://0/',
    'HEAD http://0177.0.0.1:80/',
    'GET http://inside.example/',
    'GET http://localhost?secret',
  ])
    it(`refuses ${line}, and says so without path or query`, async (t) => {
      const { say, credentials, dialled, asked, refusals } = await world(t, {
        'inside.example': [['10.0.0.7']],
        'cdn.loom.com': [[PUBLIC]],
      });
      const text = await say(`${line} HTTP/1.1\r\nHost: x\r\n${credentials}\r\n`);
      assert.match(text, /^HTTP\/1\.1 403 Destination Refused\r\n/);
      assert.equal(refusals.length, 1);
      assert.match(refusals[0] ?? '', /^The download was led to (an address that is not public|port 22 of) /);
      assert.doesNotMatch(refusals[0] ?? '', /secret|latest/);
      assert.deepEqual([dialled, asked], [[], []]);
    });

  for (const line of [
    'CONNECT 127.0.0.1:80@cdn.loom.com:443',
    'CONNECT cdn.loom.com',
    'CONNECT cdn.loom.com:443:80',
    'CONNECT cdn.loom.com:0443x',
    'CONNECT http://cdn.loom.com/',
    'CONNECT /',
    'CONNECT cdn.loom.com:443/../..',
    'CONNECT cdn.loom.com#:443',
    'CONNECT \u00001:443',
    'GET /v.mp4',
    'GET *',
    'GET https://cdn.loom.com/',
    'GET ftp://127.0.0.1/v.mp4',
    'GET file:///etc/passwd',
    'GET http://user:pw@cdn.loom.com/',
    'GET http://cdn.loom.com\\@127.0.0.1/',
    'GET http://cdn.loom.com:80:80/',
    'GET http:///v.mp4',
    'POST http://cdn.loom.com/',
    'DELETE http://cdn.loom.com/',
    'GET http://cdn.loom.com/ HTTP/1.1\r\nX : y\r\nX:',
    'GET http://cdn.loom.com/ HTTP/1.1\r\n X: folded\r\nX:',
    'GET http://cdn.loom.com/\n X HTTP/1.1\r\nX:',
    'get http://cdn.loom.com/',
    'SSH-2.0-OpenSSH_9.6',
  ])
    it(`takes no ${JSON.stringify(line)}`, async (t) => {
      const { say, credentials, dialled, refusals } = await world(t);
      const text = await say(`${line} HTTP/1.1\r\nHost: x\r\n${credentials}\r\n`);
      assert.match(text, /^HTTP\/1\.1 400 /);
      assert.deepEqual([dialled, refusals], [[], []]);
    });

  for (const [who, header] of [
    ['nobody', ''],
    ['somebody else', 'Proxy-Authorization: Basic bG9vbXZpZGVvOng=\r\n'],
  ] as const)
    it(`serves only who has its credentials, not ${who}`, async (t) => {
      const { say, dialled, refusals } = await world(t);
      for (const line of ['CONNECT cdn.loom.com:443', 'GET http://cdn.loom.com/', 'GET http://127.0.0.1/']) {
        const text = await say(`${line} HTTP/1.1\r\nHost: x\r\n${header}\r\n`);
        assert.match(text, /^HTTP\/1\.1 407 [^]*proxy-authenticate: Basic /i, line);
      }
      assert.deepEqual([dialled, refusals], [[], []]);
    });

  it('is not misled by a name that changes its address: what was checked is what is connected to', async (t) => {
    const { say, credentials, dialled, lookups, refusals } = await world(t, {
      'rebind.example': [[PUBLIC], ['127.0.0.1']],
    });
    const request = `CONNECT rebind.example:443 HTTP/1.1\r\nHost: x\r\n${credentials}\r\n${GET}`;
    assert.match(await say(request), /^HTTP\/1\.1 200 /);
    assert.deepEqual([lookups, dialled], [['rebind.example'], [`${PUBLIC}:443`]]);
    assert.match(await say(request), /^HTTP\/1\.1 403 /);
    assert.deepEqual(dialled, [`${PUBLIC}:443`]);
    assert.equal(refusals.length, 1);
  });

  it('says who cannot be reached', async (t) => {
    const { say, credentials, refusals } = await world(t);
    for (const line of ['CONNECT nobody.example:443', 'GET http://nobody.example/'])
      assert.match(
        await say(`${line} HTTP/1.1\r\nHost: x\r\n${credentials}\r\n`),
        /^HTTP\/1\.1 502 Cannot reach nobody\.example \(ENOTFOUND\)\r\n/,
      );
    assert.deepEqual(refusals, []);
  });

  it('breaks off headers that do not end', async (t) => {
    const { say, credentials, dialled } = await world(t);
    const text = await say(`GET http://cdn.loom.com/ HTTP/1.1\r\n${credentials}X: ${'x'.repeat(20_000)}`);
    assert.equal(text, '');
    assert.deepEqual(dialled, []);
  });

  it('holds no more than 32 connections', async (t) => {
    const { guard } = await world(t);
    const port = Number(new URL(guard.url).port);
    let dropped = 0;
    const sockets = Array.from({ length: 40 }, () => {
      const socket = connect(port, '127.0.0.1');
      return socket.on('error', () => undefined).once('close', () => dropped++);
    });
    await delay(300);
    assert.equal(dropped, 8);
    for (const socket of sockets) socket.destroy();
  });

  it('ends every connection when it is closed, half-open ones and tunnels in use included', async (t) => {
    const silent = createTcpServer();
    const port = await listen(t, silent);
    const ended = new Promise<void>((resolve) => {
      silent.once('connection', (socket) =>
        socket
          .on('error', () => undefined)
          .once('close', () => resolve())
          .resume(),
      );
    });
    const { guard, say, credentials } = await world(t, undefined, {
      dial: (_addresses, _port, onread) => connect({ port, host: '127.0.0.1', onread }),
    });
    const half = say('CONNECT cdn.loom.com:443 HTTP/1.1\r\n');
    const used = say(`CONNECT cdn.loom.com:443 HTTP/1.1\r\nHost: x\r\n${credentials}\r\nhello`);
    await delay(100);
    await guard[Symbol.asyncDispose]();
    assert.deepEqual([await half, await used], ['', 'HTTP/1.1 200 Connection Established\r\n\r\n']);
    await ended;
    assert.equal(await say(GET), '');
  });
});

describe("the guard behind the environment's proxy", () => {
  /** A proxy that answers as it is told, and what it was asked. */
  async function proxied(t: TestContext, answer: string, extra: Record<string, string> = {}) {
    const heard: string[] = [];
    const server = createTcpServer((socket) => {
      socket.setEncoding('latin1').on('error', () => undefined);
      socket.on('data', (text: string) => {
        heard.push(text);
        if (heard.length === 1) socket.end(answer);
      });
    });
    const port = await listen(t, server);
    const env = {
      ...extra,
      HTTP_PROXY: `http://me:s%3Acret@127.0.0.1:${port}`,
      NO_PROXY: 'cdn.loom.com,10.0.0.1',
    };
    const found = await world(t, undefined, { chooseProxy: environmentProxies(env) });
    return { ...found, heard };
  }

  it('asks it for the tunnel by name, with its credentials and not with its own', async (t) => {
    const { say, credentials, heard, lookups } = await proxied(
      t,
      'HTTP/1.1 200 Fine\r\nVia: x\r\n\r\nfirst bytes',
    );
    const text = await say(`CONNECT WWW.loom.com:443 HTTP/1.1\r\nHost: x\r\n${credentials}\r\n`);
    assert.equal(text, 'HTTP/1.1 200 Connection Established\r\n\r\nfirst bytes');
    const given = Buffer.from('me:s:cret').toString('base64');
    assert.deepEqual(heard, [
      `CONNECT www.loom.com:443 HTTP/1.1\r\nHost: www.loom.com:443\r\nProxy-Authorization: Basic ${given}\r\n\r\n`,
    ]);
    assert.deepEqual(lookups, []);
  });

  it('hands plain requests to it whole', async (t) => {
    const { say, credentials, heard } = await proxied(t, 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi');
    const text = await say(`GET http://www.loom.com/a?b HTTP/1.1\r\nHost: x\r\n${credentials}\r\n`);
    assert.match(text, /^HTTP\/1\.1 200 OK[^]*hi$/);
    assert.match(heard[0] ?? '', /^GET http:\/\/www\.loom\.com\/a\?b HTTP\/1\.1\r\nHost: www\.loom\.com\r\n/);
    const given = Buffer.from('me:s:cret').toString('base64');
    assert.match(heard[0] ?? '', new RegExp(`Proxy-Authorization: Basic ${given}\r\n`));
  });

  for (const [answer, told] of [
    [
      'HTTP/1.1 407 Proxy Authentication Required\r\n\r\n',
      /^HTTP\/1\.1 407 Proxy Authentication Required\r\n/,
    ],
    ['HTTP/1.1 403 Forbidden by policy\r\n\r\n', /^HTTP\/1\.1 403 Forbidden by policy\r\n/],
    ['SSH-2.0\r\n\r\n', /^HTTP\/1\.1 502 Cannot reach www\.loom\.com/],
    ['', /^HTTP\/1\.1 502 Cannot reach www\.loom\.com/],
    [`HTTP/1.1 200 ${'x'.repeat(30_000)}`, /^HTTP\/1\.1 502 Cannot reach www\.loom\.com/],
  ] as const)
    it(`tells of its answer ${JSON.stringify(answer.slice(0, 30))}`, async (t) => {
      const { say, credentials, refusals } = await proxied(t, answer);
      const text = await say(`CONNECT www.loom.com:443 HTTP/1.1\r\nHost: x\r\n${credentials}\r\n`);
      assert.match(text, told);
      assert.deepEqual(refusals, []);
    });

  for (const host of [
    '127.0.0.1',
    '2130706433',
    '169.254.169.254',
    '[fd00:ec2::254]',
    'localhost',
    'vault',
    'x.internal',
    '10.0.0.1',
  ])
    it(`does not ask it, or anybody, for ${host}`, async (t) => {
      const { say, credentials, heard, refusals, dialled } = await proxied(t, '');
      const text = await say(`CONNECT ${host}:443 HTTP/1.1\r\nHost: x\r\n${credentials}\r\n`);
      assert.match(text, /^HTTP\/1\.1 403 /);
      assert.equal(refusals.length, 1);
      assert.deepEqual([heard, dialled], [[], []]);
    });

  it('goes past it where NO_PROXY says so, under the full check', async (t) => {
    const { say, credentials, heard, dialled } = await proxied(t, '');
    await say(`CONNECT cdn.loom.com:443 HTTP/1.1\r\nHost: x\r\n${credentials}\r\n${GET}`);
    assert.deepEqual([heard, dialled], [[], [`${PUBLIC}:443`]]);
  });
});
