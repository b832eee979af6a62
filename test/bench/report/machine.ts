import { availableParallelism, cpus, release, totalmem, type } from 'node:os';
import { toMb } from '../../../common/memory/source.ts';
import { run } from '../../cluster/command.ts';
import { ROOT } from '../../support/cli.ts';

/** What a benchmark ran on. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  /** MB of 1024². */
  readonly memoryMb: number;
  readonly kernel: string;
  readonly node: string;
}

export function describeMachine(): Machine {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryMb: toMb(totalmem()),
    kernel: `${type()} ${release()}`,
    node: process.version,
  };
}

/** What is generated from figures: writing it makes no other program. */
const GENERATED = [':!README.md', ':!docs'];

/** The commit that is checked out, with `+` where files differ from it; `unknown` outside of a repository. */
export async function describeCommit(): Promise<string> {
  try {
    const commit = await run('git', ['rev-parse', '--short=10', 'HEAD'], { cwd: ROOT });
    const changed = await run('git', ['status', '--porcelain', '--', '.', ...GENERATED], { cwd: ROOT });
    return changed === '' ? commit : `${commit}+`;
  } catch {
    return 'unknown';
  }
}
