import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { memoryStore } from '../../../controller/kubernetes/cache/memoryStore.ts';
import { isOlder } from '../../../controller/kubernetes/cache/resourceVersion.ts';
import { keyOf } from '../../../controller/kubernetes/cache/store.ts';

const pod = (name: string, labels: readonly string[]) => ({ metadata: { name, namespace: 'team' }, labels });
type Pod = ReturnType<typeof pod>;

describe('a store', () => {
  const byLabel = () => memoryStore<Pod>({ label: ({ labels }) => labels });
  const named = (pods: readonly Pod[]): string[] => pods.map(({ metadata: { name } }) => name);

  it('finds objects by each value of an index, as they are now', () => {
    const store = byLabel();
    store.set('team/a', pod('a', ['x', 'y']));
    store.set('team/b', pod('b', ['x']));
    assert.deepEqual(named(store.by('label', 'x')), ['a', 'b']);
    store.set('team/a', pod('a', ['y']));
    assert.deepEqual([named(store.by('label', 'x')), named(store.by('label', 'y'))], [['b'], ['a']]);
    store.delete('team/a');
    store.delete('team/never');
    assert.deepEqual([named(store.by('label', 'y')), store.size, named([...store.values()])], [[], 1, ['b']]);
  });

  it('knows its indexes', () => assert.throws(() => byLabel().by('owner', 'x'), RangeError));

  it('has keys with the namespace where there is one', () => {
    assert.equal(keyOf(pod('a', [])), 'team/a');
    assert.equal(keyOf({ metadata: { name: 'a' } }), 'a');
  });
});

describe('a resource version', () => {
  for (const [a, b, older] of [
    ['9', '10', true],
    ['10', '9', false],
    ['10', '10', false],
    ['99999999999999999998', '99999999999999999999', true],
    ['abc', '10', false],
    ['9', 'abc', false],
    [undefined, '10', false],
    ['9', undefined, false],
  ] as const)
    it(`${a} is ${older ? '' : 'not '}older than ${b}`, () => assert.equal(isOlder(a, b), older));
});
