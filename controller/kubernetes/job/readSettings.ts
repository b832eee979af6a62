import { readFile } from 'node:fs/promises';
import { parseObject, type JsonObject } from '../../../common/json.ts';
import { parseJobSettings, type JobSettings } from './settings.ts';

/**
 * The settings for Jobs from a JSON or YAML file; `image` stands in where the file names none. Throws RangeError with what
 * is wrong with them.
 */
export async function readJobSettings(options: {
  readonly file: string | undefined;
  readonly image: string | undefined;
}): Promise<JobSettings> {
  const { file, image } = options;
  const given = file === undefined ? {} : await readObject(file);
  const settings = { ...(image !== undefined && { image }), ...given };
  if (!('image' in settings)) throw new RangeError('IMAGE is not set: it says which image the Jobs run');
  try {
    return parseJobSettings(settings);
  } catch (error) {
    if (error instanceof RangeError && file !== undefined)
      throw new RangeError(`${file}: ${error.message}`, { cause: error });
    throw error;
  }
}

async function readObject(file: string): Promise<JsonObject> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new RangeError(`JOB_SETTINGS_FILE cannot be read: ${String(error)}`, { cause: error });
  });
  const object = parseObject(text) ?? (await parseYaml(text, file));
  if (!object) throw new RangeError(`${file} is neither a JSON nor a YAML object`);
  return object;
}

/** The library costs 75 MB: it is loaded for people's own files, not for the chart's, which are JSON. */
async function parseYaml(text: string, file: string): Promise<JsonObject | undefined> {
  const { loadYaml } = await import('@kubernetes/client-node');
  try {
    return parseObject(JSON.stringify(loadYaml<unknown>(text) ?? {}));
  } catch (error) {
    throw new RangeError(`${file}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}
