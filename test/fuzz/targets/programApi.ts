import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { boundedAsync } from '../bounded.ts';
import { inWorld } from '../inWorld.ts';
import { serverWorld } from '../serverWorld.ts';
import { property, type Target } from '../property.ts';
import { wildJson } from '../texts/json.ts';
import { anyText, soup } from '../texts/soup.ts';

const LINK = 'https://www.loom.com/share/0123456789abcdef0123456789abcdef';
const names = fc.constantFrom(
  'a',
  'b',
  'gone',
  'x'.repeat(300),
  '%00',
  '%',
  '..',
  '__proto__',
  '%F0%9F%98%80',
  'A',
);
const path = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      '/api/videos',
      '/api/search',
      '/api/search',
      '/api/openapi.json',
      '/metrics',
      '/api/events/',
      '/api',
    ),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(
        fc.constantFrom('default', 'default', 'other', '%'),
        names,
        fc.constantFrom(
          '',
          '',
          '/retry',
          '/transcript.json',
          '/transcript.vtt',
          '/transcript.srt',
          '/transcript.txt',
          '/x',
        ),
      )
      .map(([space, name, rest]) => `/api/videos/${space}/${name}${rest}`),
  },
  {
    weight: 1,
    arbitrary: soup(['/', 'api', 'videos', 'default', 'a', '%2f', '.', '%', ';', '*']).map(
      (text) => `/api/${text}`,
    ),
  },
);
const QUERY = [
  'q=',
  'invite',
  'the ',
  '"',
  '*',
  'limit=',
  '1',
  '0',
  '101',
  '1e9',
  'x',
  'namespace=',
  'default',
  'wait=',
  'true',
  'maybe',
  'continue=',
  'eyJjcmVhdGVkQXQiOiJ4IiwidWlkIjoieSJ9',
  'phase=',
  'Ready',
  'text=',
  'inline',
  '&',
  '&',
  '&',
  '=',
  '%',
  '%00',
  '+',
  '__proto__[a]=b',
  'sort=',
  'q[]=1',
];
const query = fc.oneof(
  { weight: 1, arbitrary: fc.constant('') },
  {
    weight: 3,
    arbitrary: soup(QUERY, { pieces: 8, repeat: 300 }).map((text) => `?${encodeURI(text.toWellFormed())}`),
  },
  { weight: 2, arbitrary: anyText.map((text) => `?q=${encodeURIComponent(text.toWellFormed())}`) },
);
const body = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .record(
        {
          links: fc.array(fc.oneof(fc.constant(LINK), anyText, wildJson()), { maxLength: 4 }),
          namespace: fc.oneof(fc.constant('default'), wildJson()),
        },
        { requiredKeys: ['links'] },
      )
      .map((value) => JSON.stringify(value)),
  },
  {
    weight: 1,
    arbitrary: fc
      .array(soup([LINK, ' ', '\n', ',', '"', 'https://']), { maxLength: 3 })
      .map((links) => JSON.stringify({ links })),
  },
  { weight: 1, arbitrary: wildJson(['links', 'namespace']).map((value) => JSON.stringify(value) ?? '') },
  { weight: 1, arbitrary: anyText },
  { weight: 1, arbitrary: soup(['[', '{"links":', '"', '}', ']', '1'], { repeat: 50_000, pieces: 5 }) },
  { weight: 1, arbitrary: fc.constant('') },
);
const requests = fc.record({
  method: fc.constantFrom(
    'GET' as const,
    'GET' as const,
    'GET' as const,
    'POST' as const,
    'POST' as const,
    'DELETE' as const,
    'HEAD' as const,
    'PUT' as const,
    'PATCH' as const,
  ),
  path,
  query,
  body,
  headers: fc.record(
    {
      'content-type': fc.constantFrom(
        'application/json',
        'application/json',
        'application/json',
        'text/plain',
        'application/x-www-form-urlencoded',
        'a',
        ';',
      ),
      accept: fc.constantFrom('*/*', 'text/html', ';;'),
      'content-encoding': fc.constantFrom('identity', 'gzip', 'x'),
      'last-event-id': fc.constantFrom('', 'x', '1'),
    },
    { requiredKeys: ['content-type'] },
  ),
});

/** What is stored of the one video: words of a stranger, with all that could break a format. */
const spoken = ['Invite a colleague <b>now</b>.', '"quoted" --> \u{F0A51}', '😀 & more', 'a\0b'];

export const programApi: Target = {
  name: 'program-api',
  properties: [
    property(
      'every answer is what was asked for or a problem, in time',
      fc.array(requests, { minLength: 1, maxLength: 12 }),
      (all) =>
        inWorld(serverWorld, async (world) => {
          world.declare('a', { phase: 'Ready', index: { passages: spoken.length } });
          world.declare('b');
          await world.store('a', spoken, { title: 'A "title"\r\n/../\u202e😀' });
          for (const { method, path: to, query: asked, body: sent, headers } of all) {
            // The stream of events does not end by itself; it has tests of its own.
            if (/^\/api\/events\/?$/.test(decodeURISafely(to))) continue;
            const hasBody = method !== 'GET' && method !== 'HEAD';
            const {
              statusCode: code,
              headers: given,
              body: text,
            } = await boundedAsync(() =>
              world.app.inject({
                method,
                url: to + asked,
                headers: hasBody ? headers : {},
                ...(hasBody && { payload: sent }),
              }),
            );
            const shown = `${method} ${to}${asked}: ${code} ${text.slice(0, 300)}`;
            assert.ok(code < 500, shown);
            if (code < 400 || method === 'HEAD') continue;
            // Of paths that nobody knows, some are Kubernetes' to refuse.
            const isOurs = /^\/(api\/(videos|search|openapi)|metrics)/.test(to);
            if (!isOurs && text.startsWith('{"kind":"Status"')) continue;
            assert.match(String(given['content-type']), /^application\/problem\+json/, shown);
            const problem = JSON.parse(text) as Record<string, unknown>;
            assert.equal(problem['status'], code, shown);
            for (const field of ['title', 'detail', 'reason'])
              assert.ok(typeof problem[field] === 'string' && problem[field] !== '', shown);
            assert.ok(text.length < 3000, 'short, whatever was sent');
          }
        }),
      { unitRuns: 15 },
    ),
  ],
};

function decodeURISafely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
