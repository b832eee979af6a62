/**
 * `npm run test:cluster`: builds what is not built yet, boots a control plane and a node, runs the cluster tier on them
 * and stops them. `-- smoke` runs the files whose name begins so; `-- --keep` leaves the cluster running until Ctrl-C.
 * With KUBECONFIG set the tests run on that cluster, and with LOOMVIDEO_IMAGE on that image, which its nodes have to have;
 * nothing of it is built then.
 * Exits 0 when all tests passed, 1 when one failed or the cluster did not come up, 2 when nothing could be started, and
 * 130 after Ctrl-C.
 */
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { startChild } from '../../common/childProcess.ts';
import { startCluster, type StartedCluster } from './boot/startCluster.ts';
import { HELM_MODULE, KUBERNETES_MODULE, PROGRAMS_MODULE } from './build/goModule.ts';
import { buildModule } from './build/goTools.ts';
import { openCluster } from './cluster.ts';
import { buildOperatorImage, OPERATOR_IMAGE } from './images/operatorImage.ts';
import { ROOT } from './paths.ts';
import { missingForImage, missingForTests, missingPrerequisites } from './prerequisites.ts';
import { say, step } from './progress.ts';

/** Longer than any file needs, in milliseconds: a hanging cluster shall not hang the caller. */
const FILE_TIMEOUT_MS = 20 * 60_000;

/** Files that run the operator in the cluster, and so want its image in it. */
const WITH_IMAGE =
  /^(compiled|embedded|failures|lifecycle|memory|renderContainer|security|services|supplyChain)\./;

const interrupt = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => interrupt.abort(new Error(`stopped by ${name}`)));
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  if (interrupt.signal.aborted) return 130;
  say(error instanceof Error ? error.message : String(error));
  return 1;
});

async function main(args: readonly string[]): Promise<number> {
  const keep = args.includes('--keep');
  const wanted = args.filter((arg) => arg !== '--keep');
  const files = globSync('*.test.ts', { cwd: import.meta.dirname })
    .filter((file) => wanted.length === 0 || wanted.some((prefix) => file.startsWith(prefix)))
    .sort();
  if (files.length === 0) {
    say(`no test file begins with ${wanted.join(' or ')}`);
    return 2;
  }

  const given = process.env['KUBECONFIG'];
  const image = process.env['LOOMVIDEO_IMAGE'];
  const builds = image === undefined && files.some((file) => WITH_IMAGE.test(file));
  const missing = given
    ? [...(await missingForTests()), ...(builds ? missingForImage() : [])]
    : await missingPrerequisites();
  if (missing.length > 0) {
    say(['this machine lacks:', ...missing.map((one) => `  - ${one}`)].join('\n'));
    return 2;
  }
  if (given) {
    say(`using the cluster of KUBECONFIG=${given}`);
    if (builds) await bringImage(given);
    return runTests(files, given, interrupt.signal);
  }
  const { signal } = interrupt;
  const programs = await buildModule(PROGRAMS_MODULE, signal);
  const kubernetes = await buildModule(KUBERNETES_MODULE, signal);
  await buildModule(HELM_MODULE, signal);
  // Before the cluster is there: the two would only slow each other down.
  const archive = builds ? await buildOperatorImage(signal) : undefined;
  const cluster = await step('booting the cluster', () => startCluster({ kubernetes, programs }, signal));
  try {
    if (archive !== undefined) await loadImage(cluster.kubeconfig, archive);
    return await runOn(cluster, files, keep);
  } finally {
    await step('stopping the cluster', () => cluster.stop());
  }
}

async function bringImage(kubeconfig: string): Promise<void> {
  await loadImage(kubeconfig, await buildOperatorImage(interrupt.signal));
}

async function loadImage(kubeconfig: string, archive: string): Promise<void> {
  const cluster = await openCluster(kubeconfig);
  await step('loading the image into the cluster', () => cluster.loadImage(archive));
}

async function runOn(cluster: StartedCluster, files: readonly string[], keep: boolean): Promise<number> {
  const signal = AbortSignal.any([interrupt.signal, cluster.failed]);
  const code = await runTests(files, cluster.kubeconfig, signal);
  if (cluster.failed.aborted) throw cluster.failed.reason;
  if (code !== 0) say(`logs of the cluster: ${cluster.logs}`);
  if (keep) {
    say(`the cluster runs on until Ctrl-C. In another terminal:
  export KUBECONFIG=${cluster.kubeconfig}
  ${cluster.kubectlPath} get pods --all-namespaces
  npm run test:cluster -- smoke        # on this cluster, without building or booting`);
    await aborted(signal);
    if (cluster.failed.aborted) throw cluster.failed.reason;
  }
  return code;
}

/** Runs the files one after the other, as they share one node; gives the exit code. */
async function runTests(files: readonly string[], kubeconfig: string, signal: AbortSignal): Promise<number> {
  const child = startChild({
    command: process.execPath,
    args: [
      ...['--test', '--test-concurrency=1', '--test-reporter=spec', `--test-timeout=${FILE_TIMEOUT_MS}`],
      `--import=${join(import.meta.dirname, '..', 'support', 'endOfFile.ts')}`,
      ...files.map((file) => join(import.meta.dirname, file)),
    ],
    cwd: ROOT,
    env: {
      LOOMVIDEO_IMAGE: OPERATOR_IMAGE,
      ...process.env,
      KUBECONFIG: kubeconfig,
      ...(process.stdout.isTTY && { FORCE_COLOR: '1' }),
    },
    signal,
    graceMs: 20_000,
    rawStdout: true,
    onStderrLine: (line) => process.stderr.write(`${line}\n`),
  });
  child.stdout?.pipe(process.stdout, { end: false });
  const { code } = await child.exited;
  interrupt.signal.throwIfAborted();
  return code ?? 1;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
