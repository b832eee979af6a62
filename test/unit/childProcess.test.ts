import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeExit, runChild, startChild } from '../../common/childProcess.ts';

const node = process.execPath;
const env = { PATH: process.env['PATH'] };
const script = (code: string): { command: string; args: string[]; env: NodeJS.ProcessEnv } => ({
  command: node,
  args: ['-e', code],
  env,
});

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function gone(pid: number): Promise<boolean> {
  for (let i = 0; i < 100 && alive(pid); i++) await sleep(20);
  return !alive(pid);
}

/** A leader that starts a child in its group, prints the child's pid and waits. Neither heeds TERM. */
const STUBBORN_FAMILY = `
  process.on('SIGTERM', () => {});
  const { spawn } = require('node:child_process');
  const code = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); process.stdout.write('up')";
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'ignore'] });
  child.stdout.once('data', () => console.log(child.pid));
  setInterval(() => {}, 1000);
`;

describe('runChild', () => {
  it('gives lines, tails and the exit code', async () => {
    const lines: string[] = [];
    const exit = await runChild({
      ...script(
        `process.stdout.write('a\\nb\\r\\nc'); process.stderr.write('oh\\nno\\n'); process.exitCode = 3`,
      ),
      onStdoutLine: (line) => lines.push(line),
    });
    assert.deepEqual(lines, ['a', 'b', 'c']);
    assert.equal(exit.code, 3);
    assert.equal(exit.signal, null);
    assert.equal(describeExit(exit), 'exited with code 3: no');
  });

  it('keeps only the end of a long output', async () => {
    const exit = await runChild({
      ...script(`process.stderr.write('x'.repeat(1e6) + 'end')`),
      tailChars: 10,
    });
    assert.equal(exit.stderrTail, 'xxxxxxxend');
  });

  it('passes arguments and input through no shell', async () => {
    const hostile = '$(touch /tmp/never) `id` "quotes" \'and\' ; rm -rf /';
    const lines: string[] = [];
    await runChild({
      command: node,
      args: ['-e', `console.log(process.argv[1]); process.stdin.pipe(process.stdout)`, hostile],
      env,
      input: 'from stdin\n',
      onStdoutLine: (line) => lines.push(line),
    });
    assert.deepEqual(lines, [hostile, 'from stdin']);
  });

  it('gives the child only the environment it is handed', async () => {
    const lines: string[] = [];
    await runChild({
      ...script(`console.log(Object.keys(process.env).join())`),
      onStdoutLine: (l) => lines.push(l),
    });
    assert.deepEqual(lines, ['PATH']);
  });

  it('says so when the program does not exist', async () => {
    const exit = await runChild({ command: '/no/such/program', args: [], env });
    assert.ok(exit.startError ?? exit.code !== 0);
    assert.match(describeExit(exit), /no\/such\/program|could not be started/);
  });

  it('ends at its timeout', async () => {
    const exit = await runChild({ ...script('setInterval(() => {}, 1000)'), timeoutMs: 300 });
    assert.equal(exit.timedOut, true);
    assert.match(describeExit(exit), /^timed out/);
  });

  it('does not start what is aborted already', async () => {
    const exit = await runChild({ ...script('setInterval(() => {}, 1000)'), signal: AbortSignal.abort() });
    assert.equal(exit.aborted, true);
    assert.notEqual(exit.code, 0);
  });
});

describe('the process group', () => {
  it('is ended whole, by KILL after the grace, when aborted', async () => {
    const abort = new AbortController();
    const pid = Promise.withResolvers<number>();
    const child = startChild({
      ...script(STUBBORN_FAMILY),
      signal: abort.signal,
      graceMs: 300,
      onStdoutLine: (line) => pid.resolve(Number(line)),
    });
    const grandchild = await pid.promise;
    abort.abort();
    const exit = await child.exited;
    assert.equal(exit.aborted, true);
    assert.equal(exit.signal, 'SIGKILL');
    assert.ok(await gone(grandchild));
  });

  it('gets no grace when the reason says so', async () => {
    const abort = new AbortController();
    const up = Promise.withResolvers<void>();
    const child = startChild({
      ...script(STUBBORN_FAMILY),
      signal: abort.signal,
      graceMs: 60_000,
      onStdoutLine: () => up.resolve(),
    });
    await up.promise;
    abort.abort({ killsAtOnce: true });
    assert.equal((await child.exited).signal, 'SIGKILL');
  });

  it('keeps no straggler when its leader ends', async () => {
    const pid = Promise.withResolvers<number>();
    const child = startChild({
      ...script(`
        const { spawn } = require('node:child_process');
        const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
        console.log(child.pid); setTimeout(() => process.exit(0), 100);
      `),
      onStdoutLine: (line) => pid.resolve(Number(line)),
    });
    assert.equal((await child.exited).code, 0);
    assert.ok(await gone(await pid.promise));
  });

  it('dies with us, even of SIGKILL', async () => {
    const pid = Promise.withResolvers<number>();
    const module = new URL('../../common/childProcess.ts', import.meta.url).href;
    const parent = startChild({
      command: node,
      args: [
        '--input-type=module',
        '-e',
        `import { startChild } from ${JSON.stringify(module)};
         const child = startChild({ command: process.execPath, args: ['-e', 'setInterval(() => {}, 1000)'], env: {} });
         console.log(child.pid); setInterval(() => {}, 1000);`,
      ],
      env,
      onStdoutLine: (line) => pid.resolve(Number(line)),
    });
    const child = await pid.promise;
    process.kill(parent.pid ?? 0, 'SIGKILL');
    await parent.exited;
    assert.ok(await gone(child), 'needs setpriv of util-linux: apt-get install util-linux');
  });
});
