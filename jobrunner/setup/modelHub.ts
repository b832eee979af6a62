import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describeExit, runChild } from '../../common/childProcess.ts';
import { type Checksums, wrongFiles } from './checksums.ts';
import { type Places, venvPython } from './folders.ts';
import { toolEnvironment } from './runTool.ts';
import type { StepContext } from './step.ts';

/** A model repository on the Hugging Face hub at one revision. */
export interface HubModel {
  readonly repository: string;
  readonly revision: string;
  readonly checksums: Checksums;
}

/** Exit code of fetch_from_hub.py when the hub does not answer in time. */
const UNREACHABLE = 3;
/** About 75 MB: half an hour allows for 0.3 Mbit/s. */
const TIMEOUT_MS = 30 * 60_000;

/**
 * Downloads a model's files into `work` and verifies them. Gives up within seconds where the hub cannot be reached.
 * @returns the folder, or why it could not be had, to follow the words "the model hub"
 */
export async function fetchFromHub(
  { repository, revision, checksums }: HubModel,
  places: Places,
  { say, signal, work }: StepContext,
): Promise<{ folder: string } | { fault: string }> {
  say('asking the model hub');
  const folder = join(work, 'hub');
  await mkdir(folder);
  const script = join(import.meta.dirname, 'fetch_from_hub.py');
  const exit = await runChild({
    command: venvPython(places),
    args: [script, repository, revision, folder, ...Object.keys(checksums)],
    env: {
      ...toolEnvironment(places.env),
      // Its caches would stay behind; the progress bars are ours, telemetry is nobody's.
      HF_HOME: join(work, 'hub-home'),
      HF_HUB_DISABLE_XET: '1',
      HF_HUB_DISABLE_PROGRESS_BARS: '1',
      HF_HUB_DISABLE_TELEMETRY: '1',
    },
    timeoutMs: TIMEOUT_MS,
    signal,
    onStdoutLine: say,
  });
  signal.throwIfAborted();
  if (exit.code === UNREACHABLE || exit.signal === 'SIGALRM') return { fault: 'cannot be reached' };
  if (exit.code !== 0) return { fault: `did not deliver, the download ${describeExit(exit)}` };
  const wrong = await wrongFiles(folder, checksums);
  return wrong.length > 0 ? { fault: `sent other bytes for ${wrong.join(', ')}` } : { folder };
}
