import { availableParallelism } from 'node:os';
import { Inference } from '../../jobrunner/inference/inference.ts';
import { embedderFolder, venvPython, whisperFolder } from '../../jobrunner/setup/folders.ts';
import { ROOT } from './cli.ts';

/** The real inference worker with the models that `npm run setup` installed. */
export function newInference(idleMs = 60_000): Inference {
  const places = { env: process.env, root: ROOT };
  return new Inference({
    python: venvPython(places),
    whisperFolder: whisperFolder(places),
    embedderFolder: embedderFolder(places),
    threads: availableParallelism(),
    env: process.env,
    idleMs,
  });
}
