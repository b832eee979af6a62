import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runChild, startChild } from '../../../common/childProcess.ts';
import { CACHE } from '../paths.ts';

/** What a stock kubectl said and how it ended. */
export interface Said {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export type Kubectl = (args: readonly string[], input?: string) => Promise<Said>;

/** Runs it and expects `pattern` in what it says, and its exit code. */
export async function says(
  kubectl: Kubectl,
  args: readonly string[],
  pattern: RegExp,
  input?: string,
  code = 0,
): Promise<void> {
  const said = await kubectl(args, input);
  assert.equal(said.code, code, `kubectl ${args.join(' ')}: ${said.err}${said.out}`);
  assert.match(said.out + said.err, pattern);
}

/** `server`: the flags that lead there, or its address. Nothing is read of the user's own configuration. */
export function runKubectl(
  server: string | readonly string[],
  args: readonly string[],
  input?: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Said> {
  return run([...flagsTo(server), ...args], input, { ...env, KUBECONFIG: '/dev/null' });
}

async function run(
  args: readonly string[],
  input: string | undefined,
  env: Readonly<Record<string, string>>,
): Promise<Said> {
  const out: string[] = [];
  const err: string[] = [];
  const { code, startError } = await runChild({
    command: kubectlPath(),
    args,
    env: { PATH: process.env['PATH'], HOME: tmpdir(), ...env },
    timeoutMs: 60_000,
    onStdoutLine: (line) => out.push(line),
    onStderrLine: (line) => err.push(line),
    ...(input !== undefined && { input }),
  });
  if (startError) throw startError;
  return { code, out: out.join('\n'), err: err.join('\n') };
}

/** The one that the cluster tier built, or else the machine's. */
function kubectlPath(): string {
  return globSync(join(CACHE, 'bin', 'kubernetes-*', 'kubectl'))[0] ?? 'kubectl';
}

/** Lines of `kubectl get --watch`, as they come. */
export function watchVideos(
  t: { after(work: () => unknown): void },
  server: string | readonly string[],
): readonly string[] {
  const lines: string[] = [];
  const child = startChild({
    command: kubectlPath(),
    args: [...flagsTo(server), 'get', 'lv', '--watch'],
    env: { PATH: process.env['PATH'], HOME: tmpdir(), KUBECONFIG: '/dev/null' },
    onStdoutLine: (line) => lines.push(line),
  });
  t.after(() => child.stop());
  return lines;
}

function flagsTo(server: string | readonly string[]): readonly string[] {
  return typeof server === 'string' ? [`--server=${server}`] : server;
}
