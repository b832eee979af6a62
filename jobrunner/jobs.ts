import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isObject, parseObject } from '../common/json.ts';
import type { LoomVideoSpecInput } from '../crds/generated/loomvideo.ts';
import { StageError } from './contract/stageError.ts';
import type { VideoJob } from './contract/videoJob.ts';
import { parseSpec } from './contract/spec.ts';

/** Settings of the command line that differ from the schema's defaults. */
export interface JobOverrides {
  readonly name?: string;
  readonly language?: string;
  readonly source?: string;
  readonly embedding?: { readonly model?: string; readonly dimensions?: number };
}

/**
 * The job of a link, or of a local file in development, given on the command line. The same link or file always has
 * the same name and uid, so that processing it twice changes nothing.
 */
export async function jobFromCommandLine(
  target: string,
  { production, overrides }: { production: boolean; overrides: JobOverrides },
): Promise<VideoJob> {
  const url = production || /^[a-z][a-z0-9+.-]*:/i.test(target) ? target : await fileUrl(target);
  const input: Omit<LoomVideoSpecInput, 'transcription'> & { transcription: object } = {
    url,
    transcription: {
      ...(overrides.language !== undefined && { language: overrides.language }),
      ...(overrides.source !== undefined && { source: overrides.source }),
    },
    embedding: { ...overrides.embedding },
  };
  const spec = parseSpec(input, { anyUrl: !production });
  const name = overrides.name ?? nameOf(url);
  if (!/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/.test(name))
    throw new StageError('ConfigurationInvalid', '--name takes lower-case letters, digits, "-" and ".".');
  return { name, owner: { key: `local.default.${name}`, uid: `local-${shortHash(url)}` }, spec };
}

async function fileUrl(path: string): Promise<string> {
  const file = resolve(path);
  const found = await stat(file).catch(() => undefined);
  if (!found?.isFile())
    throw new StageError(
      'InvalidURL',
      `Neither a link nor a file: ${path}. Give a Loom link such as https://www.loom.com/share/<id>.`,
    );
  return pathToFileURL(file).href;
}

/** `loom-<id>` for a Loom link, else the file's own name with a hash of where it is. */
function nameOf(url: string): string {
  const id = /([0-9a-f]{32})\/?(?:[?#].*)?$/.exec(url)?.[1];
  if (id !== undefined && /^https:\/\/(www\.)?loom\.com\//.test(url)) return `loom-${id}`;
  const stem = basename(decodePath(url)).replace(/\.[^.]*$/, '');
  const slug = stem
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replace(/^-+|-+$/g, '');
  return `${slug === '' ? 'video' : slug}-${shortHash(url)}`;
}

function decodePath(url: string): string {
  try {
    return decodeURIComponent(new URL(url).pathname);
  } catch {
    return url;
  }
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}

/**
 * The job a container is told in `LOOMVIDEO_JOB`: `{ "name", "owner": { "key", "uid" }, "spec" }` as JSON. Throws
 * `ConfigurationInvalid`.
 */
export function jobFromEnvironment(env: NodeJS.ProcessEnv): VideoJob {
  const text = env['LOOMVIDEO_JOB'];
  if (text === undefined || text === '')
    throw new StageError(
      'ConfigurationInvalid',
      'LOOMVIDEO_JOB is not set: it says which video this stage works on.',
    );
  const value = parseObject(text);
  if (typeof value?.['name'] === 'string' && isObject(value['owner'])) {
    const { key, uid } = value['owner'];
    if (typeof key === 'string' && key !== '' && typeof uid === 'string' && uid !== '')
      return { name: value['name'], owner: { key, uid }, spec: parseSpec(value['spec']) };
  }
  throw new StageError(
    'ConfigurationInvalid',
    'LOOMVIDEO_JOB is not JSON of { name, owner: { key, uid }, spec }.',
  );
}
