import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeExit, startChild, type ChildExit } from '../../../common/childProcess.ts';
import { logOf, tail } from '../logs.ts';
import { run } from '../command.ts';
import { CACHE } from '../paths.ts';
import { say } from '../progress.ts';

/** A Docker engine of our own: its images and layers are kept between runs, its processes are not. */
export interface Docker {
  /** Runs the docker client on this engine and gives its stdout; `onLine` sees all output as it is written. */
  docker(this: void, args: readonly string[], onLine?: (line: string) => void): Promise<string>;
  stop(): Promise<void>;
}

/** Where Debian's package puts the client, and Docker's own too; another one on the PATH may lack BuildKit. */
export const CLIENT = '/usr/bin/docker';

/** Another caller's build may hold the engine for minutes; once it is free, it is up within seconds. */
const START_MS = 15 * 60_000;
const PATIENCE_MS = 10_000;

/**
 * Starts dockerd beside whatever engine the machine has: own data, own socket, and no part in its network (no bridge,
 * no iptables rules). So builds run with `--network=host`. A second caller waits until the first has stopped. Its
 * processes and mounts are in namespaces that end with it. Throws with the last of its log when it does not come up.
 */
export async function startDocker(signal: AbortSignal): Promise<Docker> {
  await mkdir(CACHE, { recursive: true });
  // Not below CACHE: the name of a socket may have 107 characters.
  const folder = await mkdtemp(join(tmpdir(), 'loomvideo-docker-'));
  const socket = join(folder, 'docker.sock');
  const host = `unix://${socket}`;
  const logFile = logOf(CACHE, 'dockerd');
  const log = createWriteStream(logFile);
  const write = (line: string): boolean => log.write(`${line}\n`);
  const child = startChild({
    command: 'unshare',
    args: [
      ...['--pid', '--mount', '--propagation', 'private', '--fork', '--kill-child=KILL', '--mount-proc'],
      ...['flock', '--no-fork', '--exclusive', join(CACHE, 'docker.lock')],
      'dockerd',
      ...[`--data-root=${join(CACHE, 'docker')}`, `--exec-root=${folder}/exec`, `--pidfile=${folder}/pid`],
      ...[`--host=${host}`, '--storage-driver=overlay2', '--exec-opt=native.cgroupdriver=cgroupfs'],
      ...['--bridge=none', '--iptables=false', '--ip6tables=false'],
    ],
    env: process.env,
    onStdoutLine: write,
    onStderrLine: write,
    graceMs: 10_000,
  });
  let ended: ChildExit | undefined;
  void child.exited.then((exit) => (ended = exit));
  const engine: Docker = {
    docker: (args, onLine) =>
      run(CLIENT, args, {
        // The user's own contexts and credentials have nothing to do with this engine.
        env: { DOCKER_HOST: host, DOCKER_CONFIG: folder, DOCKER_CONTEXT: '', DOCKER_BUILDKIT: '1' },
        ...(onLine && { onLine }),
        signal,
      }),
    async stop() {
      await child.stop();
      log.end();
      await rm(folder, { recursive: true, force: true });
    },
  };
  try {
    await answering(engine, socket, () => ended, signal, logFile);
    return engine;
  } catch (error) {
    await engine.stop();
    throw error;
  }
}

async function answering(
  { docker }: Docker,
  socket: string,
  ended: () => ChildExit | undefined,
  signal: AbortSignal,
  logFile: string,
): Promise<void> {
  const start = performance.now();
  let told = false;
  while (performance.now() < start + START_MS) {
    signal.throwIfAborted();
    const exit = ended();
    if (exit) throw new Error(`dockerd ${describeExit(exit)}\n${await tail(logFile)}`);
    if (existsSync(socket) && (await answers(docker))) return;
    if (!told && performance.now() > start + PATIENCE_MS) {
      say(`waiting for dockerd: another build seems to hold ${join(CACHE, 'docker.lock')}`);
      told = true;
    }
    await sleep(200);
  }
  throw new Error(`dockerd does not answer after ${START_MS / 60_000} minutes. ${await tail(logFile)}`);
}

function answers(docker: Docker['docker']): Promise<boolean> {
  return docker(['version']).then(
    () => true,
    () => false,
  );
}
