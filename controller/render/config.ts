import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { Ajv } from 'ajv';
import { readConfig, secretsOf, type Config } from '../../jobrunner/config.ts';
import { StageError } from '../../jobrunner/contract/stageError.ts';

/** All Render mode is told by its environment, read once at the entry and passed down. */
export interface RenderConfig {
  readonly host: string;
  readonly port: number;
  /** Whoever calls has to have it; undefined: nobody is asked. */
  readonly apiToken: string | undefined;
  /** Runs on Render, behind its proxies. */
  readonly onRender: boolean;
  /** Where manifests to apply lie. */
  readonly manifestsDir: string | undefined;
  /** Of the pipeline. */
  readonly pipeline: Config;
}

interface Variables {
  PORT: number;
  HOST?: string;
  LOOMVIDEO_API_TOKEN?: string;
  LOOMVIDEO_MANIFESTS_DIR?: string;
  RENDER?: string;
}

const isVariables = new Ajv({ coerceTypes: true, useDefaults: true, allErrors: true }).compile<Variables>({
  type: 'object',
  required: ['PORT'],
  properties: {
    // Render's own default: https://render.com/docs/web-services#port-binding
    PORT: { type: 'integer', minimum: 0, maximum: 65_535, default: 10_000 },
    HOST: { type: 'string', pattern: '^[A-Za-z0-9.:-]{1,253}$' },
    // It travels in an HTTP header, and shall not be guessed.
    LOOMVIDEO_API_TOKEN: { type: 'string', pattern: '^[\\x21-\\x7e]{16,1024}$' },
    LOOMVIDEO_MANIFESTS_DIR: { type: 'string' },
    RENDER: { type: 'string' },
  },
});

/** What a value that does not match its pattern should be. */
const PATTERN_HINTS: Readonly<Record<string, string>> = {
  HOST: 'takes an address such as 127.0.0.1 or 0.0.0.0',
  LOOMVIDEO_API_TOKEN: 'takes at least 16 characters without spaces',
};

/**
 * Checks the environment; an empty variable counts as absent. Throws `ConfigurationInvalid` with the name of each variable
 * at fault. In production it listens to everybody with a token, to this machine alone without; what would be open to
 * everybody is refused.
 */
export function readRenderConfig(env: NodeJS.ProcessEnv): RenderConfig {
  const pipeline = readConfig(env);
  const given: unknown = Object.fromEntries(
    Object.entries(env)
      .map(([name, value]) => [name, value?.trim()] as const)
      .filter(([, value]) => value !== ''),
  );
  if (!isVariables(given)) {
    const faults = (isVariables.errors ?? []).map(({ instancePath, keyword, message }) => {
      const name = instancePath.slice(1);
      const hint = keyword === 'pattern' ? PATTERN_HINTS[name] : undefined;
      return `${name} ${hint ?? message ?? 'is not valid'}`;
    });
    throw new StageError('ConfigurationInvalid', `Environment: ${faults.join('; ')}.`);
  }
  const { PORT: port, LOOMVIDEO_API_TOKEN: apiToken } = given;
  const host = given.HOST ?? (pipeline.production && apiToken !== undefined ? '0.0.0.0' : '127.0.0.1');
  if (pipeline.production && apiToken === undefined && !isLoopback(host))
    throw new StageError(
      'ConfigurationInvalid',
      `Environment: HOST is ${host}, so that everybody could write: set LOOMVIDEO_API_TOKEN to a long random text.`,
    );
  const manifestsDir = given.LOOMVIDEO_MANIFESTS_DIR && resolve(given.LOOMVIDEO_MANIFESTS_DIR);
  if (manifestsDir !== undefined && !isFolder(manifestsDir))
    throw new StageError(
      'ConfigurationInvalid',
      `Environment: LOOMVIDEO_MANIFESTS_DIR is ${manifestsDir}, and there is no such folder: make it, or unset the variable.`,
    );
  return { host, port, apiToken, onRender: given.RENDER === 'true', manifestsDir, pipeline };
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** Values that nothing may show; also where the rest of the environment is not valid. */
export function renderSecretsOf(env: NodeJS.ProcessEnv): string[] {
  const token = env['LOOMVIDEO_API_TOKEN']?.trim();
  return token === undefined ? secretsOf(env) : [...secretsOf(env), token];
}

/** Reached from this machine alone, as an address to listen at or as the name in a URL. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}
