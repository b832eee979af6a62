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

    it('leaves alone what a recreated resource stored: a late purge of the deleted one', async () => {
      const deleted = newOwner();
      const recreated = { key: deleted.key, uid: 'recreated' };
      await store.save(videoRecord(deleted, ['ocelot', 'margay']), { signal });
      await store.save(videoRecord(recreated, ['ocelot']), { signal });
      assert.equal(await store.purge(deleted, { signal }), 0);
      assert.deepEqual((await find(deleted.key))?.owner, recreated);
      assert.equal((await search('ocelot')).length, 1);
      const asked = [{ id: `${deleted.key}#0`, owner: deleted }];
      assert.deepEqual(await store.passages(asked, { signal }), []);
    });

    it('takes the name of a resource that was purged for another one', async () => {
      const purged = newOwner();
      await store.save(videoRecord(purged, ['quokka', 'wombat']), { signal });
      assert.equal(await store.purge(purged, { signal }), 1);
      const record = videoRecord({ key: purged.key, uid: 'recreated' }, ['quokka']);
      await store.save(record, { signal });
      assert.deepEqual(await find(purged.key), record);
      assert.deepEqual(await search('wombat'), []);
    });

    it('is changed by nothing when the same is saved twice', async () => {
      const record = videoRecord(newOwner(), ['tapir', 'another tapir']);
      await store.save(record, { signal });
      await store.save(record, { signal });
      assert.deepEqual(await find(record.owner.key), record);
      assert.equal((await search('tapir')).length, 2);
    });

    it('keeps what is absent absent, and numbers as they are', async () => {
      const { uploader: _absent, ...record } = videoRecord(newOwner(), ['x'], {
        durationSeconds: 59.940_123_456_789,
        passages: [{ index: 0, start: 0.1, end: 1 / 3, text: ' two  spaces\nand a line ' }],
        segments: [{ start: 0, end: 1e-7, text: '' }],
      });
      await store.save(record, { signal });
      assert.deepEqual(await find(record.owner.key), record);
    });

    it('takes another embedding model: all of the record is of the new one', async () => {
      const owner = newOwner();
      await store.save(videoRecord(owner, ['one', 'two'], { embeddingModel: 'small' }), { signal });
      const changed = videoRecord(owner, ['one', 'two'], { embeddingModel: 'large' });
      await store.save(changed, { signal });
      assert.deepEqual(await find(owner.key), changed);
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

    it('keeps two resources with one link apart: each is found, and purged, on its own', async () => {
      const [one, two] = [newOwner(), newOwner()];
      await store.save(videoRecord(one, ['axolotl'], { title: 'First' }), { signal });
      await store.save(videoRecord(two, ['axolotl'], { title: 'Second' }), { signal });
      assert.equal((await find(one.key))?.title, 'First');
      assert.equal(await store.purge({ key: one.key, uid: two.uid }, { signal }), 0);
      assert.equal(await store.purge(two, { signal }), 1);
      assert.equal((await find(one.key))?.title, 'First');
    });

    it('puts a rare word before a common one, and what has more of the words before what has less', async () => {
      const owner = newOwner();
      const texts = [
        'the narwhal spoke of the budget',
        ...Array.from({ length: 20 }, (_, index) => `the budget of quarter ${index}`),
        'the budget',
      ];
      await store.save(videoRecord(owner, texts), { signal });
      const [first, second] = await search('budget narwhal');
      assert.equal(first?.passage.index, 0);
      assert.equal(first.coverage, 1);
      assert.ok(first.score > (second?.score ?? 0));
      assert.equal(second?.coverage, 0.5);
    });

    it('counts a word in a chapter double, in the title half', async () => {
      const passage = { index: 0, start: 0, end: 1, text: 'nothing of it here' };
      const inTitle = videoRecord(newOwner(), [], { passages: [passage], title: 'Pangolin nothing' });
      const inText = videoRecord(newOwner(), [], {
        passages: [{ ...passage, text: 'pangolin of it here' }],
        title: 'Nothing nothing',
      });
      const inChapter = videoRecord(newOwner(), [], {
        passages: [{ ...passage, chapter: 'Pangolin' }],
        title: 'Nothing nothing',
      });
      for (const record of [inTitle, inText, inChapter]) await store.save(record, { signal });
      assert.deepEqual(
        (await search('pangolin')).map(({ passage: { owner } }) => owner.key),
        [inChapter, inText, inTitle].map(({ owner }) => owner.key),
      );
    });

    it('finds a word with or without its accents, in either letter case', async () => {
      const owner = newOwner();
      await store.save(videoRecord(owner, ['Le CAFÉ na\u0308ıf est fermé']), { signal });
      for (const query of ['cafe', 'Café', 'FERME']) assert.equal((await search(query)).length, 1, query);
    });

    it('gives no more than it was asked for, and nothing for a text without a word', async () => {
      await store.save(
        videoRecord(
          newOwner(),
          Array.from({ length: 5 }, () => 'kakapo'),
        ),
        { signal },
      );
      assert.equal((await search('kakapo', 3)).length, 3);
      for (const query of ['', ' ', '…!', '\u0000']) assert.deepEqual(await search(query), []);
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

    it('takes a megabyte of words that are all different', async () => {
      const words = Array.from({ length: 100_000 }, (_, index) => `w${index.toString(36)}x${index}`);
      const record = videoRecord(newOwner(), [words.join(' ')]);
      await store.save(record, { signal });
      assert.equal((await search(words[0] ?? '')).length, 1);
      assert.equal((await find(record.owner.key))?.passages[0]?.text.length, words.join(' ').length);
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
