import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LoomVideoStatus } from '../../../../crds/generated/loomvideo.ts';
import { FINALIZER } from '../../../../controller/reconcile/names.ts';
import { URL_A, URL_B } from '../resourceWorld.ts';
import { HEX, programWorld, type Answer } from './programWorld.ts';

const names = ({ body }: Answer): string[] => body.items.map(({ name }: { name: string }) => name);

/** A failure as the reconcile core writes it. */
function failure(phase: 'Failed' | 'Retrying', reason: string, message = 'It broke.'): LoomVideoStatus {
  return {
    phase,
    stage: 'fetch',
    attempts: 3,
    lastError: { stage: 'fetch', reason, message, retryable: phase === 'Retrying' },
    conditions: [
      {
        type: 'Ready',
        status: 'False',
        reason,
        message: `${message} And more.`,
        lastTransitionTime: '2026-11-24T07:00:00Z',
      },
    ],
  };
}

describe('GET /api/videos', () => {
  it('tells the newest first, with how many there are and the version to follow events from', async (t) => {
    const { call, declare, clock, videos } = await programWorld(t);
    for (const name of ['first', 'second', 'third']) {
      declare(name);
      clock.pass(1000);
    }
    const answer = await call('GET', '/api/videos');
    assert.equal(answer.code, 200);
    assert.deepEqual(names(answer), ['third', 'second', 'first']);
    assert.equal(answer.body.total, 3);
    assert.equal(answer.body.resourceVersion, String(videos.version));
    assert.equal(answer.body.continue, undefined);
    assert.equal(answer.headers['cache-control'], 'no-store');
  });

  it('goes on where a page ended while videos come and go', async (t) => {
    const { call, declare, clock, videos } = await programWorld(t);
    for (let number = 0; number < 10; number++) {
      declare(`v${number}`);
      clock.pass(1000);
    }
    const first = await call('GET', '/api/videos?limit=4');
    assert.deepEqual(names(first), ['v9', 'v8', 'v7', 'v6']);
    declare('newer');
    // The very one the page ended with, one before it and one after it.
    for (const name of ['v6', 'v8', 'v5']) videos.delete({ namespace: 'default', name });
    const second = await call('GET', `/api/videos?limit=4&continue=${first.body.continue}`);
    assert.deepEqual(names(second), ['v4', 'v3', 'v2', 'v1']);
    assert.equal(second.body.total, 8);
    const last = await call('GET', `/api/videos?limit=4&continue=${second.body.continue}`);
    assert.deepEqual(names(last), ['v0']);
    assert.equal(last.body.continue, undefined);
  });

  it('has each of one second once, over all pages', async (t) => {
    const { call, declare } = await programWorld(t);
    const all = Array.from({ length: 23 }, (_, number) => declare(`v${number}`).metadata.name);
    const seen: string[] = [];
    let next = '';
    do {
      const page = await call('GET', `/api/videos?limit=5${next}`);
      seen.push(...names(page));
      next = page.body.continue === undefined ? '' : `&continue=${page.body.continue}`;
    } while (next !== '');
    assert.deepEqual(seen.toSorted(), all.toSorted());
  });

  it('filters by phase and namespace as they are now', async (t) => {
    const { call, declare, videos } = await programWorld(t);
    declare('waiting');
    declare('done', { phase: 'Ready' });
    const { metadata } = declare('broken', failure('Failed', 'VideoPrivate'));
    videos.create('team-a', { ...manifestOf('other') });
    assert.deepEqual(names(await call('GET', '/api/videos?phase=Failed')), ['broken']);
    assert.deepEqual(names(await call('GET', '/api/videos?phase=Pending&namespace=default')), ['waiting']);
    assert.deepEqual(names(await call('GET', '/api/videos?namespace=team-a')), ['other']);
    videos.setStatus(metadata, metadata.uid, { phase: 'Ready' });
    const ready = await call('GET', '/api/videos?phase=Ready&limit=1');
    assert.equal(ready.body.total, 2);
    assert.deepEqual(names(await call('GET', '/api/videos?phase=Failed')), []);
  });

  const refused: [query: string, field: string][] = [
    ['limit=0', 'query.limit'],
    ['limit=201', 'query.limit'],
    ['limit=ten', 'query.limit'],
    ['namespace=..%2f', 'query.namespace'],
    [`namespace=${'a'.repeat(64)}`, 'query.namespace'],
    [`phase=${'x'.repeat(41)}`, 'query.phase'],
    ['continue=nonsense', 'query.continue'],
    [`continue=${Buffer.from('{"createdAt":1}').toString('base64url')}`, 'query.continue'],
  ];
  it('refuses what is out of bounds, naming it', async (t) => {
    const { call } = await programWorld(t);
    for (const [query, field] of refused) {
      const { code, body, headers } = await call('GET', `/api/videos?${query}`);
      assert.equal(code, 400, query);
      assert.equal(headers['content-type'], 'application/problem+json');
      assert.equal(body.field, field);
      assert.equal(body.status, 400);
      assert.ok(body.detail.startsWith(`${field} `), body.detail);
    }
  });
});

function manifestOf(name: string): { apiVersion: string; kind: string; metadata: object; spec: object } {
  return {
    apiVersion: 'qudemo.dev/v1alpha1',
    kind: 'LoomVideo',
    metadata: { name },
    spec: { url: URL_B },
  };
}

describe('a summary', () => {
  it('shows a video that is done', async (t) => {
    const { call, declare } = await programWorld(t);
    const { metadata } = declare('done', {
      phase: 'Ready',
      stage: 'index',
      attempts: 1,
      conditions: [
        {
          type: 'Ready',
          status: 'True',
          reason: 'Completed',
          message: 'The video is searchable.',
          lastTransitionTime: '2026-11-24T07:00:00Z',
        },
      ],
      video: { title: '<img src=x onerror=alert(1)>', durationSeconds: 61.5 },
      transcript: { language: 'en' },
      index: { passages: 9 },
      memory: { peakMb: 301, limitMb: 400 },
      startedAt: '2026-11-24T07:00:01Z',
      finishedAt: '2026-11-24T07:00:30Z',
    });
    assert.deepEqual((await call('GET', '/api/videos')).body.items, [
      {
        namespace: 'default',
        name: 'done',
        uid: metadata.uid,
        resourceVersion: metadata.resourceVersion,
        url: URL_A,
        title: '<img src=x onerror=alert(1)>',
        phase: 'Ready',
        stage: 'index',
        reason: 'Completed',
        message: 'The video is searchable.',
        durationSeconds: 61.5,
        language: 'en',
        attempts: 1,
        createdAt: '2026-11-24T07:00:00Z',
        startedAt: '2026-11-24T07:00:01Z',
        finishedAt: '2026-11-24T07:00:30Z',
        deleting: false,
        peakMb: 301,
        limitMb: 400,
        passages: 9,
      },
    ]);
  });

  const failures: [title: string, status: LoomVideoStatus, advice: RegExp | undefined][] = [
    ['a permanent failure', failure('Failed', 'VideoPrivate'), /^Share the video/],
    ['one that passes', failure('Retrying', 'LoomUnavailable'), /it is tried again/],
    ['one that was given up', failure('Failed', 'LoomUnavailable'), /not tried any more.*retry it later/],
    ['one with a setting, given up', failure('Failed', 'DownloadTimeout'), /^Retry it; .*downloadTimeout/],
    ['one that nobody has advice for', failure('Failed', 'JobDeleted'), undefined],
  ];
  for (const [title, status, advice] of failures)
    it(`says what to do about ${title}`, async (t) => {
      const { call, declare } = await programWorld(t);
      declare('broken', status);
      const { body } = await call('GET', '/api/videos/default/broken');
      assert.equal(body.reason, status.lastError?.reason);
      assert.equal(body.message, 'It broke. And more.');
      assert.equal(body.retryable, status.phase === 'Retrying');
      if (advice) assert.match(body.advice, advice);
      else assert.equal(body.advice, undefined);
    });

  it('leaves an old failure out once the video runs again', async (t) => {
    const { call, declare } = await programWorld(t);
    declare('again', { ...failure('Failed', 'VideoPrivate'), phase: 'Running' });
    const { body } = await call('GET', '/api/videos/default/again');
    assert.equal(body.advice, undefined);
    assert.equal(body.retryable, undefined);
  });

  it('has the progress while there is some', async (t) => {
    const { call, declare, board } = await programWorld(t);
    declare('one', { phase: 'Running' });
    const key = { namespace: 'default', name: 'one' };
    board.stage(key, { stage: 'transcribe', percent: 40, detail: '0:40 of 1:40' }, 400);
    assert.deepEqual((await call('GET', '/api/videos')).body.items[0].progress, {
      stage: 'transcribe',
      percent: 40,
      detail: '0:40 of 1:40',
      memoryMb: 0,
      limitMb: 400,
    });
    board.clear(key);
    assert.equal((await call('GET', '/api/videos')).body.items[0].progress, undefined);
  });
});

describe('POST /api/videos', () => {
  it('says of each link what became of it, in order, whatever its form', async (t) => {
    const { call, videos } = await programWorld(t);
    const id = 'a'.repeat(32);
    const links = [
      `https://www.loom.com/share/How-to-invite-${HEX}?sid=1#x`,
      `  https://loom.com/embed/${HEX}  `,
      'https://www.loom.com/share/nonsense',
      `https://evil.example/share/${HEX}`,
      `https://www.loom.com/share/${id}`,
      'javascript:alert(1)',
      '',
    ];
    const { code, body } = await call('POST', '/api/videos', { links });
    assert.equal(code, 200);
    assert.deepEqual(
      body.results.map(({ link, outcome, name }: Record<string, string>) => [link, outcome, name]),
      [
        [links[0], 'created', `loom-${HEX}`],
        [links[1], 'exists', `loom-${HEX}`],
        [links[2], 'invalid', undefined],
        [links[3], 'invalid', undefined],
        [links[4], 'created', `loom-${id}`],
        [links[5], 'invalid', undefined],
        [links[6], 'invalid', undefined],
      ],
    );
    assert.match(body.results[2].message, /Not the share or embed link/);
    const made = videos.get({ namespace: 'default', name: `loom-${HEX}` });
    assert.equal(made?.spec.url, URL_A);
    assert.equal(made?.spec.maxAttempts, 3);
    assert.equal(videos.list().items.length, 2);
  });

  it('puts them into the namespace that is named', async (t) => {
    const { call, videos } = await programWorld(t);
    const { body } = await call('POST', '/api/videos', { links: [URL_A], namespace: 'team-a' });
    assert.equal(body.results[0].namespace, 'team-a');
    assert.deepEqual(videos.namespaces(), ['team-a']);
  });

  it('says of one that is being deleted that it is', async (t) => {
    const { call, declare, videos } = await programWorld(t);
    declare(`loom-${HEX}`, undefined, { finalizers: [FINALIZER] });
    videos.delete({ namespace: 'default', name: `loom-${HEX}` });
    const { body } = await call('POST', '/api/videos', { links: [URL_A] });
    assert.equal(body.results[0].outcome, 'exists');
    assert.match(body.results[0].message, /being deleted/);
  });

  const bodies: [title: string, body: unknown, field: string][] = [
    ['nothing', undefined, 'body'],
    ['no links', {}, 'body.links'],
    ['an empty list', { links: [] }, 'body.links'],
    ['more than a hundred', { links: Array.from({ length: 101 }, () => URL_A) }, 'body.links'],
    ['one that is no list', { links: URL_A }, 'body.links'],
    ['one that is no text', { links: [URL_A, 7] }, 'body.links.1'],
    ['a field that is not known', { links: [URL_A], link: URL_A }, 'body.link'],
    ['a namespace that cannot be', { links: [URL_A], namespace: 'No' }, 'body.namespace'],
    ['a list', [URL_A], 'body'],
  ];
  it('refuses a body of another form, naming the field', async (t) => {
    const { call, videos } = await programWorld(t);
    for (const [title, given, field] of bodies) {
      const { code, body } = await call('POST', '/api/videos', given, { 'content-type': 'application/json' });
      assert.equal(code, 400, title);
      assert.equal(body.field, field, title);
      assert.equal(body.reason, 'Invalid');
    }
    assert.equal(videos.list().items.length, 0);
  });

  const raw: [title: string, payload: string | Buffer, headers: Record<string, string>, code: number][] = [
    ['broken JSON', '{"links":', { 'content-type': 'application/json' }, 400],
    ['a poisoned prototype', '{"__proto__":{},"links":["x"]}', { 'content-type': 'application/json' }, 400],
    ['a form', `links=${URL_A}`, { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['plain text', URL_A, { 'content-type': 'text/plain' }, 415],
    ['YAML', 'links: []', { 'content-type': 'application/yaml' }, 415],
    [
      'a compressed body',
      Buffer.from([0x1f, 0x8b]),
      { 'content-type': 'application/json', 'content-encoding': 'gzip' },
      415,
    ],
    [
      'one of more than 64 KiB',
      JSON.stringify({ links: ['x'.repeat(65 * 1024)] }),
      { 'content-type': 'application/json' },
      413,
    ],
  ];
  it('refuses what it cannot read', async (t) => {
    const { call } = await programWorld(t);
    for (const [title, payload, headers, code] of raw) {
      const answer = await call('POST', '/api/videos', payload, headers);
      assert.equal(answer.code, code, `${title}: ${answer.text}`);
      assert.equal(answer.body.status, code);
      assert.doesNotMatch(answer.text, /node_modules|at .*\.ts|FST_/);
    }
  });
});

describe('one video', () => {
  it('has its conditions, timings and past runs', async (t) => {
    const { call, declare, runs } = await programWorld(t);
    const condition = {
      type: 'Downloaded',
      status: 'True' as const,
      reason: 'Completed',
      message: 'done',
      lastTransitionTime: '2026-11-24T07:00:00Z',
    };
    const { metadata } = declare('one', {
      phase: 'Ready',
      conditions: [condition],
      timings: { fetchSeconds: 3.5 },
    });
    const run = {
      run: 1,
      attempt: 1,
      startedAt: '2026-11-24T07:00:00.000Z',
      finishedAt: '2026-11-24T07:00:09.000Z',
      outcome: 'Succeeded' as const,
      interruptions: 1,
      stages: [
        {
          stage: 'fetch' as const,
          outcome: 'Succeeded' as const,
          reason: 'Completed',
          startedAt: '2026-11-24T07:00:00.000Z',
          finishedAt: '2026-11-24T07:00:03.500Z',
          peakMb: 180,
          limitMb: 400,
        },
      ],
    };
    runs.set(metadata.uid, [run]);
    const { body } = await call('GET', '/api/videos/default/one');
    assert.deepEqual(body.conditions, [condition]);
    assert.deepEqual(body.timings, { fetchSeconds: 3.5 });
    assert.deepEqual(body.runs, [run]);
    assert.deepEqual(body.chapters, []);
  });

  it('has the chapters of what is stored, and none of another that had its name', async (t) => {
    const { call, declare, store } = await programWorld(t);
    declare('one', { phase: 'Ready', index: { passages: 3 } });
    const passages = [
      { index: 0, start: 0, end: 9, text: 'hello', chapter: 'Hello' },
      { index: 1, start: 10, end: 19, text: 'more', chapter: 'Hello' },
      { index: 2, start: 20, end: 29, text: 'bye', chapter: 'Good bye' },
    ];
    await store('one', [], { passages });
    assert.deepEqual((await call('GET', '/api/videos/default/one')).body.chapters, [
      { start: 0, title: 'Hello' },
      { start: 20, title: 'Good bye' },
    ]);
    await store('one', [], { passages, owner: { key: 'render.default.one', uid: 'another' } });
    assert.deepEqual((await call('GET', '/api/videos/default/one')).body.chapters, []);
  });

  const nowhere = [
    '/api/videos/default/none',
    '/api/videos/None/none',
    `/api/videos/default/${'n'.repeat(253)}`,
    '/api/videos/default/%2e%2e%2f',
    '/api/videos/default/%00',
    "/api/videos/default/'%20OR%201=1",
    '/api/videos/__proto__/constructor',
  ];
  it('is not found where there is none, whatever is asked for', async (t) => {
    const { call } = await programWorld(t);
    for (const path of nowhere)
      for (const [method, suffix] of [
        ['GET', ''],
        ['DELETE', ''],
        ['POST', '/retry'],
      ] as const) {
        const { code, body } = await call(method, path + suffix);
        assert.equal(code, 404, `${method} ${path}${suffix}`);
        assert.equal(body.reason, 'NotFound');
      }
  });

  it('is deleted, and told once more', async (t) => {
    const { call, declare, videos } = await programWorld(t);
    declare('one', { phase: 'Ready' }, { finalizers: [FINALIZER] });
    for (const again of [false, true]) {
      const { code, body } = await call('DELETE', '/api/videos/default/one');
      assert.equal(code, 202, String(again));
      assert.equal(body.deleting, true);
    }
    assert.ok(videos.get({ namespace: 'default', name: 'one' })?.metadata.deletionTimestamp);
    assert.equal((await call('POST', '/api/videos/default/one/retry')).code, 409);
  });
});

describe('POST …/retry', () => {
  it('sets the annotation by which a failed video starts afresh, anew each time', async (t) => {
    const { call, declare, videos, clock } = await programWorld(t);
    declare('one', failure('Failed', 'VideoPrivate'), { annotations: { mine: 'stays' } });
    const annotations = () => videos.get({ namespace: 'default', name: 'one' })?.metadata.annotations;
    assert.equal((await call('POST', '/api/videos/default/one/retry')).code, 202);
    const first = annotations();
    assert.equal(first?.['mine'], 'stays');
    assert.ok(first['qudemo.dev/retry']);
    clock.pass(1);
    // With a type and without a body, as some clients send it.
    const again = await call('POST', '/api/videos/default/one/retry', '', {
      'content-type': 'application/json',
    });
    assert.equal(again.code, 202);
    assert.notEqual(annotations()?.['qudemo.dev/retry'], first['qudemo.dev/retry']);
  });

  for (const phase of ['Pending', 'Queued', 'Running', 'Retrying', 'Ready', 'Suspended'])
    it(`is a conflict while the video is ${phase}`, async (t) => {
      const { call, declare, videos } = await programWorld(t);
      declare('one', { phase });
      const { code, body } = await call('POST', '/api/videos/default/one/retry');
      assert.equal(code, 409);
      assert.equal(body.reason, 'Conflict');
      assert.equal(videos.get({ namespace: 'default', name: 'one' })?.metadata.annotations, undefined);
    });
});

describe('what is not there', () => {
  const wrong: [method: 'PUT' | 'PATCH' | 'POST' | 'DELETE', path: string, allow: string][] = [
    ['PUT', '/api/videos', 'GET, HEAD, POST'],
    ['PATCH', '/api/videos/default/one', 'GET, HEAD, DELETE'],
    ['POST', '/api/search', 'GET, HEAD'],
    ['DELETE', '/api/events', 'GET'],
    ['DELETE', '/api/videos/default/one/transcript.json', 'GET, HEAD'],
  ];
  for (const [method, path, allow] of wrong)
    it(`${method} ${path}: 405 with what is allowed`, async (t) => {
      const { call } = await programWorld(t);
      const { code, headers, body } = await call(method, path);
      assert.equal(code, 405);
      assert.equal(headers['allow'], allow);
      assert.equal(body.reason, 'MethodNotAllowed');
    });

  for (const path of [
    '/api/nothing',
    '/api/videos/default',
    '/api/videos/default/one/transcript.pdf',
    '/api/videos/',
  ])
    it(`GET ${path}: 404`, async (t) => {
      const { call } = await programWorld(t);
      const { code, headers } = await call('GET', path);
      assert.equal(code, 404);
      assert.equal(headers['content-type'], 'application/problem+json');
    });

  it('says nothing of what broke inside', async (t) => {
    const { call, declare } = await programWorld(t, {
      runsOf: () => {
        throw new Error('secret at /root/file.ts');
      },
    });
    declare('one');
    const { code, text } = await call('GET', '/api/videos/default/one');
    assert.equal(code, 500);
    assert.doesNotMatch(text, /secret|root/);
  });
});
