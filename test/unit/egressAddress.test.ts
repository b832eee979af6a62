import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseAuthority } from '../../jobrunner/adapters/download/egress/authority.ts';
import {
  checkedAddresses,
  refuseInside,
  RefusedDestination,
} from '../../jobrunner/adapters/download/egress/destination.ts';
import { isPublicAddress } from '../../jobrunner/adapters/download/egress/publicAddress.ts';

const PUBLIC = [
  ...['1.1.1.1', '8.8.8.8', '9.255.255.255', '11.0.0.0', '100.63.255.255', '100.128.0.0', '126.255.255.255'],
  ...['128.0.0.0', '169.253.255.255', '169.255.0.0', '172.15.255.255', '172.32.0.0', '192.167.255.255'],
  ...['192.169.0.0', '198.17.255.255', '198.20.0.0', '223.255.255.255', '168.63.129.15', '3.160.22.10'],
  ...['2600:9000:2038::1', '2a00:1450:4001:80b::200e', '2001:4860:4860::8888', '2001:200::1'],
  // NAT64 of 8.8.8.8
  '64:ff9b::808:808',
] as const;

const NOT_PUBLIC = [
  ...['0.0.0.0', '0.1.2.3', '10.0.0.1', '10.255.255.255', '100.64.0.1', '100.100.100.200', '100.127.255.255'],
  ...['127.0.0.1', '127.255.255.254', '168.63.129.16', '169.254.0.1', '169.254.169.254', '169.254.170.2'],
  ...['172.16.0.1', '172.31.255.255', '192.0.0.1', '192.0.0.192', '192.0.2.1', '192.88.99.1', '192.168.1.1'],
  ...['198.18.0.1', '198.19.255.255', '198.51.100.7', '203.0.113.9', '224.0.0.1', '239.255.255.250'],
  ...['240.0.0.1', '255.255.255.255'],
  ...['::', '::1', '::2', '0:0:0:0:0:0:0:1', '::127.0.0.1', '::8.8.8.8'],
  // IPv4-mapped, in both spellings, of an inside and of a public address
  ...['::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:169.254.169.254', '::ffff:8.8.8.8'],
  // NAT64 of 127.0.0.1, 10.0.0.1, 169.254.169.254 and 0.0.0.0, and its network for local use
  ...['64:ff9b::127.0.0.1', '64:ff9b::7f00:1', '64:ff9b::a00:1', '64:ff9b::169.254.169.254', '64:ff9b::'],
  ...['64:ff9b:0:0:0:0:7f00:1', '64:ff9b:1::808:808'],
  // 6to4 and Teredo
  ...['2002:7f00:1::', '2002:808:808::1', '2001::1', '2001:0:4136:e378:8000:63bf:3fff:fdd2'],
  ...['100::1', '2001:db8::1', '3fff::1', '5f00::1', '2001:20::1', '4000::1'],
  ...['fc00::1', 'fd00:ec2::254', 'fdff::1', 'fe80::1', 'fe80::1%eth0', 'fec0::1', 'ff02::1', 'ff0e::1'],
  ...['2600::1%eth0', '', 'localhost', '1.1.1', '0x7f.1', '1.1.1.1 '],
] as const;

describe('an address of the public internet', () => {
  for (const address of PUBLIC)
    it(`is ${address}`, () => {
      assert.equal(isPublicAddress(address), true);
    });
  for (const address of NOT_PUBLIC)
    it(`is not ${JSON.stringify(address)}`, () => {
      assert.equal(isPublicAddress(address), false);
    });
});

describe('a host in its one form', () => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ['WWW.Loom.COM', 'www.loom.com'],
    ['www.loom.com.', 'www.loom.com'],
    ['2130706433', '127.0.0.1'],
    ['0x7f000001', '127.0.0.1'],
    ['017700000001', '127.0.0.1'],
    ['0x7f.1', '127.0.0.1'],
    ['0177.0.0.01', '127.0.0.1'],
    ['127.1', '127.0.0.1'],
    ['127.0.0.1.', '127.0.0.1'],
    ['0', '0.0.0.0'],
    ['0xa9fea9fe', '169.254.169.254'],
    ['[::1]', '::1'],
    ['[::FFFF:127.0.0.1]', '::ffff:7f00:1'],
    ['[0:0::1]', '::1'],
    ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
    ['_service.example.com', '_service.example.com'],
    // What has no one reading has none here.
    ['256.1.1.1', undefined],
    ['1.2.3.4.5', undefined],
    ['0x7f.0.0.0x100', undefined],
    ['[::1', undefined],
    ['::1', undefined],
    ['[fe80::1%25eth0]', undefined],
    ['127.0.0.1@www.loom.com', undefined],
    ['www.loom.com\\@127.0.0.1', undefined],
    ['www.loom.com/..', undefined],
    ['www.loom.com#', undefined],
    ['www.loom.com ', undefined],
    ['①②⑦.0.0.1', undefined],
    ['%31%32%37.0.0.1', undefined],
    ['.', undefined],
    ['', undefined],
    ['a'.repeat(300), undefined],
  ];
  for (const [text, host] of cases)
    it(`is ${host ?? 'none'} for ${JSON.stringify(text.slice(0, 40))}`, () => {
      assert.deepEqual(parseAuthority(text, 443), host === undefined ? undefined : { host, port: 443 });
    });

  it('has a port from 1 to 65535, or the usual one', () => {
    assert.equal(parseAuthority('a.example:8443', 443)?.port, 8443);
    for (const text of [
      'a.example:0',
      'a.example:65536',
      'a.example:',
      'a.example:80:80',
      'a.example:-1',
      ':80',
    ])
      assert.equal(parseAuthority(text, 443), undefined, text);
    // CONNECT names its port always.
    assert.equal(parseAuthority('a.example', 0), undefined);
  });
});

describe('a destination', () => {
  const refused: readonly (readonly [string, RegExp])[] = [
    ['127.0.0.1:80', /not public \(127\.0\.0\.1\)/],
    ['2130706433:80', /not public \(127\.0\.0\.1\)/],
    ['0x7f.1:443', /not public \(127\.0\.0\.1\)/],
    ['169.254.169.254:80', /not public/],
    ['[::1]:443', /not public \(::1\)/],
    ['[::ffff:10.0.0.1]:443', /not public/],
    ['localhost:80', /not public \(localhost\)/],
    ['LOCALHOST.:80', /not public \(localhost\)/],
    ['x.localhost:443', /not public/],
    ['metadata.google.internal:80', /not public/],
    ['kubernetes.default.svc.cluster.local:443', /not public/],
    ['kubernetes:443', /not public/],
    ['router.home.arpa:80', /not public/],
    ['www.loom.com:22', /port 22 of www\.loom\.com/],
    ['www.loom.com:8080', /port 8080/],
    ['1.1.1.1:6379', /port 6379/],
    ['127.0.0.1:6379', /not public/],
  ];
  for (const [text, message] of refused)
    it(`${text} is refused before any name is looked up`, () => {
      const destination = parseAuthority(text, 0);
      assert.ok(destination);
      assert.throws(
        () => refuseInside(destination, undefined),
        (error) => error instanceof RefusedDestination && message.test(error.message),
      );
    });

  for (const text of [
    'www.loom.com:443',
    'cdn.loom.com:80',
    'localhost.example.com:443',
    '1.1.1.1:443',
    '[2600::1]:80',
  ])
    it(`${text} is not`, () => {
      const destination = parseAuthority(text, 0);
      assert.ok(destination);
      refuseInside(destination, undefined);
    });

  it('that the user named himself may be anywhere, but no other port and host', async () => {
    const named = { host: '127.0.0.1', port: 8000 };
    refuseInside({ host: '127.0.0.1', port: 8000 }, named);
    const addresses = await checkedAddresses({ ...named }, named, () => Promise.reject(new Error('asked')));
    assert.deepEqual(addresses, [{ address: '127.0.0.1', family: 4 }]);
    for (const other of [
      { ...named, port: 80 },
      { ...named, host: '127.0.0.2' },
    ])
      assert.throws(() => refuseInside(other, named), RefusedDestination);
  });

  const loom = { host: 'cdn.loom.com', port: 443 };
  const answers: Readonly<Record<string, { addresses: readonly string[]; allowed: boolean }>> = {
    'one public address': { addresses: ['3.160.22.10'], allowed: true },
    'public addresses of both kinds': { addresses: ['2600:9000::1', '3.160.22.10'], allowed: true },
    'a private address': { addresses: ['10.0.0.1'], allowed: false },
    'loopback in IPv6': { addresses: ['::1'], allowed: false },
    'a mapped address': { addresses: ['::ffff:169.254.169.254'], allowed: false },
    'a public and a private address': { addresses: ['3.160.22.10', '127.0.0.1'], allowed: false },
  };
  for (const [what, { addresses, allowed }] of Object.entries(answers))
    it(`whose name has ${what} is ${allowed ? 'reached there' : 'refused'}`, async () => {
      const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
      const checked = checkedAddresses(loom, undefined, () => Promise.resolve(found));
      if (allowed) assert.deepEqual(await checked, found);
      else await assert.rejects(checked, /not public \(cdn\.loom\.com\)/);
    });
});
