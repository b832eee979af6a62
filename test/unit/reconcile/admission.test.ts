import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { admit, type Candidate } from '../../../controller/reconcile/admission.ts';
import { later } from './world.ts';

const candidate = (
  name: string,
  wants: Candidate['wants'],
  { age = 0, namespace = 'default' }: { age?: number; namespace?: string } = {},
): Candidate => ({ uid: name, namespace, name, createdAt: later(-age), wants });

const admitted = (candidates: readonly Candidate[], total = 2, perNamespace = Infinity): string[] =>
  [...admit(candidates, { total, perNamespace })].flatMap(([uid, { kind }]) =>
    kind === 'admitted' ? [uid] : [],
  );

describe('admission', () => {
  it('admits the oldest, up to the cap, whatever their order in the list', () =>
    assert.deepEqual(
      admitted([
        candidate('new', 'waiting', { age: 1 }),
        candidate('old', 'waiting', { age: 3 }),
        candidate('middle', 'waiting', { age: 2 }),
      ]),
      ['old', 'middle'],
    ));

  it('counts what is under way, and not what wants no place', () =>
    assert.deepEqual(
      admitted([
        candidate('busy', 'active'),
        candidate('done', 'none', { age: 9 }),
        candidate('a', 'waiting', { age: 2 }),
        candidate('b', 'waiting'),
      ]),
      ['a'],
    ));

  it('orders equal ages by namespace and name', () =>
    assert.deepEqual(
      admitted([candidate('b', 'waiting'), candidate('a', 'waiting'), candidate('c', 'waiting')], 1),
      ['a'],
    ));

  it('lets a full namespace hold up no other', () =>
    assert.deepEqual(
      admitted(
        [
          candidate('a1', 'active', { namespace: 'a' }),
          candidate('a2', 'waiting', { namespace: 'a', age: 9 }),
          candidate('b1', 'waiting', { namespace: 'b' }),
        ],
        5,
        1,
      ),
      ['b1'],
    ));

  it('tells those that wait how many go first, and which cap holds them', () => {
    const result = admit(
      [
        candidate('busy', 'active'),
        candidate('a', 'waiting', { age: 2 }),
        candidate('b', 'waiting', { age: 1 }),
      ],
      { total: 1, perNamespace: 9 },
    );
    assert.deepEqual(result.get('b'), { kind: 'queued', ahead: 1, cap: 'at most 1 at once' });
  });

  it('admits nobody under a cap of 0 and all under none', () => {
    const all = ['a', 'b', 'c'].map((name) => candidate(name, 'waiting'));
    assert.deepEqual(admitted(all, 0), []);
    assert.equal(admitted(all, Infinity).length, 3);
  });
});
