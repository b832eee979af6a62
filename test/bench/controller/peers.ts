import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startChild, type Child } from '../../../common/childProcess.ts';
import { parseObject } from '../../../common/json.ts';
import { jobOf } from '../../../controller/kubernetes/job/jobOf.ts';
import { parseJobSettings } from '../../../controller/kubernetes/job/settings.ts';
import { parseSpec } from '../../../jobrunner/contract/spec.ts';
import { cacheFolder } from '../../../jobrunner/setup/folders.ts';
import { run } from '../../cluster/command.ts';
import { ROOT } from '../../cluster/paths.ts';
import { asInPod } from '../../cluster/support/asInPod.ts';
import { sumOf } from '../../support/processFigures.ts';
import type { BareApiserver } from './apiserver.ts';
import { pythonEnvironment } from '../pythonEnvironment.ts';
import { PEERS } from '../peers/folder.ts';

/** The links of all videos that are made. */
export const LINK = 'https://www.loom.com/share/0123456789abcdef0123456789abcdef';

/** A controller at work. */
export interface Measured {
  readonly pid: number;
  /** Reconciliations so far; undefined where it does not say. */
  reconciles(): Promise<number | undefined>;
  stop(): Promise<void>;
}

/** What is made once and kept between runs. */
const BENCH_CACHE = join(cacheFolder({ env: process.env, root: ROOT }), 'bench');
/** The Go module of the minimal controller. */
export const GO_PEER = join(PEERS, 'controller-go');

export type Start = (at: {
  readonly apiserver: BareApiserver;
  readonly namespace: string;
}) => Promise<Measured>;

/** A controller to measure. */
export interface Peer {
  /** Builds or installs what it consists of, unless that is there. */
  prepare(): Promise<void>;
  readonly start: Start;
}

/**
 * `ours`; `ours-16`, with so many workers; `go` and `kopf`, minimal ones; `go-full`, with a finalizer and the Job's TTL as
 * well; or the path of another copy of this project.
 */
export function peerOf(name: string): Peer {
  const workers = /^ours-(\d+)$/.exec(name)?.[1];
  if (workers !== undefined) return ours(ROOT, { WORKERS: workers });
  if (name === 'ours') return ours(ROOT);
  if (name === 'go' || name === 'go-full') return controllerRuntime(name === 'go-full');
  return name === 'kopf' ? kopf() : ours(name);
}

/** What the chart gives it: 60 % of a container of 256 MB (charts/loomvideo-operator, deployment.yaml and values.yaml). */
const AS_IN_THE_CHART = '--max-old-space-size=154 --max-semi-space-size=2';

/** Our operator, as in a pod, with nothing to prepare. `tree`: the copy of the project that it is of. */
function ours(tree: string, env: Readonly<Record<string, string>> = {}): Peer {
  return { prepare: () => Promise.resolve(), start: startOurs(tree, env) };
}

function startOurs(tree: string, env: Readonly<Record<string, string>>): Start {
  return async ({ apiserver, namespace }) => {
    const settings = join(apiserver.folder, 'job.json');
    await writeFile(settings, JSON.stringify(SETTINGS));
    const operator = await asInPod(
      apiserver.folder,
      {
        ...{ host: '127.0.0.1', port: String(apiserver.port), namespace },
        ...{ authority: apiserver.authority, token: apiserver.token },
      },
      [process.execPath, join(tree, 'controller', 'main.ts')],
    );
    let port: unknown;
    const synced = Promise.withResolvers<void>();
    const child = startChild({
      command: operator.command,
      args: operator.args,
      cwd: tree,
      env: {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        ...operator.env,
        JOB_SETTINGS_FILE: settings,
        WATCH_NAMESPACES: namespace,
        METRICS_PORT: '0',
        LEADER_ELECTION: 'off',
        MAX_CONCURRENT: '0',
        NODE_COMPILE_CACHE: join(tree, '.cache', 'node'),
        NODE_OPTIONS: AS_IN_THE_CHART,
        ...env,
      },
      graceMs: 20_000,
      onStderrLine(line) {
        const entry = parseObject(line);
        port ??= entry?.['port'];
        if (String(entry?.['msg']).startsWith('In sync')) synced.resolve();
        else if (!String(entry?.['msg']).startsWith('Watching LoomVideos')) process.stderr.write(`${line}\n`);
      },
    });
    await begun(child, synced.promise);
    return {
      pid: child.pid ?? 0,
      async reconciles() {
        const text = await (await fetch(`http://127.0.0.1:${String(port)}/metrics`)).text();
        return sumOf(text, 'controller_runtime_reconcile_total');
      },
      stop: async () => void (await child.stop()),
    };
  };
}

/** The minimal controller on controller-runtime; `full`: with a finalizer and the Job's TTL. */
function controllerRuntime(full: boolean): Peer {
  const program = join(BENCH_CACHE, 'controller-go');
  return {
    async prepare() {
      await run('go', ['build', '-trimpath', '-buildvcs=false', '-ldflags=-s -w', '-o', program, '.'], {
        cwd: GO_PEER,
        env: { CGO_ENABLED: '0', GOWORK: 'off' },
      });
    },
    async start({ apiserver, namespace }) {
      const template = join(apiserver.folder, 'template.json');
      await writeFile(template, JSON.stringify(jobTemplate(namespace)));
      const started = Promise.withResolvers<void>();
      const child = startChild({
        command: program,
        args: [
          `-config=${apiserver.kubeconfig}`,
          `-namespace=${namespace}`,
          `-job=${template}`,
          ...(full ? ['-full'] : []),
        ],
        env: { PATH: process.env['PATH'], HOME: process.env['HOME'] },
        onStderrLine(line) {
          if (line.includes('Starting workers')) started.resolve();
          if (line.includes('"level":"error"')) process.stderr.write(`${line.slice(0, 400)}\n`);
        },
      });
      await begun(child, started.promise);
      return measured(child);
    },
  };
}

/** The minimal controller on kopf. */
function kopf(): Peer {
  const source = join(PEERS, 'controller-kopf');
  const environment = join(BENCH_CACHE, 'kopf');
  return {
    prepare: () => pythonEnvironment(environment, join(source, 'requirements.txt')),
    async start({ apiserver, namespace }) {
      const [template, authority] = ['template.json', 'ca.crt'].map((name) => join(apiserver.folder, name));
      await writeFile(template ?? '', JSON.stringify(jobTemplate(namespace)));
      await writeFile(authority ?? '', apiserver.authority);
      const started = Promise.withResolvers<void>();
      const child = startChild({
        command: join(environment, 'bin', 'python'),
        args: ['-m', 'kopf', 'run', '--quiet', `--namespace=${namespace}`, join(source, 'main.py')],
        env: {
          ...{ PATH: process.env['PATH'], HOME: process.env['HOME'], KUBECONFIG: apiserver.kubeconfig },
          ...{ JOB_TEMPLATE: template, CA_FILE: authority },
        },
        onStdoutLine: (line) => (line === 'Starting workers' ? started.resolve() : undefined),
        onStderrLine: (line) => process.stderr.write(`${line.slice(0, 400)}\n`),
      });
      await begun(child, started.promise);
      // It says so before it watches.
      await sleep(3000);
      return measured(child);
    },
  };
}

/** One that does not say how often it reconciles. */
function measured(child: Child): Measured {
  return {
    pid: child.pid ?? 0,
    reconciles: () => Promise.resolve(undefined),
    stop: async () => void (await child.stop()),
  };
}

const SETTINGS = { image: 'loomvideo.test/never-pulled:1', credentialsSecret: 'loomvideo-credentials' };

/** The Job that our operator makes of such a video: both make the same. */
function jobTemplate(namespace: string): object {
  const video = {
    ...{ namespace, name: 'video', uid: 'uid', generation: 1, createdAt: new Date() },
    ...{ deletedAt: undefined, finalizers: [], annotations: {}, labels: {}, status: {} },
    spec: parseSpec({ url: LINK }),
  };
  return jobOf({
    video,
    settings: parseJobSettings(SETTINGS),
    credentials: { kind: 'secret', name: SETTINGS.credentialsSecret },
    scope: 'kubernetes',
    specHash: 'a1b2c3d4e5f60718',
    action: {
      ...{ kind: 'create-job', name: 'video', run: 1, attempt: 1, queueName: undefined },
      memoryBytes: 400 * 1024 ** 2,
    },
  });
}

async function begun(child: Child, ready: Promise<void>): Promise<void> {
  const late = new AbortController();
  try {
    await Promise.race([
      ready,
      child.exited.then(({ stderrTail }) => {
        throw new Error(`the controller ended: ${stderrTail}`);
      }),
      sleep(60_000, undefined, { signal: late.signal }).then(() => {
        throw new Error('the controller did not begin');
      }),
    ]);
  } finally {
    late.abort();
  }
}
