import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { fastify } from 'fastify';
import { EventHub, type EventHubOptions } from '../../../../controller/render/program/events/eventHub.ts';
import { serveEvents } from '../../../../controller/render/program/events/eventRoute.ts';
import { sendProblem, toProblem } from '../../../../controller/render/program/problem.ts';
import { SHAPES } from '../../../../controller/render/program/schemas.ts';
import { ProgressBoard } from '../../../../controller/render/runtime/progress.ts';
import { manifest, resourceWorld } from '../resourceWorld.ts';
import { followEvents, type EventClient } from './eventClient.ts';
import { programWorld } from './programWorld.ts';

const ONE = { namespace: 'default', name: 'one' };

async function following(
  t: { after(work: () => unknown): void },
  query = '',
  headers: Record<string, string> = {},
) {
  const world = await programWorld(t);
  const url = `${await world.listen()}/api/events`;
  const client = await followEvents(url + query, headers);
  t.after(() => client.stop());
  return { ...world, url, client };
}

/** The hub by itself, where it is to be other than usual. */
async function hubWorld(t: { after(work: () => unknown): void }, options: Partial<EventHubOptions> = {}) {
  const { bounds, ...more } = { bounds: {}, ...options };
  const world = resourceWorld(t, { bounds });
  const hub = new EventHub({ videos: world.videos, board: new ProgressBoard(), ...more });
  const app = fastify();
  for (const [name, shape] of Object.entries(SHAPES)) app.addSchema({ $id: name, ...shape });
  app.setErrorHandler((error, _request, reply) => sendProblem(reply, toProblem(error)));
  app.addHook('preClose', (closed) => {
    hub.close();
    closed();
  });
  serveEvents(app, hub);
  t.after(() => app.close());
  const base = await app.listen({ port: 0, host: '127.0.0.1' });
  const follow = async (query = '', headers: Record<string, string> = {}): Promise<EventClient> => {
    const client = await followEvents(`${base}/api/events${query}`, headers);
    t.after(() => client.stop());
    return client;
  };
  return { ...world, app, hub, base, follow };
}

describe('GET /api/events', () => {
  it('tells of each change with the whole summary, and of a deletion', async (t) => {
    const { client, declare, videos } = await following(t);
    assert.equal(client.response.headers.get('content-type'), 'text/event-stream; charset=utf-8');
    assert.match(client.response.headers.get('cache-control') ?? '', /no-store/);
    const { metadata } = declare('one', { phase: 'Ready', video: { title: 'line\nbreak\u2028' } });
    const made = await client.next();
    assert.equal(made.event, 'video');
    assert.equal(made.data.phase, 'Pending');
    assert.equal(made.id, made.data.resourceVersion);
    const ready = await client.next();
    assert.deepEqual([ready.data.phase, ready.data.title], ['Ready', 'line\nbreak\u2028']);
    videos.delete(ONE);
    const gone = await client.next();
    assert.equal(gone.event, 'deleted');
    assert.deepEqual(gone.data, { ...ONE, uid: metadata.uid });
    assert.equal(gone.id, String(videos.version));
  });

  it('begins with now, and with ?after= where a list ended', async (t) => {
    const { client, declare, url, call } = await following(t);
    const { body } = await call('GET', '/api/videos');
    declare('one');
    declare('two');
    const late = await followEvents(url);
    const after = await followEvents(`${url}?after=${body.resourceVersion}`);
    declare('three');
    assert.deepEqual((await client.next()).data.name, 'one');
    assert.deepEqual((await late.next()).data.name, 'three');
    for (const name of ['one', 'two', 'three']) assert.equal((await after.next()).data.name, name);
    late.stop();
    after.stop();
  });

  it('goes on after Last-Event-ID, which counts more than ?after=', async (t) => {
    const { client, declare, url, videos } = await following(t);
    declare('one');
    const { id } = await client.next();
    client.stop();
    declare('two');
    videos.delete(ONE);
    const again = await followEvents(`${url}?after=1`, { 'last-event-id': id });
    assert.equal((await again.next()).data.name, 'two');
    assert.equal((await again.next()).event, 'deleted');
    again.stop();
  });

  it('tells of one namespace where that is asked for', async (t) => {
    const { client, declare, videos, board } = await following(t, '?namespace=team-a');
    declare('one');
    board.stage(ONE, { stage: 'fetch' }, 400);
    videos.create('team-a', manifest('two'));
    assert.equal((await client.next()).data.name, 'two');
    board.stage({ namespace: 'team-a', name: 'two' }, { stage: 'fetch' }, 400);
    const { event, data } = await client.next();
    assert.deepEqual([event, data.name], ['progress', 'two']);
  });

  it('tells of progress a few times in a second, as it is then, and of its end', async (t) => {
    const { client, declare, board } = await following(t);
    const { metadata } = declare('one');
    await client.next();
    for (let percent = 0; percent <= 50; percent++) board.stage(ONE, { stage: 'fetch', percent }, 400);
    const { event, data, id } = await client.next();
    assert.equal(event, 'progress');
    assert.deepEqual(data, {
      ...ONE,
      uid: metadata.uid,
      progress: { stage: 'fetch', percent: 50, memoryMb: 0, limitMb: 400 },
    });
    assert.equal(id, metadata.resourceVersion, 'progress is no place to go on from');
    board.clear(ONE);
    assert.equal((await client.next()).data.progress, null);
  });

  it('refuses a place that is none, and goes on from now after one that it never had', async (t) => {
    const { client, url, call, declare, videos } = await following(t, '', { 'last-event-id': '999999' });
    const reset = await client.next();
    assert.equal(reset.event, 'reset');
    assert.deepEqual(reset.data, { resourceVersion: String(videos.version) });
    declare('one');
    assert.equal((await client.next()).event, 'video');
    const odd = await followEvents(url, { 'last-event-id': 'x' });
    assert.equal((await odd.next()).event, 'reset');
    odd.stop();
    for (const after of ['-1', 'x', '1e3', ''])
      assert.equal((await call('GET', `/api/events?after=${after}`)).code, 400, after);
  });

  it('ends with the server', async (t) => {
    const { client, app } = await following(t);
    const rest = client.rest();
    await app.close();
    assert.deepEqual(await rest, []);
  });
});

describe('the events of many', () => {
  it('are written once for all, and each hears all in order', async (t) => {
    const { follow, videos, hub } = await hubWorld(t);
    const clients = await Promise.all(Array.from({ length: 50 }, () => follow()));
    assert.equal(hub.size, 50);
    for (let number = 0; number < 20; number++) videos.create('default', manifest(`v${number}`));
    for (const client of clients)
      for (let number = 0; number < 20; number++) assert.equal((await client.next()).data.name, `v${number}`);
    for (const client of clients) client.stop();
    while (hub.size > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  });

  it('are for so many clients and no more', async (t) => {
    const { follow, app, hub } = await hubWorld(t, { maxStreams: 2 });
    await follow();
    const second = await follow();
    const refused = await app.inject('/api/events');
    assert.equal(refused.statusCode, 503);
    assert.equal(refused.headers['retry-after'], '10');
    assert.equal(refused.json().reason, 'TooManyStreams');
    second.stop();
    while (hub.size === 2) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.equal((await follow()).response.status, 200);
  });

  it('have signs of life, which move the place to go on from', async (t) => {
    const { follow, videos } = await hubWorld(t, { beatMs: 50 });
    const client = await follow('?namespace=team-a');
    videos.create('default', manifest('one'));
    videos.create('team-a', manifest('two'));
    const { id } = await client.next();
    const more = client.next().catch(() => undefined);
    while (!/: still here/.test(client.text())) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.ok(Number(client.lastEventId()) >= Number(id));
    videos.create('default', manifest('three'));
    while (client.lastEventId() !== String(videos.version))
      await new Promise((resolve) => setTimeout(resolve, 10));
    client.stop();
    await more;
  });

  it('that the log has forgotten are a reset', async (t) => {
    const { follow, videos } = await hubWorld(t, { bounds: { maxChanges: 5 } } as Partial<EventHubOptions>);
    for (let number = 0; number < 20; number++) videos.create('default', manifest(`v${number}`));
    const client = await follow('?after=2');
    assert.equal((await client.next()).event, 'reset');
    videos.create('default', manifest('new'));
    assert.equal((await client.next()).data.name, 'new');
  });

  it('wait for a client that does not read, and cost no memory', async (t) => {
    const { app, base, videos, hub, follow } = await hubWorld(t);
    const sockets: Socket[] = [];
    app.server.on('connection', (socket: Socket) => sockets.push(socket));
    const slow = connect(Number(new URL(base).port), '127.0.0.1');
    t.after(() => slow.destroy());
    slow.write('GET /api/events HTTP/1.1\r\nhost: x\r\n\r\n');
    await once(slow, 'readable');
    const quick = await follow();
    const video = videos.create('default', manifest('big'));
    await quick.next();
    // Ten megabytes in all, of which a socket takes two or three.
    const written = 100;
    for (let number = 0; number < written; number++) {
      videos.setStatus(video.metadata, video.metadata.uid, {
        phase: 'Running',
        video: { title: `${number} ${'x'.repeat(100_000)}` },
      });
      await quick.next();
    }
    assert.equal(hub.size, 2);
    assert.ok((sockets[0]?.writableLength ?? Infinity) < 200_000, 'one event waits, and no more');
    quick.stop();
    // It reads again: all that it missed is in the log.
    let received = '';
    slow.setEncoding('utf8');
    slow.on('data', (chunk: string) => (received += chunk));
    while (!received.includes(`"title":"${written - 1} x`))
      await new Promise((resolve) => setTimeout(resolve, 10));
    assert.equal(received.split('event: video').length - 1, written + 1);
  });
});
