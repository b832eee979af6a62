import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createLogger } from '../../common/log.ts';
import { StageError } from '../../jobrunner/contract/stageError.ts';
import type { Embedder, PassageRecord, RecordStore, TextHit, VectorHit } from '../../jobrunner/ports.ts';
import { queryWords } from '../../jobrunner/search/queryWords.ts';
import { search, type SearchAnswer, type SearchRequest } from '../../jobrunner/search/search.ts';

const log = createLogger({ level: 'silent', format: 'plain' });
const signal = new AbortController().signal;
const url = 'https://www.loom.com/share/0123456789abcdef0123456789abcdef';

const passage = (key: string, index = 0): PassageRecord => ({
  id: `${key}#${index}`,
  owner: { key, uid: 'uid' },
  index,
  start: index * 30 + 0.9,
  end: index * 30 + 29,
  text: `${key} ${index}`,
  title: 'Demo',
  url,
});

interface World {
  /** What the vector store finds, best first. */
  readonly near?: readonly PassageRecord[];
  /** What the words find, best first; a number: the coverage. */
  readonly worded?: readonly (readonly [PassageRecord, number])[];
  /** What is stored; all of the above unless told. */
  readonly stored?: readonly PassageRecord[];
  readonly embedder?: Partial<Embedder>;
}

function searchIn(world: World, request: Partial<SearchRequest> = {}): Promise<SearchAnswer> {
  const { near = [], worded = [], stored = near } = world;
  const unused = (): never => assert.fail('a search only reads');
  const records: RecordStore = {
    kind: 'fake',
    save: unused,
    find: unused,
    purge: unused,
    close: unused,
    searchText: () =>
      Promise.resolve(worded.map(([found, coverage]): TextHit => ({ passage: found, score: 1, coverage }))),
    passages: (hits) =>
      Promise.resolve(
        stored.filter(({ id, owner }) => hits.some((hit) => hit.id === id && hit.owner.uid === owner.uid)),
      ),
  };
  return search(
    {
      embedder: {
        model: 'm',
        dimensions: 2,
        concurrency: 1,
        isWarm: () => true,
        embed: () => Promise.resolve([new Float32Array([1, 0])]),
        close: unused,
        ...world.embedder,
      },
      vectors: {
        kind: 'fake',
        prepare: unused,
        upsert: unused,
        deleteTail: unused,
        purge: unused,
        close: unused,
        query: () =>
          Promise.resolve(
            near.map(({ id, owner }, place): VectorHit => ({ id, owner, score: 1 - place / 10 })),
          ),
      },
      records,
      log,
    },
    { query: 'how do I roll back', limit: 10, wait: true, signal, ...request },
  );
}

const names = ({ results }: SearchAnswer): string => results.map(({ video }) => video).join(' ');
const [a, b, c] = ['x.default.a', 'x.default.b', 'x.default.c'].map((key) => passage(key)) as [
  PassageRecord,
  PassageRecord,
  PassageRecord,
];

describe('search', () => {
  it('answers with what is needed to show a passage, and a link to its second', async () => {
    const { ranking, results } = await searchIn({ near: [{ ...passage('x.team.demo', 2), chapter: 'End' }] });
    assert.equal(ranking, 'hybrid');
    const [{ score, ...result } = assert.fail('nothing found')] = results;
    assert.ok(score > 0);
    assert.deepEqual(result, {
      video: 'team/demo',
      title: 'Demo',
      chapter: 'End',
      start: 60.9,
      end: 89,
      text: 'x.team.demo 2',
      url: `${url}?t=60`,
    });
  });

  it('puts first what meaning and words agree on', async () => {
    assert.equal(names(await searchIn({ near: [a, b], worded: [[b, 1]] })), 'b a');
  });

  it('does not let a passage with half of the words overrule meaning', async () => {
    assert.equal(names(await searchIn({ near: [a, b], worded: [[b, 0.5]] })), 'a b');
  });

  it('shows what only few words speak for where nothing else is found', async () => {
    assert.equal(names(await searchIn({ worded: [[c, 0.2]] })), 'c');
    assert.equal(names(await searchIn({ near: [a], worded: [[c, 0.2]] })), 'a c');
  });

  it('passes over vectors whose passage is not stored or was written by another uid', async () => {
    const stranger = { ...b, owner: { ...b.owner, uid: 'recreated' } };
    assert.equal(names(await searchIn({ near: [a, b, c], stored: [stranger, c] })), 'c');
  });

  it('shows one passage for each of two resources with one link, in the same order every time', async () => {
    assert.equal(names(await searchIn({ near: [b], worded: [[a, 1]] })), 'a b');
    assert.equal(names(await searchIn({ near: [a], worded: [[b, 1]] })), 'a b');
  });

  it('gives no more than it was asked for', async () => {
    assert.equal(names(await searchIn({ near: [a, b, c] }, { limit: 2 })), 'a b');
  });

  it('answers from words at once when the model is cold and nobody waits', async () => {
    const embedder = { isWarm: () => false, embed: () => assert.fail('it must not be asked') };
    const answer = await searchIn({ near: [a], worded: [[b, 0.2]], embedder }, { wait: false });
    assert.equal(answer.ranking, 'lexical');
    assert.equal(names(answer), 'b');
  });

  it('answers from words while the embedding service is out, and fails on what will not heal', async () => {
    const failing = (reason: 'EmbeddingUnavailable' | 'CredentialsRejected'): Partial<Embedder> => ({
      embed: () => Promise.reject(new StageError(reason, 'no')),
    });
    const answer = await searchIn({ worded: [[b, 1]], embedder: failing('EmbeddingUnavailable') });
    assert.equal(answer.ranking, 'lexical');
    await assert.rejects(searchIn({ embedder: failing('CredentialsRejected') }), {
      reason: 'CredentialsRejected',
    });
  });

  for (const query of ['', '   ', '\n\t', '\u0000', '\u200B'])
    it(`says what to give instead of ${JSON.stringify(query)}`, async () => {
      await assert.rejects(searchIn({}, { query }), { reason: 'ConfigurationInvalid', message: /words/ });
    });

  for (const limit of [0, -1, 1.5, Number.NaN, 101])
    it(`refuses a limit of ${limit}`, async () => {
      await assert.rejects(searchIn({}, { limit }), { reason: 'ConfigurationInvalid' });
    });
});

describe('queryWords', () => {
  for (const [query, expected] of [
    ['How do I invite a colleague?', 'invite colleague'],
    ["What doesn't work here", 'what doesn t work here'],
    ['Invoice invoice INVOICE', 'invoice'],
    ['"NEAR(a b)" col:term* -minus ^x', 'near b col term minus x'],
    ['naïve café na\u0308ive', 'naïve café na\u0308ive'],
    ['error 5031 v2.4', 'error 5031 v2 4'],
    ['配色 設定', '配色 設定'],
    ['😀 ,.;:!?', ''],
    ['\u0000\uD800', ''],
    [`${'x'.repeat(63)}𝒳y`, 'x'.repeat(63)],
  ] as const)
    it(JSON.stringify(query.slice(0, 40)), () => assert.equal(queryWords(query).join(' '), expected));

  it('reads a bounded part of an endless query', () => {
    const words = Array.from({ length: 100_000 }, (_, index) => `word${index}`).join(' ');
    assert.equal(queryWords(words).length, 64);
  });
});
