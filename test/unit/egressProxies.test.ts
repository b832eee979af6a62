import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { environmentProxies } from '../../jobrunner/adapters/download/egress/environmentProxies.ts';

/** An environment, and where in it each address goes: `host:port` of the proxy, or `-` for none. */
interface Case {
  readonly env: Readonly<Record<string, string>>;
  readonly ways: Readonly<Record<string, string>>;
}

const HTTPS = 'https://www.loom.com';
const HTTP = 'http://www.loom.com';

const CASES: Readonly<Record<string, Case>> = {
  'no proxy': { env: {}, ways: { [HTTPS]: '-', [HTTP]: '-' } },
  'one for each scheme': {
    env: { HTTPS_PROXY: 'http://a:1', HTTP_PROXY: 'http://b:2' },
    ways: { [HTTPS]: 'a:1', [HTTP]: 'b:2' },
  },
  'one for HTTPS alone': { env: { HTTPS_PROXY: 'http://a:1' }, ways: { [HTTPS]: 'a:1', [HTTP]: '-' } },
  'one for HTTP, which HTTPS takes too': {
    env: { HTTP_PROXY: 'http://b:2' },
    ways: { [HTTPS]: 'b:2', [HTTP]: 'b:2' },
  },
  'one for the rest': {
    env: { HTTPS_PROXY: 'http://a:1', ALL_PROXY: 'http://c:3' },
    ways: { [HTTPS]: 'a:1', [HTTP]: 'c:3' },
  },
  'lower case before upper case': {
    env: { HTTPS_PROXY: 'http://a:1', https_proxy: 'http://z:9' },
    ways: { [HTTPS]: 'z:9' },
  },
  'lower case that is empty': { env: { HTTPS_PROXY: 'http://a:1', https_proxy: '' }, ways: { [HTTPS]: '-' } },
  'an address without a scheme or port': {
    env: { HTTPS_PROXY: 'proxy.corp' },
    ways: { [HTTPS]: 'proxy.corp:80' },
  },
  'a private address': { env: { HTTPS_PROXY: 'http://10.1.2.3:3128/' }, ways: { [HTTPS]: '10.1.2.3:3128' } },
  'exceptions for everything': { env: { HTTPS_PROXY: 'http://a:1', NO_PROXY: '*' }, ways: { [HTTPS]: '-' } },
  'exceptions for a host and all below it': {
    env: { HTTPS_PROXY: 'http://a:1', NO_PROXY: 'example.com, LOOM.com ,.corp' },
    ways: {
      [HTTPS]: '-',
      'https://loom.com': '-',
      'https://bloom.com': 'a:1',
      'https://x.corp': '-',
      'https://example.org': 'a:1',
    },
  },
  'an exception for one port': {
    env: { HTTPS_PROXY: 'http://a:1', no_proxy: 'www.loom.com:8443' },
    ways: { 'https://www.loom.com:8443': '-', 'https://www.loom.com:443': 'a:1' },
  },
};

describe("the environment's proxies are chosen", () => {
  for (const [name, { env, ways }] of Object.entries(CASES)) {
    it(name, () => {
      const choose = environmentProxies(env);
      for (const [address, way] of Object.entries(ways)) {
        const url = new URL(address);
        const scheme = url.protocol === 'http:' ? 'http' : 'https';
        const port = Number(/:(\d+)$/.exec(address)?.[1] ?? (scheme === 'http' ? 80 : 443));
        const proxy = choose(scheme, { host: url.hostname, port });
        assert.equal(proxy ? `${proxy.host}:${proxy.port}` : '-', way, address);
      }
    });

    it(`${name}: as Python does, whose rules yt-dlp has`, () => {
      for (const [address, way] of Object.entries(ways)) {
        const input = JSON.stringify({ address });
        const found = execFileSync('python3', ['-c', PYTHON], {
          input,
          encoding: 'utf8',
          env: { ...PATH, ...env },
        });
        assert.equal(found.trim() === 'None' ? '-' : found.trim(), way, address);
      }
    });
  }

  it('with the credentials of their address', () => {
    const choose = environmentProxies({ HTTPS_PROXY: 'http://me:p%40ss%3Aw%C3%B6rd@proxy:3128' });
    const proxy = choose('https', { host: 'www.loom.com', port: 443 });
    const given = Buffer.from(proxy?.authorization?.replace('Basic ', '') ?? '', 'base64').toString();
    assert.equal(given, 'me:p@ss:wörd');
  });

  for (const address of [
    'socks5://me:secret@proxy:1080',
    'https://me:secret@proxy:443',
    'http://me:secret@:80:80',
  ])
    it(`or ${address.replace('secret', '…')} is a setting to correct, shown without what is secret`, () => {
      assert.throws(
        () => environmentProxies({ HTTPS_PROXY: address }),
        (error) =>
          error instanceof Error && /HTTPS_PROXY/.test(error.message) && !/secret/.test(error.message),
      );
    });
});

const PATH = { PATH: process.env['PATH'] };

/** YoutubeDL.proxies and select_proxy in yt-dlp's words, by the standard library that both stand on. */
const PYTHON = `
import json, sys, urllib.parse, urllib.request
address = urllib.parse.urlparse(json.load(sys.stdin)['address'])
proxies = urllib.request.getproxies_environment()
if 'http' in proxies and 'https' not in proxies:
    proxies['https'] = proxies['http']
host = address.hostname + (':%s' % address.port if address.port else '')
if 'no' in proxies and urllib.request.proxy_bypass_environment(host, {'no': proxies['no']}):
    print(None)
else:
    proxy = proxies.get(address.scheme, proxies.get('all'))
    if proxy is None: print(None)
    else:
        netloc = urllib.request._parse_proxy(proxy)[3]
        print(netloc if ':' in netloc else netloc + ':80')
`;
