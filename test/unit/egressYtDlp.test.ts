import assert from 'node:assert/strict';
import { createServer, type AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { dialAddresses } from '../../jobrunner/adapters/download/egress/connect.ts';
import { guardDownload, guardedNetwork } from '../../jobrunner/adapters/download/egress/guardDownload.ts';
import { secretConfig, ytDlpArguments } from '../../jobrunner/adapters/download/ytDlpArguments.ts';

const REQUEST = {
  url: 'https://www.loom.com/share/0123456789abcdef0123456789abcdef',
  folder: '/work',
  limits: { maxBytes: 1000, maxSeconds: 300, maxHeight: 480 },
  wantCaptions: false,
  signal: new AbortController().signal,
  onInfo: () => undefined,
  onProgress: () => undefined,
};

describe('yt-dlp is sent through the guard', () => {
  it('by a configuration that no list of processes shows', async () => {
    await using guard = await guardDownload({ env: {}, url: REQUEST.url, onRefused: () => undefined });
    const { username, password } = new URL(guard.url);
    assert.match(username, /^\w+$/);
    // 24 random bytes in base64url: nothing in them means anything to the shell whose rules yt-dlp has.
    assert.match(password, /^[\w-]{32}$/);
    assert.equal(secretConfig(guard.url, undefined), `--proxy='${guard.url}'\n`);
    assert.equal(secretConfig(guard.url, 'p'), `--proxy='${guard.url}'\n--video-password='p'\n`);
    const args = ytDlpArguments(REQUEST, { ffmpegPath: '/bin/ffmpeg', extractor: 'loom', excluded: [] });
    assert.equal(args[args.indexOf('--config-locations') + 1], '-');
    assert.ok(!args.some((word) => word.includes('--proxy') || word.includes(password)));
  });

  it('and so is what it starts, past every other proxy and every exception', async () => {
    await using guard = await guardDownload({ env: {}, url: REQUEST.url, onRefused: () => undefined });
    const { NO_PROXY, no_proxy: noProxy, ...proxies } = guardedNetwork(guard);
    assert.deepEqual([NO_PROXY, noProxy], ['', '']);
    assert.deepEqual(Object.keys(proxies).toSorted(), [
      ...['ALL_PROXY', 'HTTPS_PROXY', 'HTTP_PROXY'],
      ...['all_proxy', 'http_proxy', 'https_proxy'],
    ]);
    assert.deepEqual([...new Set(Object.values(proxies))], [guard.url]);
  });

  it('with other credentials at each run', async () => {
    const options = { env: {}, url: REQUEST.url, onRefused: () => undefined };
    await using one = await guardDownload(options);
    await using two = await guardDownload(options);
    assert.notEqual(new URL(one.url).password, new URL(two.url).password);
  });
});

describe('a connection to one of several checked addresses', () => {
  it('goes to the next where one does not answer', async () => {
    const server = createServer((socket) => socket.end('here'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const addresses = [
      { address: '::1', family: 6 },
      { address: '127.0.0.2', family: 4 },
      { address: '127.0.0.1', family: 4 },
    ];
    let text = '';
    const buffer = Buffer.alloc(16);
    const callback = (length: number): boolean => {
      text += buffer.toString('utf8', 0, length);
      return true;
    };
    const socket = dialAddresses(addresses, port, { buffer, callback }).resume();
    await new Promise((resolve) => socket.once('close', resolve));
    server.close();
    assert.equal(text, 'here');
  });
});
