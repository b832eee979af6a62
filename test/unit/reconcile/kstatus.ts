import assert from 'node:assert/strict';
import type { LoomVideoStatus } from '../../../crds/generated/loomvideo.ts';

/** kstatus' reading of a custom resource: https://github.com/kubernetes-sigs/cli-utils/tree/master/pkg/kstatus */
export type Computed = 'InProgress' | 'Failed' | 'Current';

export function computeKstatus(status: LoomVideoStatus, generation: number): Computed {
  if (status.observedGeneration !== generation) return 'InProgress';
  const is = (type: string): boolean =>
    status.conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false;
  if (is('Reconciling')) return 'InProgress';
  if (is('Stalled')) return 'Failed';
  const ready = status.conditions?.find(({ type }) => type === 'Ready');
  return ready && ready.status !== 'True' ? 'InProgress' : 'Current';
}

/** What must hold of every status this project ever writes. */
export function checkStatus(status: LoomVideoStatus, generation: number): void {
  const conditions = status.conditions ?? [];
  const types = conditions.map(({ type }) => type);
  assert.equal(new Set(types).size, types.length, 'a condition is there once');
  const find = (type: string) => conditions.find((condition) => condition.type === type);
  const ready = find('Ready');
  assert.ok(ready, 'Ready is always there');
  assert.equal(status.observedGeneration, generation);
  for (const condition of conditions) {
    assert.equal(condition.observedGeneration, generation, condition.type);
    assert.match(condition.reason, /^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/);
    assert.ok(!Number.isNaN(Date.parse(condition.lastTransitionTime)));
    assert.ok(condition.message.length <= 1024);
  }
  for (const type of ['Reconciling', 'Stalled'])
    assert.ok(find(type)?.status !== 'False', `${type} is there only when True`);
  assert.ok(!(find('Reconciling') && find('Stalled')), 'not both at once');
  if (find('Reconciling') || find('Stalled')) assert.notEqual(ready.status, 'True');
  else assert.equal(ready.status, 'True', `neither under way nor stalled: ${ready.reason}`);
  const computed = computeKstatus(status, generation);
  assert.equal(
    computed,
    status.phase === 'Ready' ? 'Current' : find('Stalled') ? 'Failed' : 'InProgress',
    status.phase,
  );
}
