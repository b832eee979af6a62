import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CLUSTER_FILE, openCluster, type Cluster, type ClusterFile } from '../cluster.ts';
import { logOf } from '../logs.ts';
import { writeImageArchive } from '../images/imageArchive.ts';
import { makeCgroup, removeCgroup } from './cgroup.ts';
import { startControl, type Control } from './control.ts';
import { apiserver, controllerManager, etcd, scheduler } from './controlPlane.ts';
import { writeCredentials } from './credentials.ts';
import { startMachine, type Machine, type Programs } from './machine.ts';
import { containerd, importImage, kubelet, kubeProxy, PAUSE_IMAGE } from './node.ts';
import { apiserverReady, nodeReady, ready } from './ready.ts';
import { startService, type Program, type Service } from './service.ts';

export interface StartedCluster extends Cluster {
  /** The built kubectl. */
  readonly kubectlPath: string;
  /** Logs of all programs and pods; they stay when the cluster is gone, until the next one in its slot. */
  readonly logs: string;
  /** Aborts when a program of the cluster dies; the reason says which, with the last of its log. */
  readonly failed: AbortSignal;
  /** Ends every process of the cluster and removes its data. */
  stop(): Promise<void>;
}

/**
 * Boots a control plane and one node from built programs; resolves when the node is Ready and Services work.
 * Needs root. When it does not come up it throws, with the last of the log that matters, and nothing is left running.
 */
export async function startCluster(programs: Programs, interrupted: AbortSignal): Promise<StartedCluster> {
  const machine = await startMachine(programs, interrupted);
  const logs = join(machine.folder, 'logs');
  const failure = new AbortController();
  const signal = AbortSignal.any([interrupted, failure.signal]);
  const services = new Map<string, Service>();
  const kubectlPath = join(programs.kubernetes, 'kubectl');
  let control: Control | undefined;

  const start = (program: Program): void => {
    const log = logOf(logs, program.name);
    services.set(
      program.name,
      startService(machine, program, log, (error) => failure.abort(error)),
    );
  };
  const stop = async (): Promise<void> => {
    control?.close();
    await Promise.all([...services.values()].map((service) => service.stop()));
    await machine.stop();
    await removeCgroup(machine.slot);
    await removeData(machine.folder);
  };

  try {
    await mkdir(logs);
    await writeCredentials(machine.folder, machine.addresses);
    start(await etcd(machine));
    start(await containerd(machine));
    start(apiserver(machine));
    control = await startControl(async (downMs) => {
      await services.get('kube-apiserver')?.stop();
      await sleep(downMs);
      start(apiserver(machine));
      await apiserverReady(cluster, logs, signal);
    });
    const cluster = await describeCluster(machine, kubectlPath, control);
    await importPauseImage(machine, programs, logs, signal);
    await apiserverReady(cluster, logs, signal);
    start(controllerManager());
    start(scheduler());
    start(await kubelet(machine, await makeCgroup(machine.slot)));
    start(await kubeProxy(machine));
    await nodeReady(cluster, machine, logs, signal);
    return { ...cluster, kubectlPath, logs, failed: failure.signal, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Leaves the cluster's description beside its kubeconfig and opens it as a test would. */
async function describeCluster(machine: Machine, kubectl: string, control: Control): Promise<Cluster> {
  const file: ClusterFile = {
    hostAddress: machine.addresses.host,
    kubectl,
    pid: machine.pid,
    control: control.url,
  };
  await writeFile(join(machine.folder, CLUSTER_FILE), JSON.stringify(file, null, 2));
  return openCluster(join(machine.folder, 'kubeconfig'));
}

async function importPauseImage(
  machine: Machine,
  { programs }: Programs,
  logs: string,
  signal: AbortSignal,
): Promise<void> {
  const archive = join(machine.folder, 'pause.tar');
  await writeImageArchive({ name: PAUSE_IMAGE, program: join(programs, 'pause'), archive });
  await ready('containerd', 'containerd', logs, signal, async () => {
    await importImage(machine, archive);
    return true;
  });
}

/** All but the logs, for who wants to know why a test failed. */
async function removeData(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name !== 'logs') await rm(join(folder, name), { recursive: true, force: true });
  }
}
