import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Owner } from '../../jobrunner/contract/videoJob.ts';
import type { RecordStore, VideoRecord } from '../../jobrunner/ports.ts';

const signal = new AbortController().signal;

export function videoRecord(
  owner: Owner,
  texts: readonly string[],
  changes: Partial<VideoRecord> = {},
): VideoRecord {
  return {
    owner,
    url: 'https://www.loom.com/share/0123456789abcdef0123456789abcdef',
    title: 'A demo',
    uploader: 'Ada',
    durationSeconds: 120,
    language: 'en',
    transcriptionModel: 'tiny.en',
    embeddingModel: 'suite-model',
    segments: texts.map((text, index) => ({ start: index * 10, end: index * 10 + 9.5, text })),
    passages: texts.map((text, index) => ({
      index,
      start: index * 10,
      end: index * 10 + 9.5,
      text,
      chapter: 'Part',
    })),
    ...changes,
  };
}

/** Texts and queries that break what is not ready for them. */
const HOSTILE = [
  `'; DROP TABLE videos; --`,
  '"unbalanced',
  'NEAR(a b, 3) OR NOT *',
  'col:term ^boost -minus +plus',
  '(((',
  '\u0000nul',
  '😀 👩‍🚀',
  '‮right to left',
  '%_\\',
  'AND OR NOT',
  '{"json": [1]}',
  ',.;:!?',
];

/** What every RecordStore does, whichever service is behind it. `create` gives an empty one. */
export function recordStoreSuite(name: string, create: () => Promise<RecordStore>): void {
  describe(`RecordStore: ${name}`, () => {
    let store: RecordStore;
    before(async () => {
      store = await create();
    });
    after(() => store.close());

    let serial = 0;
    const newOwner = (): Owner => ({ key: `suite.default.video-${++serial}`, uid: `uid-${serial}` });
    const find = (key: string): Promise<VideoRecord | undefined> => store.find(key, { signal });
    const search = (query: string, limit = 10) => store.searchText(query, limit, { signal });

    it('gives back what was saved', async () => {
      const record = videoRecord(newOwner(), ['one thing', 'another thing']);
      await store.save(record, { signal });
      assert.deepEqual(await find(record.owner.key), record);
      assert.equal(await find('suite.default.absent'), undefined);
    });

    it('replaces all of a key: fewer passages, another title, a recreated owner', async () => {
      const owner = newOwner();
      await store.save(videoRecord(owner, ['zebra', 'giraffe', 'elephant']), { signal });
      const recreated = videoRecord({ key: owner.key, uid: 'recreated' }, ['walrus'], { title: 'New' });
      await store.save(recreated, { signal });
      assert.deepEqual(await find(owner.key), recreated);
      assert.deepEqual(await search('giraffe'), []);
    });

    it('keeps a video in which nobody speaks', async () => {
      const record = videoRecord(newOwner(), []);
      await store.save(record, { signal });
      assert.deepEqual((await find(record.owner.key))?.passages, []);
    });

    it('purges what this uid wrote and nothing else', async () => {
      const owner = newOwner();
      await store.save(videoRecord(owner, ['pelican']), { signal });
      assert.equal(await store.purge({ key: owner.key, uid: 'stranger' }, { signal }), 0);
      assert.equal((await search('pelican')).length, 1);
      assert.equal(await store.purge(owner, { signal }), 1);
      assert.equal(await find(owner.key), undefined);
      assert.deepEqual(await search('pelican'), []);
      assert.equal(await store.purge(owner, { signal }), 0);
    });

    it('finds words in other forms, best first, with what is needed to show them', async () => {
      const owner = newOwner();
      await store.save(
        videoRecord(owner, ['Deployments roll back with one command.', 'Invoices are sent to accounting.']),
        { signal },
      );
      const [hit] = await search('rolling back a deployment');
      assert.equal(hit?.passage.id, `${owner.key}#0`);
      assert.deepEqual({ ...hit.passage.owner }, owner);
      assert.equal(hit.passage.title, 'A demo');
      assert.match(hit.passage.url, /loom\.com/);
      assert.equal(hit.passage.chapter, 'Part');
    });

    it('keeps two resources of one video apart', async () => {
      const [one, two] = [newOwner(), newOwner()];
      for (const owner of [one, two]) await store.save(videoRecord(owner, ['flamingo']), { signal });
      assert.equal((await search('flamingo')).length, 2);
      await store.purge(one, { signal });
      assert.deepEqual(
        (await search('flamingo')).map(({ passage }) => passage.owner.key),
        [two.key],
      );
    });

    it('gives the passages of ids whose uid wrote them, and no others', async () => {
      const owner = newOwner();
      await store.save(videoRecord(owner, ['a', 'b']), { signal });
      const asked = [
        { id: `${owner.key}#1`, owner },
        { id: `${owner.key}#0`, owner: { ...owner, uid: 'stranger' } },
        { id: `${owner.key}#7`, owner },
        { id: 'nonsense', owner },
      ];
      assert.deepEqual(
        (await store.passages(asked, { signal })).map(({ id }) => id),
        [`${owner.key}#1`],
      );
      assert.deepEqual(await store.passages([], { signal }), []);
    });

    for (const text of HOSTILE)
      it(`keeps and searches ${JSON.stringify(text)} as text`, async () => {
        const owner = newOwner();
        // PostgreSQL cannot hold NUL: a store may replace it, never fail or cut the text there.
        await store.save(videoRecord(owner, [`${text} penguin`], { title: text }), { signal });
        assert.match((await find(owner.key))?.passages[0]?.text ?? '', /penguin$/);
        await search(text);
        assert.ok(
          (await search(`${text} penguin`, 100)).some(({ passage }) => passage.owner.key === owner.key),
        );
      });

    it('takes a transcript of a megabyte', async () => {
      const record = videoRecord(newOwner(), [`${'word '.repeat(200_000)}capybara`]);
      await store.save(record, { signal });
      assert.equal((await search('capybara')).length, 1);
    });

    it('does nothing once it is aborted', async () => {
      const owner = newOwner();
      await assert.rejects(store.save(videoRecord(owner, ['x']), { signal: AbortSignal.abort() }), {
        reason: 'Interrupted',
      });
      assert.equal(await find(owner.key), undefined);
    });
  });
}
