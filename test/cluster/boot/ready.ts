import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../cluster.ts';
import { NODE } from './credentials.ts';
import type { Machine } from './machine.ts';
import { logOf, tail } from '../logs.ts';

const PAUSE_MS = 100;

/** For one part to become ready, in milliseconds: some ten times what it takes on two idle cores. */
const READY_MS = 120_000;

/**
 * Asks again and again until `look` says true; an error counts as "not yet". Throws at once with the signal's reason
 * when it aborts, and after two minutes with the last error and the last of the log of `program`.
 */
export async function ready(
  what: string,
  program: string,
  logs: string,
  signal: AbortSignal,
  look: () => Promise<boolean>,
): Promise<void> {
  const end = performance.now() + READY_MS;
  let last: unknown;
  while (performance.now() < end) {
    signal.throwIfAborted();
    try {
      if (await look()) return;
    } catch (error) {
      last = error;
    }
    await sleep(PAUSE_MS);
  }
  const why = last instanceof Error ? last.message : 'no';
  throw new Error(
    `${what} is not ready after ${READY_MS / 1000} s: ${why}\n${await tail(logOf(logs, program))}`,
  );
}

export function apiserverReady(cluster: Cluster, logs: string, signal: AbortSignal): Promise<void> {
  return ready('the API server', 'kube-apiserver', logs, signal, async () => {
    return (await cluster.kubectl('get', '--raw=/readyz')) === 'ok';
  });
}

/** Pods can be created, scheduled and run, and reach Services. */
export async function nodeReady(
  cluster: Cluster,
  { addresses }: Machine,
  logs: string,
  signal: AbortSignal,
): Promise<void> {
  await ready('the node', 'kubelet', logs, signal, async () => {
    const path = 'jsonpath={.status.conditions[?(@.type=="Ready")].status}';
    return (await cluster.kubectl('get', 'node', NODE, '--output', path)) === 'True';
  });
  // Without it no pod is admitted to the namespace.
  await ready('the default service account', 'kube-controller-manager', logs, signal, async () => {
    await cluster.kubectl('get', 'serviceaccount', 'default');
    return true;
  });
  await ready('kube-proxy', 'kube-proxy', logs, signal, async () => {
    return (await fetch(`http://${addresses.machine}:10256/healthz`)).ok;
  });
}
