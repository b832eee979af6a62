import { createWriteStream } from 'node:fs';
import { describeExit, startChild } from '../../../common/childProcess.ts';
import { tail } from '../logs.ts';
import { inside, type Machine } from './machine.ts';

/** How a program of the cluster is called; its paths are those inside the machine. */
export interface Program {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
}

/** A program of the cluster that runs until the cluster stops. */
export interface Service {
  readonly program: Program;
  /** Kills it and waits for its end. What it started (containerd's containers, say) lives on, as after a crash. */
  stop(): Promise<void>;
}

/**
 * Starts a program inside the machine. Its output goes to `logFile`, behind what is there; when it ends without being
 * stopped, `onDeath` is called with an error that shows the last of it.
 */
export function startService(
  machine: Machine,
  program: Program,
  logFile: string,
  onDeath: (error: Error) => void,
): Service {
  const log = createWriteStream(logFile, { flags: 'a' });
  const write = (line: string): boolean => log.write(`${line}\n`);
  const [command = '', ...args] = inside(machine, program.command, program.args);
  let stopping = false;
  const child = startChild({
    command,
    args,
    env: { PATH: process.env['PATH'], HOME: '/root' },
    onStdoutLine: write,
    onStderrLine: write,
  });
  const end = async (): Promise<void> => {
    const exit = await child.exited;
    await new Promise<void>((resolve) => log.end(resolve));
    if (stopping) return;
    const how = describeExit({ ...exit, stderrTail: '' });
    onDeath(new Error(`${program.name} ${how}. ${await tail(logFile)}`));
  };
  const ended = end();
  return {
    program,
    async stop() {
      stopping = true;
      // The leader of its group is nsenter, which ends on TERM without waiting for the program.
      await child.stop();
      await ended;
    },
  };
}
