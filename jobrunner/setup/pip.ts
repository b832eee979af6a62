import { runTool } from './runTool.ts';

export interface PipOptions {
  readonly python: string;
  readonly env: NodeJS.ProcessEnv;
  readonly say: (detail: string) => void;
  readonly signal: AbortSignal;
}

/** Only wheels whose hash is pinned: nothing is built, and no setup.py of a stranger runs. */
const STRICT = ['--require-hashes', '--only-binary', ':all:'];
const TIDY = ['--no-cache-dir', '--no-input', '--disable-pip-version-check', '--progress-bar', 'off'];
const REMEDY =
  'check that pip reaches its package index (proxy: HTTPS_PROXY, own index: PIP_INDEX_URL, own authority: PIP_CERT), ' +
  'then run `npm run setup` again; it goes on where it stopped';

/** Runs a pip command (`install …` or `download …`) with hashes required. Throws SetupError. */
export async function runPip(
  [command = '', ...args]: readonly string[],
  { python, env, say, signal }: PipOptions,
): Promise<void> {
  const onStdoutLine = (line: string): void => {
    const doing = /^\s*((?:Collecting|Downloading|Installing collected|Saved) \S+)/.exec(line)?.[1];
    if (doing !== undefined) say(doing);
  };
  await runTool(
    { command: python, args: ['-m', 'pip', command, ...TIDY, ...STRICT, ...args], env, signal, onStdoutLine },
    REMEDY,
  );
}
