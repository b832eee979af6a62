import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type {
  ResourceStore,
  VideoEvent,
  WatchQuery,
} from '../../../controller/render/resources/resourceStore.ts';
import { parseLabelSelector } from '../../../controller/render/resources/selectors.ts';
import { manifest, refusal, resourceWorld } from './resourceWorld.ts';

const key = (name: string): { namespace: string; name: string } => ({ namespace: 'default', name });

suite('watching LoomVideos', () => {
  test('tells what there is, then each change once and in order', async (t) => {
    const { videos } = resourceWorld(t);
    videos.create('default', manifest('a'));
    const watch = follow(videos, {});
    assert.equal(await watch.next(), 'ADDED a@2');
    videos.create('default', manifest('b'));
    videos.patch(key('a'), { spec: { suspend: true } });
    videos.delete(key('b'));
    assert.deepEqual(await watch.take(3), ['ADDED b@3', 'MODIFIED a@4', 'DELETED b@5']);
    await watch.end();
  });

  test('goes on from a version, in this process and after a restart', async (t) => {
    const world = resourceWorld(t);
    for (const name of ['a', 'b', 'c']) world.videos.create('default', manifest(name));
    const here = follow(world.videos, { after: 3 });
    assert.equal(await here.next(), 'ADDED c@4');
    await here.end();
    const { videos } = world.reopen();
    videos.create('default', manifest('d'));
    const there = follow(videos, { after: 2 });
    assert.deepEqual(await there.take(3), ['ADDED b@3', 'ADDED c@4', 'ADDED d@5']);
    await there.end();
  });

  test('tells more than is kept in memory', async (t) => {
    const { videos } = resourceWorld(t);
    videos.create('default', manifest('a'));
    for (let n = 0; n < 700; n++) videos.patch(key('a'), { metadata: { labels: { n: String(n) } } });
    const watch = follow(videos, { after: 2 });
    assert.deepEqual(
      await watch.take(700),
      Array.from({ length: 700 }, (_, n) => `MODIFIED a@${n + 3}`),
    );
    await watch.end();
  });

  test('sees objects come and go that begin or cease to match', async (t) => {
    const { videos } = resourceWorld(t);
    const watch = follow(videos, { after: 1, labels: parseLabelSelector('team=red') });
    videos.create('default', manifest('a', {}, { labels: { team: 'blue' } }));
    videos.create('default', manifest('b', {}, { labels: { team: 'red' } }));
    videos.patch(key('a'), { metadata: { labels: { team: 'red' } } });
    videos.patch(key('a'), { spec: { suspend: true } });
    videos.patch(key('a'), { metadata: { labels: null } });
    videos.delete(key('a'));
    videos.delete(key('b'));
    assert.deepEqual(await watch.take(5), [
      'ADDED b@3',
      'ADDED a@4',
      'MODIFIED a@5',
      'DELETED a@6',
      'DELETED b@8',
    ]);
    await watch.end();
  });

  test('keeps to one namespace or name', async (t) => {
    const { videos } = resourceWorld(t);
    const one = follow(videos, { after: 1, namespace: 'n1', name: 'a' });
    const space = follow(videos, { after: 1, namespace: 'n1' });
    for (const namespace of ['n2', 'n1'])
      for (const name of ['b', 'a']) videos.create(namespace, manifest(name));
    assert.equal(await one.next(), 'ADDED a@5');
    assert.deepEqual(await space.take(2), ['ADDED b@4', 'ADDED a@5']);
    await one.end();
    await space.end();
  });

  test('is refused a version that is forgotten, by number and by age, and one that is yet to come', async (t) => {
    const world = resourceWorld(t, { bounds: { maxChanges: 10, maxAgeMs: 60_000 } });
    const { videos, clock } = world;
    videos.create('default', manifest('a'));
    const touch = (): void =>
      void videos.patch(key('a'), { metadata: { labels: { at: String(videos.version) } } });
    for (let n = 0; n < 20; n++) touch();
    assert.equal(videos.version, 22);
    await assert.rejects(
      follow(videos, { after: 11 }).next(),
      refusal(410, 'Expired', 'too old resource version: 11 (12)'),
    );
    assert.equal(await follow(videos, { after: 12 }).next(), 'MODIFIED a@13');
    clock.pass(60_001);
    touch();
    await assert.rejects(follow(videos, { after: 12 }).next(), refusal(410, 'Expired'));
    await assert.rejects(follow(world.reopen().videos, { after: 12 }).next(), refusal(410, 'Expired'));
    await assert.rejects(follow(world.reopen().videos, { after: 99 }).next(), refusal(410, 'Expired'));
  });

  test('is refused what is forgotten because the log would be too large', async (t) => {
    const { videos } = resourceWorld(t, { bounds: { maxSize: 100_000 } });
    const annotations = { big: 'x'.repeat(10_000) };
    for (let n = 0; n < 30; n++) videos.create('default', manifest(`v${n}`, {}, { annotations }));
    await assert.rejects(follow(videos, { after: 10 }).next(), refusal(410, 'Expired'));
    assert.equal(await follow(videos, { after: 25 }).next(), 'ADDED v24@26');
    videos.create('default', manifest('huge', {}, { annotations: { big: 'x'.repeat(200_000) } }));
    assert.equal(await follow(videos, { after: 31 }).next(), 'ADDED huge@32');
  });

  test('a slow reader costs nothing, and is told when it is too late', async (t) => {
    const { videos } = resourceWorld(t, { bounds: { maxChanges: 100 } });
    const watch = follow(videos, {});
    videos.create('default', manifest('a'));
    assert.equal(await watch.next(), 'ADDED a@2');
    for (let n = 0; n < 1000; n++) videos.patch(key('a'), { metadata: { labels: { n: String(n) } } });
    await assert.rejects(watch.take(1000), refusal(410, 'Expired'));
  });

  test('says where it is while there is nothing to tell, and when all there is was told', async (t) => {
    const { videos } = resourceWorld(t);
    videos.create('default', manifest('a'));
    const watch = follow(videos, { bookmarkMs: 20, initialBookmark: true, name: 'a' });
    assert.deepEqual(await watch.take(2), ['ADDED a@2', 'BOOKMARK 2 initial']);
    videos.create('default', manifest('b'));
    assert.deepEqual(await watch.take(2), ['BOOKMARK 3', 'BOOKMARK 3']);
    await watch.end();
  });

  test('ends with its signal and with the store, also while it waits', async (t) => {
    const world = resourceWorld(t);
    const abort = new AbortController();
    const one = collect(world.videos.watch({}, abort.signal));
    const other = collect(world.videos.watch({}, new AbortController().signal));
    abort.abort();
    assert.deepEqual(await one, []);
    world.videos.create('default', manifest('a'));
    await new Promise(setImmediate);
    world.close();
    assert.deepEqual(await other, ['ADDED a@2']);
  });
});

function follow(
  videos: ResourceStore,
  query: Omit<WatchQuery, 'labels'> & { labels?: WatchQuery['labels'] | undefined },
): {
  next: () => Promise<string>;
  take: (count: number) => Promise<string[]>;
  end: () => Promise<void>;
} {
  const abort = new AbortController();
  const { labels, ...rest } = query;
  const events = videos.watch({ ...rest, ...(labels && { labels }) }, abort.signal)[Symbol.asyncIterator]();
  const next = async (): Promise<string> => {
    const { value, done } = await events.next();
    return done ? 'end' : wordOf(value);
  };
  return {
    next,
    take: async (count) => {
      const taken: string[] = [];
      while (taken.length < count) taken.push(await next());
      return taken;
    },
    end: async () => {
      abort.abort();
      assert.equal(await next(), 'end');
    },
  };
}

async function collect(events: AsyncIterable<VideoEvent>): Promise<string[]> {
  const words: string[] = [];
  for await (const event of events) words.push(wordOf(event));
  return words;
}

function wordOf(event: VideoEvent): string {
  if (event.type === 'BOOKMARK') return `BOOKMARK ${event.version}${event.initial ? ' initial' : ''}`;
  return `${event.type} ${event.video.metadata.name}@${event.video.metadata.resourceVersion}`;
}
