import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { isIP, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import * as fc from 'fast-check';
import { oneLine } from '../../../common/oneLine.ts';
import { loomVideoSchema } from '../../../crds/generated/schema.ts';
import { formatAuthority, parseAuthority } from '../../../jobrunner/adapters/download/egress/authority.ts';
import { refuseInside, RefusedDestination } from '../../../jobrunner/adapters/download/egress/destination.ts';
import { parseProxyRequest } from '../../../jobrunner/adapters/download/egress/proxyRequest.ts';
import { isPublicAddress } from '../../../jobrunner/adapters/download/egress/publicAddress.ts';
import { headCollector, LONGEST_HEAD } from '../../../jobrunner/adapters/download/egress/readHead.ts';
import { askForTunnel } from '../../../jobrunner/adapters/download/egress/target.ts';
import type { HttpsClient } from '../../../jobrunner/adapters/download/httpsRequest.ts';
import { readLoomVerdict } from '../../../jobrunner/adapters/download/loomAnswers.ts';
import {
  cdnMediaUrl,
  describe,
  openGraphMediaUrl,
  sessionMediaUrl,
} from '../../../jobrunner/adapters/download/loomPages.ts';
import { FORMAT_MARK, INFO_MARK } from '../../../jobrunner/adapters/download/ytDlpArguments.ts';
import { metadataError, ytDlpError } from '../../../jobrunner/adapters/download/ytDlpErrors.ts';
import { YtDlpOutput } from '../../../jobrunner/adapters/download/ytDlpOutput.ts';
import { REASONS } from '../../../jobrunner/contract/reasons.ts';
import { StageError } from '../../../jobrunner/contract/stageError.ts';
import { isLoomHost, parseLoomUrl } from '../../../jobrunner/loomUrl.ts';
import type { VideoInfo } from '../../../jobrunner/ports.ts';
import { readVideo } from '../../../jobrunner/readArtifacts.ts';
import type { WorkFolder } from '../../../jobrunner/workFolder.ts';
import { bounded, boundedAsync } from '../bounded.ts';
import { property, type Target } from '../property.ts';
import { wildJson } from '../texts/json.ts';
import { anyText, mutated, soup } from '../texts/soup.ts';

const ID = '0123456789abcdef0123456789abcdef';
const signal = new AbortController().signal;

/** JSON as it may be written, 1e999 included. */
function written(value: unknown): string {
  const text = JSON.stringify(value, (_, one: unknown) =>
    typeof one === 'number' && !Number.isFinite(one) ? `\u0001${one > 0 ? '' : '-'}` : one,
  );
  return (text ?? 'null').replaceAll('"\\u0001"', '1e999').replaceAll('"\\u0001-"', '-1e999');
}

const chapterNumber = fc.oneof(fc.nat(1000), fc.constantFrom(Infinity, -1, 1e300, 86_401, 0.5));
const wild = wildJson(['title', 'uploader', 'duration', 'chapters', 'start_time', 'format_id']);
const info = fc.record(
  {
    title: fc.oneof(anyText, wild),
    uploader: fc.oneof(anyText, wild),
    duration: fc.oneof(chapterNumber, wild),
    chapters: fc.oneof(
      fc.array(fc.oneof(fc.record({ start_time: chapterNumber, title: anyText }), wild), { maxLength: 5 }),
      fc.constant(Array.from({ length: 10_001 }, (_, start) => ({ start_time: start, title: 'x' }))),
      wild,
    ),
  },
  { requiredKeys: [] },
);
const PROGRESS = [
  '[download] ',
  '100%',
  '12.5%',
  '-7%',
  '1e999%',
  '% of ',
  ' of ',
  '~ 10MiB',
  ' at ',
  '1MiB/s',
  ' ETA ',
  '00:01',
  'NaN',
  'Destination: x',
  '[',
  ']',
  'File is larger than max-filesize ',
  'error',
];
const outputLines = fc.array(
  fc.oneof(
    info.map((value) => INFO_MARK + written(value)),
    wild.map((value) => INFO_MARK + written(value)),
    fc
      .oneof(fc.record({ format_id: fc.oneof(fc.constantFrom('1', '1+2', '1+2+3', '+', ''), wild) }), wild)
      .map((value) => FORMAT_MARK + written(value)),
    soup(PROGRESS, { pieces: 10, repeat: 20_000 }),
    fc
      .tuple(fc.double({ min: -10, max: 110, noNaN: true }), anyText)
      .map(([percent, rest]) => `[download] ${percent}% of ${rest}`),
  ),
  { maxLength: 8 },
);

const artifact = {
  file: 'video.mp4',
  url: 'https://www.loom.com/share/x',
  source: 'yt-dlp',
  durationSeconds: 1,
  sizeBytes: 1,
};

const WORDS = [
  'ERROR: ',
  'WARNING: ',
  '\n',
  '\r\n',
  '[loom] ',
  'HTTP Error 429',
  'HTTP Error 5',
  'HTTP Error 403',
  'Failed to download GraphQL JSON: ',
  'No video formats found',
  'Unsupported URL',
  '; please report this issue on ',
  'please report this issue on x',
  'Invalid video password',
  '\u001b[31m',
  '\u202e',
  'HTTP Error 502: Cannot reach ',
  ';',
];
const LINK = [
  'https://',
  'http://',
  'HTTPS://',
  'www.',
  'loom.com',
  'LOOM.com',
  '.evil.example',
  '/share/',
  '/embed/',
  '/folder/',
  ID,
  'a-b-',
  '-',
  '/',
  '?sid=1',
  '#t',
  '@',
  'user:pw@',
  ':443',
  ':80',
  '\\',
  '%2f',
  '..',
  ' ',
  '\n',
  '\t',
  '。',
  'ｌoom',
  'ſ',
  'K',
  'javascript:',
  '&',
  '"',
];
const links = fc.oneof(
  soup(LINK, { repeat: 800 }),
  mutated(
    fc.constantFrom(`https://www.loom.com/share/${ID}`, `https://loom.com/embed/My-demo-${ID}?sid=1#t`),
  ),
  fc.stringMatching(new RegExp(loomVideoSchema.properties.spec.properties.url.pattern)),
);
const crdPattern = new RegExp(loomVideoSchema.properties.spec.properties.url.pattern, 'u');

const HOST = [
  '127.0.0.1',
  '0x7f.1',
  '2130706433',
  '017700000001',
  '[::1]',
  '[::ffff:127.0.0.1]',
  '[64:ff9b::7f00:1]',
  '::1',
  'localhost',
  'example.com',
  '.',
  ':',
  '80',
  ':443',
  ':0',
  ':65536',
  '169.254.169.254',
  '[',
  ']',
  '%',
  '@',
  '/',
  'xn--',
  'ａ',
  '%25eth0',
  'local',
  'internal',
  '-',
  '_',
  'a',
];
const hosts = fc.oneof(
  soup(HOST, { pieces: 8, repeat: 300 }),
  fc.ipV4Extended(),
  fc.ipV6().map((ip) => `[${ip}]`),
  fc.webAuthority({ withPort: true, withIPv4Extended: true, withIPv6: true }),
);

const HTTP = [
  'CONNECT ',
  'GET ',
  'HEAD ',
  'POST ',
  'http://',
  'https://',
  'example.com',
  ':443',
  ' HTTP/1.1',
  ' HTTP/1.0',
  '\r\n',
  '\n',
  '\r',
  ': ',
  'Host',
  'Proxy-Authorization: Basic x',
  'Connection: keep-alive',
  'Transfer-Encoding: chunked',
  'Content-Length: 5',
  'X',
  '/',
  '/path?q',
  '#f',
  '@',
  ' ',
  '\t',
  '\x80',
  '\0',
  '200',
  '403 Forbidden',
  'HTTP/1.1 ',
];

const PAGE = [
  '<meta ',
  'property="og:video"',
  'property="og:video:url" ',
  ' content="',
  'https://cdn.loom.com/a.mp4',
  '"',
  '>',
  '<',
  'https://evil.example/a.mp4',
  '&#x27;',
  '&#34;',
  '&#999999;',
  '&#0;',
  '&amp;',
  '\n',
  "'",
  '<html>',
  '{"url":"https://cdn.loom.com/a.mp4"}',
  '{"url":"http://x"}',
  '{"data":{"getVideo":{"nullableRawCdnUrl":{"url":"https://cdn.loom.com/"}}}}',
  '{"title":"a","duration":1e999}',
];
const pages = fc.oneof(
  soup(PAGE, { pieces: 10, repeat: 20_000 }),
  wildJson(['url', 'data', 'getVideo', 'title', 'duration']).map(written),
);

function answering(text: string): HttpsClient {
  return { ask: () => Promise.resolve(text) } as unknown as HttpsClient;
}

/** What becomes of it is read again by the next stage. */
async function checkInfo({ title, chapters, durationSeconds }: VideoInfo): Promise<void> {
  assert.ok(durationSeconds === undefined || Number.isFinite(durationSeconds));
  const text = JSON.stringify({ ...artifact, title: oneLine(title), chapters });
  const folder = { readJson: () => Promise.resolve(JSON.parse(text) as unknown) } as unknown as WorkFolder;
  assert.ok(await readVideo(folder), `video.json cannot be read again: ${text.slice(0, 300)}`);
}

export const downloads: Target = {
  name: 'downloads',
  properties: [
    property(
      "yt-dlp's output is read whatever it says, in bounds",
      outputLines,
      async (lines) => {
        const infos: VideoInfo[] = [];
        const output = new YtDlpOutput({
          onInfo: (one) => void infos.push(one),
          onPercent: (percent) => assert.ok(percent >= 0 && percent <= 100, `${percent} %`),
        });
        bounded(() => lines.forEach((line) => output.line(line)));
        for (const one of infos) await checkInfo(one);
      },
      {
        examples: [
          [`${INFO_MARK}{"duration":1e999,"chapters":[]}`],
          [`${INFO_MARK}{"chapters":[{"start_time":1e999,"title":"x"}]}`],
          [`${INFO_MARK}{"chapters":[{"start_time":86401,"title":"x"}]}`],
          ['[download] -7% of 1MiB'],
          ['[download] '.repeat(90_000)],
        ],
      },
    ),
    property(
      "yt-dlp's errors have a reason of ours and one short line",
      fc.tuple(soup(WORDS, { repeat: 5000 }), anyText),
      ([stderr, how]) => {
        for (const kind of ['private', 'missing', 'found', 'unknown'] as const) {
          const error = bounded(() => ytDlpError(stderr, how, { kind }));
          assert.ok(error instanceof StageError && Object.hasOwn(REASONS, error.reason));
          if (stderr.includes('ERROR:'))
            assert.ok(!/[\p{Cc}\u202e]/u.test(error.message) && error.message.length <= 400);
        }
        for (const line of stderr.split('\n')) {
          const error = bounded(() => metadataError(line));
          assert.ok(error === undefined || (error.message.length <= 300 && line.startsWith('WARNING: ')));
        }
      },
    ),
    property(
      "Loom's kept answers lead to one of four verdicts",
      fc.array(fc.oneof(pages, wild.map(written)), { maxLength: 3 }),
      async (answers) => {
        const folder = mkdtempSync(join(tmpdir(), 'fuzz-'));
        try {
          for (const [index, text] of answers.entries())
            writeFileSync(join(folder, `${index}_graphql.dump`), text);
          const { kind } = await boundedAsync(() => readLoomVerdict(folder));
          assert.ok(['private', 'missing', 'found', 'unknown'].includes(kind));
        } finally {
          rmSync(folder, { recursive: true });
        }
      },
      { unitRuns: 40 },
    ),
    property('a link is one video of loom.com or refused, and is then as it stays', links, (text) => {
      let link;
      try {
        link = bounded(() => parseLoomUrl(text));
      } catch (error) {
        assert.ok(error instanceof StageError && error.reason === 'InvalidURL');
        assert.ok(error.message.length < 800 && !crdPattern.test(text), 'what the CRD takes is taken');
        return;
      }
      assert.match(link.url, /^https:\/\/www\.loom\.com\/share\/[0-9a-f]{32}$/);
      assert.ok(text.includes(link.id), 'the id is in it');
      assert.deepEqual(parseLoomUrl(link.url), link);
      assert.ok(crdPattern.test(link.url));
      assert.match(new URL(text).hostname, /^(www\.)?loom\.com$/);
    }),
    property(
      'media links lead to Loom, or nowhere',
      pages,
      async (text) => {
        const access = { client: answering(text), apiKey: undefined, password: undefined, signal };
        const link = { id: ID, url: `https://www.loom.com/share/${ID}` };
        for (const find of [sessionMediaUrl, cdnMediaUrl, openGraphMediaUrl])
          try {
            assert.ok(isLoomHost(await boundedAsync(() => find(link, access))));
          } catch (error) {
            if (!(error instanceof StageError)) throw error;
          }
        await checkInfo(await describe(link, access));
      },
      {
        examples: [
          '<meta '.repeat(200_000),
          '<meta property="og:video" '.repeat(20_000),
          '{"duration":1e999}',
        ],
      },
    ),
    property(
      'an authority is read in one way, and nothing inside passes for public',
      hosts,
      (text) => {
        const authority = bounded(() => parseAuthority(text, 443));
        if (!authority) return;
        assert.deepEqual(parseAuthority(formatAuthority(authority), 1), authority);
        assert.equal(authority.host, authority.host.toLowerCase());
        assert.ok(!/[\s/@%\\]/.test(authority.host));
        // What the URL standard calls an address is told as one.
        const url = URL.parse(`http://${text}/`);
        if (url && url.username === '' && url.pathname === '/')
          assert.equal(url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, ''), authority.host);
        try {
          refuseInside(authority, undefined);
          if (isIP(authority.host) !== 0) assert.ok(isPublicAddress(authority.host));
          assert.ok(
            [80, 443].includes(authority.port) &&
              authority.host.includes(isIP(authority.host) === 6 ? ':' : '.'),
          );
        } catch (error) {
          assert.ok(error instanceof RefusedDestination, String(error));
        }
      },
      { examples: ['..', 'localhost..', 'a..b', '127.0.0.1..'] },
    ),
    property(
      'a head is the same however it is cut, and is never long',
      fc.tuple(soup(HTTP, { repeat: 3000 }), fc.array(fc.nat(20_000), { maxLength: 5 })),
      ([text, cuts]) => {
        const bytes = Buffer.from(text, 'latin1');
        const collect = headCollector();
        const at = [...cuts, bytes.length].map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b);
        const end = bytes.indexOf('\r\n\r\n');
        let from = 0;
        try {
          for (const to of at) {
            const head = collect(bytes.subarray(from, to));
            from = to;
            if (!head) continue;
            assert.equal(head.text, bytes.toString('latin1', 0, end));
            assert.deepEqual(head.rest, bytes.subarray(end + 4, to));
            return;
          }
          assert.ok(end < 0 && bytes.length <= LONGEST_HEAD);
        } catch (error) {
          if (error instanceof assert.AssertionError) throw error;
          assert.ok(bytes.length > LONGEST_HEAD, String(error));
        }
      },
    ),
    property(
      'a request of a proxy is forwarded without smuggling, or not at all',
      soup(HTTP, { repeat: 50 }),
      (head) => {
        const request = bounded(() => parseProxyRequest(head));
        if (!request) return;
        const { plain, destination } = request;
        assert.ok(destination.port >= 1 && destination.port <= 65_535);
        for (const viaProxy of [false, true]) {
          const sent = plain?.(viaProxy);
          if (sent === undefined) continue;
          assert.ok(sent.endsWith('\r\n') && !sent.includes('\r\n\r\n'));
          const lines = sent.slice(0, -2).split('\r\n');
          for (const line of lines) assert.ok(!/[\r\n\0]/.test(line));
          for (const name of ['transfer-encoding', 'content-length', 'proxy-authorization', 'upgrade'])
            assert.ok(!lines.some((line) => line.toLowerCase().startsWith(`${name}:`)), name);
          assert.equal(lines.filter((line) => /^host:/i.test(line)).length, 1);
        }
      },
    ),
    property("a proxy's answer opens a tunnel, refuses it, or is none", soup(HTTP), async (text) => {
      const socket = new PassThrough() as unknown as Socket;
      const target = {
        socket,
        proxy: undefined,
        readInto: (sink: (bytes: Buffer) => boolean) => {
          sink(Buffer.from(text, 'latin1'));
          setImmediate(() => socket.emit('end'));
        },
      };
      try {
        const { ok, status } = await askForTunnel(target, { host: 'example.com', port: 443 }, '');
        assert.match(status, /^\d{3}/);
        assert.equal(ok, status.startsWith('2'));
      } catch (error) {
        if (error instanceof assert.AssertionError) throw error;
        assert.ok(error instanceof Error && error.message.length < 100);
      }
    }),
  ],
};
