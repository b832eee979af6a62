import assert from 'node:assert/strict';
import { it } from 'node:test';
import { programWorld } from './programWorld.ts';

it('a transcript does not wait behind the searches of others', async (t) => {
  const { store, search } = await programWorld(t);
  await store('one', ['Hello there.']);
  const { signal } = new AbortController();
  const order: string[] = [];
  const note = (what: string) => (): void => void order.push(what);
  const searches = Array.from({ length: 5 }, () =>
    search.records.searchText('hello', 10, { signal }).then(note('search')),
  );
  const read = search.records.find('render.default.one', { signal }).then(note('transcript'));
  await Promise.all([...searches, read]);
  // The first search was under way when the others were asked.
  assert.deepEqual(order, ['search', 'transcript', 'search', 'search', 'search', 'search']);
});
