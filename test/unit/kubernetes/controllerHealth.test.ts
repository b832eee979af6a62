import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { operatorHealth } from '../../../controller/kubernetes/runtime/operatorHealth.ts';
import { serveHealth } from '../../../controller/kubernetes/telemetry/healthServer.ts';
import { Metrics } from '../../../controller/kubernetes/telemetry/metrics.ts';

interface Seen {
  readonly synced: boolean;
  readonly age: number;
  readonly running: number;
}

function health(seen: Seen | undefined) {
  return operatorHealth(
    () =>
      seen && {
        synced: seen.synced,
        watchAges: () => new Map([['jobs', seen.age]]),
        longestRunningSeconds: () => seen.running,
      },
  );
}

describe('the health of a replica', () => {
  for (const [what, seen, well, ready] of [
    ['stands by', undefined, true, true],
    ['begins to lead', { synced: false, age: 1, running: 0 }, true, false],
    ['works', { synced: true, age: 60, running: 5 }, true, true],
    ['has not heard of Jobs for too long', { synced: true, age: 91, running: 0 }, false, true],
    ['is stuck at one video', { synced: true, age: 1, running: 301 }, false, true],
  ] as const)
    it(`that ${what}`, () => {
      assert.equal(health(seen).problems().length === 0, well);
      assert.equal(health(seen).notReady() === undefined, ready);
    });

  it('is served with the metrics on one port', async () => {
    const stop = new AbortController();
    const { registry } = new Metrics();
    const stale = health({ synced: false, age: 120, running: 0 });
    const server = await serveHealth({ port: 0, health: stale, registry }, stop.signal);
    const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const answers = await Promise.all(
      ['/healthz', '/readyz', '/metrics', '/'].map(async (path) => {
        const answer = await fetch(at + path);
        return [answer.status, await answer.text()] as const;
      }),
    );
    stop.abort();
    assert.deepEqual(
      answers.map(([status]) => status),
      [503, 503, 200, 404],
    );
    assert.match(answers[0]?.[1] ?? '', /nothing heard of jobs for 120 s/);
    assert.match(answers[2]?.[1] ?? '', /controller_runtime_reconcile_total/);
  });
});
