import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startChild, type ChildExit } from '../../../common/childProcess.ts';
import { parseObject } from '../../../common/json.ts';
import { cpuSeconds, memoryOf, sumOf } from '../../support/processFigures.ts';
import { CACHE, ROOT } from '../paths.ts';
import { asInPod, type PodAccess, type PodCommand } from './asInPod.ts';
import { within } from './within.ts';

export interface ControllerOptions {
  /** The apiserver's base URL, without credentials: a proxy that has them. Or what a pod would have. */
  readonly server: string | PodAccess;
  /** The one it watches, and where its Lease lies. */
  readonly namespace: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** `node controller/main.ts` on this machine. */
export interface LocalController {
  readonly pid: number;
  /** Its log so far: the message of each line, or what is no log line. */
  readonly messages: readonly string[];
  readonly exited: Promise<ChildExit>;
  /** The first message, from the beginning, that matches; rejects after `ms` or when it ends without. */
  said(pattern: RegExp, ms?: number): Promise<string>;
  get(path: '/healthz' | '/readyz' | '/metrics'): Promise<{ readonly status: number; readonly text: string }>;
  /** The sum over all series of this name whose labels match. */
  metric(name: string, labels?: RegExp): Promise<number>;
  /** Memory of the process now, MB of 1024². */
  residentMb(): number;
  /** Processor time of the process so far. */
  cpuSeconds(): number;
  signal(name: NodeJS.Signals): void;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<ChildExit>;
  /** SIGTERM; resolves when it is gone. */
  stop(): Promise<ChildExit>;
}

const SETTINGS = {
  image: 'loomvideo.test/never-pulled:1',
  credentialsSecret: 'loomvideo-credentials',
};

export async function startController(
  t: { after(work: () => unknown): void },
  { server, namespace, env = {} }: ControllerOptions,
): Promise<LocalController> {
  const folder = await mkdtemp(join(tmpdir(), 'loomvideo-controller-'));
  const settings = join(folder, 'job.json');
  const operator = await commandOf(folder, server);
  await writeFile(settings, JSON.stringify(SETTINGS));
  const messages: string[] = [];
  const waiting = new Set<() => void>();
  let port: unknown;
  const child = startChild({
    command: operator.command,
    args: operator.args,
    cwd: ROOT,
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      ...operator.env,
      JOB_SETTINGS_FILE: settings,
      WATCH_NAMESPACES: namespace,
      POD_NAMESPACE: namespace,
      METRICS_PORT: '0',
      LEADER_ELECTION: 'off',
      ...env,
    },
    graceMs: 20_000,
    onStderrLine(line) {
      const entry = parseObject(line);
      if (typeof entry?.['msg'] === 'string') messages.push(entry['msg']);
      else messages.push(line);
      port ??= entry?.['port'];
      for (const look of waiting) look();
    },
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`the controller ${(await child.exited).startError?.message}`);
  let over = false;
  const exited = child.exited.then(async (exit) => {
    over = true;
    for (const look of waiting) look();
    await rm(folder, { recursive: true, force: true });
    return exit;
  });
  const signal = (name: NodeJS.Signals): void => {
    if (!over) process.kill(pid, name);
  };
  t.after(async () => {
    signal('SIGCONT');
    signal('SIGKILL');
    await exited;
  });

  const controller: LocalController = {
    pid,
    messages,
    exited,
    said: (pattern, ms = 15_000) =>
      within(
        ms,
        `the controller says ${pattern}`,
        () => messages.slice(-30).join('\n'),
        waiting,
        () => {
          const found = messages.find((message) => pattern.test(message));
          if (found === undefined && over)
            throw new Error(`it ended without ${pattern}:\n${messages.join('\n')}`);
          return found;
        },
      ),
    async get(path) {
      const response = await fetch(`http://127.0.0.1:${String(port)}${path}`);
      return { status: response.status, text: await response.text() };
    },
    async metric(name, labels) {
      const { text } = await controller.get('/metrics');
      return sumOf(text, name, labels);
    },
    residentMb: () => memoryOf(pid).residentMb,
    cpuSeconds: () => cpuSeconds(pid),
    signal,
    async kill() {
      signal('SIGKILL');
      return exited;
    },
    async stop() {
      signal('SIGTERM');
      return exited;
    },
  };
  await controller.said(/^Watching LoomVideos/);
  return controller;
}

async function commandOf(folder: string, server: string | PodAccess): Promise<PodCommand> {
  const main = join(ROOT, 'controller', 'main.ts');
  if (typeof server !== 'string') {
    const { env, ...pod } = await asInPod(folder, server, [process.execPath, main]);
    // As in the image: without it Node keeps its compiler of TypeScript in memory.
    return { ...pod, env: { ...env, NODE_COMPILE_CACHE: join(CACHE, 'node') } };
  }
  const kubeconfig = join(folder, 'kubeconfig');
  await writeFile(kubeconfig, JSON.stringify(kubeconfigOf(server)));
  return { command: process.execPath, args: [main], env: { KUBECONFIG: kubeconfig } };
}

function kubeconfigOf(server: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    // client-node wants it said where there is no TLS.
    clusters: [{ name: 'proxy', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'nobody', user: {} }],
    contexts: [{ name: 'proxy', context: { cluster: 'proxy', user: 'nobody' } }],
    'current-context': 'proxy',
  };
}
