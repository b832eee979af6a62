import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { systemClock } from '../../../common/clock.ts';
import { createLogger } from '../../../common/log.ts';
import { connect, type Connection } from '../../../controller/kubernetes/api/connect.ts';
import {
  startReflector,
  type ReconnectCause,
  type ReflectorOptions,
} from '../../../controller/kubernetes/cache/reflector.ts';
import type { Reflector } from '../../../controller/kubernetes/cache/store.ts';
import { startFakeApiserver, THINGS, type FakeApiserver, type Thing } from './fakeApiserver.ts';
import { keptLog } from './keptLog.ts';
import { json, statusAnswer } from './rawServer.ts';
import { until } from './until.ts';

let server: FakeApiserver;
let api: Connection;
let stop: AbortController;
let changes: string[];
let causes: ReconnectCause[];
let relists: number;

beforeEach(async () => {
  server = await startFakeApiserver();
  stop = new AbortController();
  changes = [];
  causes = [];
  relists = 0;
  api = await connect({
    source: {
      namespace: undefined,
      read: async () => ({ server: server.url, headers: {}, tls: {}, proxy: undefined, socks: undefined }),
    },
    userAgent: 'test',
    clock: systemClock,
    limits: { qps: Infinity, maxBytes: 200_000 },
  });
});

afterEach(async () => {
  stop.abort(new Error('the test is over'));
  await api.close();
  await server.close();
});

const { log, messages } = keptLog();

function start(options: Partial<ReflectorOptions<Thing>> = {}): Reflector<Thing> {
  return startReflector<Thing>({
    api,
    path: THINGS,
    indexes: { size: ({ spec: { size } }) => [String(size)] },
    strip: (thing) => thing,
    onChange: ({ key, before, after }) =>
      void changes.push(`${key}: ${before?.spec.size ?? '–'} → ${after?.spec.size ?? '–'}`),
    log,
    clock: systemClock,
    random: () => 0,
    signal: stop.signal,
    timings: { firstBackoffMs: 4, maxBackoffMs: 20 },
    observer: { reconnected: (cause) => void causes.push(cause), relisted: () => relists++ },
    ...options,
  });
}

/** A reflector that has its first list and watches. */
async function started(options: Partial<ReflectorOptions<Thing>> = {}): Promise<Reflector<Thing>> {
  const reflector = start(options);
  await reflector.synced;
  await until('watching', () => server.watching > 0);
  return reflector;
}

const names = ({ store }: Reflector<Thing>): string[] =>
  [...store.values()].map(({ metadata }) => metadata.name).sort();

const changed = async (...expected: string[]): Promise<void> => {
  await until(`changes ${expected.join(', ')}`, () => changes.length >= expected.length);
  assert.deepEqual(changes, expected);
};

describe('a reflector', () => {
  it('has all that is there when it is synced, then every change', async () => {
    server.put('a');
    const reflector = await started();
    assert.deepEqual(names(reflector), ['a']);
    server.put('b', 2);
    server.put('a', 3);
    server.remove('b');
    await changed('team/a: – → 1', 'team/b: – → 2', 'team/a: 1 → 3', 'team/b: 2 → –');
    assert.equal(reflector.store.get('team/a')?.spec.size, 3);
    assert.deepEqual(
      reflector.store.by('size', '3').map(({ metadata }) => metadata.name),
      ['a'],
    );
    assert.deepEqual(reflector.store.by('size', '1'), []);
  });

  it('asks for pages, bookmarks and an end, from where the list was', async () => {
    server.put('a');
    await started({ query: { labelSelector: 'app=x' } });
    assert.equal(server.lists()[0]?.query.toString(), 'labelSelector=app%3Dx&limit=500');
    assert.equal(
      server.watches()[0]?.query.toString(),
      'labelSelector=app%3Dx&resourceVersion=101&allowWatchBookmarks=true&timeoutSeconds=300&watch=true',
    );
  });

  it('lists in pages', async () => {
    for (let i = 0; i < 1201; i++) server.put(`thing-${i}`);
    const reflector = await started();
    assert.equal(reflector.store.size, 1201);
    assert.equal(server.lists().length, 3);
  });

  it('begins the list anew when its pages have expired', async () => {
    for (let i = 0; i < 501; i++) server.put(`thing-${i}`);
    server.onList((request, response) => {
      json(200, { metadata: { resourceVersion: '1', continue: '1:500' }, items: [] })(request, response);
      server.forget('status');
    });
    const reflector = await started();
    assert.equal(reflector.store.size, 501);
    assert.deepEqual(
      server.lists().map(({ query }) => query.get('continue')),
      [null, '1:500', null, '602:500'],
    );
  });

  it('asks for smaller pages when one is too large', async () => {
    const ballast = 'x'.repeat(1000);
    const big = Array.from({ length: 300 }, (_, i) => ({ ...server.put(`big-${i}`), ballast }));
    server.onList(json(200, { metadata: { resourceVersion: '400' }, items: big }));
    const reflector = await started();
    assert.equal(reflector.store.size, 300);
    assert.deepEqual(
      server.lists().map(({ query }) => query.get('limit')),
      ['500', '125', '125', '125'],
    );
  });

  it('keeps objects without managedFields, and as its caller strips them', async () => {
    const metadata = { name: 'a', namespace: 'team', resourceVersion: '101', managedFields: [{}] };
    server.onList(
      json(200, {
        metadata: { resourceVersion: '101' },
        items: [{ metadata, spec: { size: 1, ballast: 'x' } }],
      }),
    );
    const { store } = await started({
      strip: ({ metadata: kept, spec: { size } }) => ({ metadata: kept, spec: { size } }),
    });
    const { managedFields: _, ...rest } = metadata;
    assert.deepEqual(store.get('team/a'), { metadata: rest, spec: { size: 1 } });
  });

  it('notes when it last heard something', async () => {
    let now = new Date('2026-03-01T12:00:00Z');
    const reflector = await started({ clock: { now: () => now } });
    now = new Date('2026-03-01T12:01:00Z');
    server.bookmark();
    await until('bookmark heard', () => reflector.heardAt()?.getTime() === now.getTime());
  });

  it('goes on after an onChange that throws', async () => {
    const seen: string[] = [];
    await started({
      onChange: ({ key }) => {
        seen.push(key);
        if (key === 'team/a') throw new Error('cannot');
      },
    });
    server.put('a');
    server.put('b');
    await until('b', () => seen.includes('team/b'));
    assert.deepEqual(causes, []);
    assert.match(messages().join('\n'), /change of team\/a could not be passed on/);
  });

  it('ends with its signal, at once, and synced does not wait for ever', async () => {
    server.onList(() => undefined);
    const reflector = start();
    await until('listing', () => server.lists().length === 1);
    stop.abort(new Error('enough'));
    await assert.rejects(reflector.synced, /enough/);
    await reflector.ended;
  });

  it('ends a watch with its signal', async () => {
    const reflector = await started();
    stop.abort(new Error('enough'));
    await reflector.ended;
    await until('closed', () => server.watching === 0);
  });
});

describe('events', () => {
  it('that come twice or late are no changes', async () => {
    await started();
    const old = server.put('a', 1);
    const now = server.put('a', 2);
    server.send(`${JSON.stringify({ type: 'MODIFIED', object: now })}\n`);
    server.send(`${JSON.stringify({ type: 'MODIFIED', object: old })}\n`);
    server.send(`${JSON.stringify({ type: 'DELETED', object: old })}\n`);
    server.put('b');
    await changed('team/a: – → 1', 'team/a: 1 → 2', 'team/b: – → 1');
  });

  it('never set back the revision to go on from', async () => {
    await started();
    const old = server.put('a', 1);
    server.put('a', 2);
    server.send(`${JSON.stringify({ type: 'MODIFIED', object: old })}\n`);
    server.endWatches();
    await until('watched again', () => server.watches().length === 2);
    assert.equal(server.watches()[1]?.query.get('resourceVersion'), '102');
  });

  it('of an object that replaced another of its name are an end and a beginning', async () => {
    await started();
    server.put('a', 1, { uid: 'first' });
    server.put('a', 2, { uid: 'second' });
    await changed('team/a: – → 1', 'team/a: 1 → –', 'team/a: – → 2');
  });
});

describe('a watch that ends', () => {
  it('in time is begun again from the last event', async () => {
    await started();
    server.put('a');
    server.bookmark();
    await changed('team/a: – → 1');
    server.endWatches();
    server.put('b');
    await changed('team/a: – → 1', 'team/b: – → 1');
    assert.equal(server.watches()[1]?.query.get('resourceVersion'), '101');
    assert.deepEqual([causes, relists], [['ended'], 1]);
  });

  it('by a cut brings what happened meanwhile', async () => {
    server.put('a');
    await started();
    server.cutWatches();
    server.put('b');
    server.remove('a');
    await changed('team/a: – → 1', 'team/b: – → 1', 'team/a: 1 → –');
    assert.deepEqual([causes, relists], [['cut'], 1]);
  });

  it('by going silent is given up, and begun again at once', async () => {
    await started({ timings: { silenceMs: 60, firstBackoffMs: 60_000 } });
    server.silenceWatches();
    server.put('a');
    await changed('team/a: – → 1');
    assert.deepEqual([causes, relists], [['silent'], 1]);
  });

  it('is not taken for silent while bookmarks come', async () => {
    await started({ timings: { silenceMs: 120 } });
    for (let i = 0; i < 6; i++) {
      server.bookmark();
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
    assert.deepEqual(causes, []);
  });

  for (const how of ['status', 'event'] as const)
    it(`because its revision was forgotten, said by ${how}, lists again at once and tells what vanished`, async () => {
      for (const name of ['a', 'b', 'c']) server.put(name);
      const said: string[] = [];
      const write = (line: string): void => void said.push(line);
      await started({ log: createLogger({ level: 'debug', format: 'json', write }) });
      changes = [];
      server.silenceWatches();
      server.remove('a');
      server.put('b', 2);
      server.put('d');
      server.forget(how);
      server.cutWatches();
      await changed('team/a: 1 → –', 'team/b: 1 → 2', 'team/d: – → 1');
      assert.deepEqual([causes, relists], [['cut', 'expired'], 2]);
      assert.match(said.join(''), /"cause":"expired","failures":2,"waitMs":0/);
    });

  for (const [what, text, says] of [
    ['a line that is no JSON', 'garbage\n', /no event/],
    ['an event of an unknown type', '{"type":"NEWS","object":{"metadata":{}}}\n', /no event/],
    ['an object without a name', '{"type":"ADDED","object":{"metadata":{}}}\n', /no event/],
    ['a line without an end', 'x'.repeat(9_000_000), /more than 8388608 characters/],
    [
      'an error',
      '{"type":"ERROR","object":{"code":500,"reason":"InternalError","message":"oh"}}\n',
      /broke: oh/,
    ],
  ] as const)
    it(`by ${what} is begun again`, async () => {
      await started();
      server.send(text);
      await until('begun again', () => server.watches().length === 2 && server.watching === 1);
      server.put('a');
      await changed('team/a: – → 1');
      assert.equal(relists, 1);
      assert.match(messages().join('\n'), says);
    });

  it('by a refusal is tried again, with waits that grow to a limit', async () => {
    for (let i = 0; i < 6; i++) server.onWatch(statusAnswer(403, 'Forbidden'));
    const before = performance.now();
    await started();
    assert.deepEqual(
      causes,
      Array.from({ length: 6 }, () => 'error'),
    );
    // Half of 4 + 8 + 16 + 20 + 20 + 20, as `random` is 0.
    assert.ok(performance.now() - before >= 44);
  });

  it('as soon as it began, without a word, is a failure: it is not begun again without pause', async () => {
    for (let i = 0; i < 3; i++) server.onWatch((_request, response) => response.writeHead(200).end());
    await started();
    assert.deepEqual(causes, ['cut', 'cut', 'cut']);
  });
});

describe('a list that fails', () => {
  for (const [what, handler] of [
    ['is refused', statusAnswer(500, 'InternalError')],
    ['is cut', (_request: unknown, response: { destroy(): void }) => response.destroy()],
    ['is no list', json(200, { kind: 'Status' })],
  ] as const)
    it(`because it ${what} is tried again`, async () => {
      server.put('a');
      server.onList(handler);
      assert.deepEqual(names(await started()), ['a']);
    });
});
