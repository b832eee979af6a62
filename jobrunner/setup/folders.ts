/** Where `npm run setup` puts things, for it and for those that use them. */
import { join, resolve } from 'node:path';

/** The environment's overrides and the project's `root` folder. */
export interface Places {
  readonly env: NodeJS.ProcessEnv;
  readonly root: string;
}

/** The Python virtual environment: `LOOMVIDEO_VENV`, or `.venv` in the project. */
export const venvFolder = ({ env, root }: Places): string => resolve(root, env.LOOMVIDEO_VENV || '.venv');

/** The venv's interpreter. */
export const venvPython = (places: Places): string => join(venvFolder(places), 'bin', 'python');

/** What can be fetched again: `LOOMVIDEO_CACHE_DIR`, or `.cache` in the project. */
export const cacheFolder = ({ env, root }: Places): string =>
  resolve(root, env.LOOMVIDEO_CACHE_DIR || '.cache');

/** The Whisper model (CTranslate2, int8 on disk) with its `manifest.json`. */
export const whisperFolder = (places: Places): string => join(cacheFolder(places), 'models', 'whisper');

/** all-MiniLM-L6-v2 (CTranslate2, int8 on disk) with its tokenizer and `manifest.json`. */
export const embedderFolder = (places: Places): string =>
  join(cacheFolder(places), 'models', 'all-MiniLM-L6-v2');
