import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Ajv } from 'ajv';
import { MB } from '../common/memory/source.ts';
import { StageError } from './contract/stageError.ts';

/** All the jobrunner is told by its environment, read once at the entry and passed down. */
export interface Config {
  /** NODE_ENV=production, or on Render: yt-dlp only, Loom links only. */
  readonly production: boolean;
  /** The budget of the whole process tree, bytes. */
  readonly memoryLimitBytes: number;
  readonly memoryGuard: boolean;
  readonly dataDir: string;
  readonly workDir: string;
  readonly logLevel: string;
  /** Undefined: each entry has its own habit. */
  readonly logFormat: 'json' | 'plain' | undefined;
  readonly loomApiKey: string | undefined;
  readonly videoPassword: string | undefined;
  /** Where a container's termination message goes. */
  readonly terminationLog: string | undefined;
  /** For child processes and proxies: see common/childEnvironment.ts. */
  readonly env: NodeJS.ProcessEnv;
}

interface Variables {
  NODE_ENV?: string;
  RENDER?: string;
  MAX_MEMORY_MB: number;
  MEMORY_GUARD: 'on' | 'off';
  LOOMVIDEO_DATA_DIR: string;
  LOOMVIDEO_WORK_DIR?: string;
  LOG_LEVEL: string;
  LOG_FORMAT?: 'json' | 'plain';
  LOOM_API_KEY?: string;
  LOOM_VIDEO_PASSWORD?: string;
  TERMINATION_LOG?: string;
}

const isVariables = new Ajv({ coerceTypes: true, useDefaults: true, allErrors: true }).compile<Variables>({
  type: 'object',
  required: ['MAX_MEMORY_MB', 'MEMORY_GUARD', 'LOOMVIDEO_DATA_DIR', 'LOG_LEVEL'],
  properties: {
    NODE_ENV: { type: 'string' },
    RENDER: { type: 'string' },
    MAX_MEMORY_MB: { type: 'number', minimum: 64, maximum: 1_048_576, default: 400 },
    MEMORY_GUARD: { type: 'string', enum: ['on', 'off'], default: 'on' },
    LOOMVIDEO_DATA_DIR: { type: 'string', minLength: 1, default: 'data' },
    LOOMVIDEO_WORK_DIR: { type: 'string', minLength: 1 },
    LOG_LEVEL: {
      type: 'string',
      enum: ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
      default: 'info',
    },
    LOG_FORMAT: { type: 'string', enum: ['json', 'plain'] },
    LOOM_API_KEY: { type: 'string', minLength: 1 },
    LOOM_VIDEO_PASSWORD: { type: 'string', minLength: 1 },
    TERMINATION_LOG: { type: 'string', minLength: 1 },
  },
});

/**
 * Checks the environment and turns it into a Config. An empty variable counts as absent, as Render and Helm write it.
 * Throws `ConfigurationInvalid` with the name of each variable at fault; values are never repeated, one may be a key.
 */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const given: unknown = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  if (!isVariables(given)) {
    const faults = (isVariables.errors ?? []).map(
      ({ instancePath, message, params }) =>
        `${instancePath.slice(1)} ${message ?? 'is not valid'}${allowed(params)}`,
    );
    throw new StageError('ConfigurationInvalid', `Environment: ${faults.join('; ')}.`);
  }
  return {
    production: given.NODE_ENV === 'production' || given.RENDER === 'true',
    memoryLimitBytes: given.MAX_MEMORY_MB * MB,
    memoryGuard: given.MEMORY_GUARD === 'on',
    dataDir: resolve(given.LOOMVIDEO_DATA_DIR),
    workDir: resolve(given.LOOMVIDEO_WORK_DIR ?? join(tmpdir(), 'loomvideo')),
    logLevel: given.LOG_LEVEL,
    logFormat: given.LOG_FORMAT,
    loomApiKey: given.LOOM_API_KEY,
    videoPassword: given.LOOM_VIDEO_PASSWORD,
    terminationLog: given.TERMINATION_LOG,
    env,
  };
}

function allowed(params: Record<string, unknown>): string {
  const values: unknown = params['allowedValues'];
  return Array.isArray(values) ? `: ${values.join(', ')}` : '';
}
