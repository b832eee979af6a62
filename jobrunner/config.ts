import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Ajv } from 'ajv';
import { MB } from '../common/memory/source.ts';
import { parseDuration } from '../common/quantity.ts';
import { StageError } from './contract/stageError.ts';
import { SERVICE_NAMES, SERVICE_VARIABLES, type ServiceName, type ServiceVariable } from './serviceChoice.ts';

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
  readonly services: ServiceConfig;
  /** What the command line embeds with, where an embedding service is configured; a resource says it in its spec. */
  readonly embedding: { readonly model?: string; readonly dimensions?: number };
  /** Values that no log, report or error may show. */
  readonly secrets: readonly string[];
  /** For child processes and proxies: see common/childEnvironment.ts. */
  readonly env: NodeJS.ProcessEnv;
}

/** What is known of the outside services; see serviceChoice.ts for which of them are used. */
export interface ServiceConfig {
  readonly variables: Readonly<Partial<Record<ServiceVariable, string>>>;
  /** Services that stay embedded on purpose. */
  readonly embedded: ReadonlySet<ServiceName>;
  /** Of a server that answers as OpenAI does. */
  readonly openaiBaseUrl: string | undefined;
  /** Of the index itself: then Pinecone is not asked where it is. */
  readonly pineconeHost: string | undefined;
  /** Where Pinecone is asked about indexes; its own API unless told. The client library knows it by this name too. */
  readonly pineconeControllerHost: string | undefined;
  readonly pineconeNamespace: string;
  /** For one request and its whole answer, milliseconds. */
  readonly timeoutMs: number;
}

interface Variables extends Partial<Record<ServiceVariable, string>> {
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
  OPENAI_BASE_URL?: string;
  PINECONE_HOST?: string;
  PINECONE_CONTROLLER_HOST?: string;
  PINECONE_NAMESPACE: string;
  LOOMVIDEO_EMBEDDED: string;
  LOOMVIDEO_EMBEDDING_MODEL?: string;
  LOOMVIDEO_EMBEDDING_DIMENSIONS?: number;
  LOOMVIDEO_SERVICE_TIMEOUT: string;
}

/** Variables whose values are secrets. */
const SECRET_VARIABLES = [
  'OPENAI_API_KEY',
  'PINECONE_API_KEY',
  'SUPABASE_ANON_KEY',
  'LOOM_API_KEY',
  'LOOM_VIDEO_PASSWORD',
] as const;

const NAME = SERVICE_NAMES.join('|');
/** A list such as `openai,supabase`. */
const EMBEDDED_LIST = `^\\s*((${NAME})\\s*(,\\s*(${NAME})\\s*)*)?$`;
const text = { type: 'string', minLength: 1 } as const;
/** A key travels in an HTTP header: what cannot stand there is a paste that went wrong. */
const key = { type: 'string', pattern: '^[\\x21-\\x7e]+$' } as const;

const isVariables = new Ajv({ coerceTypes: true, useDefaults: true, allErrors: true }).compile<Variables>({
  type: 'object',
  required: [
    ...['MAX_MEMORY_MB', 'MEMORY_GUARD', 'LOOMVIDEO_DATA_DIR', 'LOG_LEVEL'],
    ...['PINECONE_NAMESPACE', 'LOOMVIDEO_EMBEDDED', 'LOOMVIDEO_SERVICE_TIMEOUT'],
  ],
  properties: {
    NODE_ENV: { type: 'string' },
    RENDER: { type: 'string' },
    MAX_MEMORY_MB: { type: 'number', minimum: 64, maximum: 1_048_576, default: 400 },
    MEMORY_GUARD: { type: 'string', enum: ['on', 'off'], default: 'on' },
    LOOMVIDEO_DATA_DIR: { type: 'string', minLength: 1, default: 'data' },
    LOOMVIDEO_WORK_DIR: text,
    LOG_LEVEL: {
      type: 'string',
      enum: ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
      default: 'info',
    },
    LOG_FORMAT: { type: 'string', enum: ['json', 'plain'] },
    LOOM_API_KEY: key,
    LOOM_VIDEO_PASSWORD: text,
    TERMINATION_LOG: text,
    OPENAI_API_KEY: key,
    OPENAI_BASE_URL: text,
    PINECONE_API_KEY: key,
    PINECONE_INDEX: text,
    PINECONE_HOST: text,
    PINECONE_CONTROLLER_HOST: text,
    // Apart from what else may lie in the index.
    PINECONE_NAMESPACE: { ...text, default: 'loomvideo' },
    SUPABASE_URL: text,
    SUPABASE_ANON_KEY: key,
    LOOMVIDEO_EMBEDDED: { type: 'string', pattern: EMBEDDED_LIST, default: '' },
    LOOMVIDEO_EMBEDDING_MODEL: { ...text, maxLength: 128 },
    LOOMVIDEO_EMBEDDING_DIMENSIONS: { type: 'integer', minimum: 1, maximum: 20_000 },
    LOOMVIDEO_SERVICE_TIMEOUT: {
      type: 'string',
      pattern: '^([1-9][0-9]{0,2}m)?([1-9][0-9]{0,4}s)?$',
      minLength: 2,
      default: '30s',
    },
  },
});

const COPIED = 'has a character that no key has: was more copied than the key?';
/** What a value that does not match its pattern should be. */
const PATTERN_HINTS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(SECRET_VARIABLES.map((name) => [name, COPIED])),
  LOOMVIDEO_EMBEDDED: `takes a list of services, of ${SERVICE_NAMES.join(', ')}`,
  LOOMVIDEO_SERVICE_TIMEOUT: 'takes a duration such as 30s or 2m',
};

/**
 * Checks the environment and turns it into a Config. An empty variable counts as absent, as Render and Helm write it;
 * white space around a value is not part of it, as a key piped into a Secret has a line break at its end.
 * Throws `ConfigurationInvalid` with the name of each variable at fault; values are never repeated, one may be a key.
 */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const given: unknown = Object.fromEntries(
    Object.entries(env)
      .map(([name, value]) => [name, name === 'LOOM_VIDEO_PASSWORD' ? value : value?.trim()] as const)
      .filter(([, value]) => value !== ''),
  );
  if (!isVariables(given)) {
    const faults = (isVariables.errors ?? []).map(({ instancePath, keyword, message, params }) => {
      const name = instancePath.slice(1);
      const hint = keyword === 'pattern' ? PATTERN_HINTS[name] : undefined;
      return `${name} ${hint ?? `${message ?? 'is not valid'}${allowed(params)}`}`;
    });
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
    services: serviceConfig(given),
    embedding: {
      ...(given.LOOMVIDEO_EMBEDDING_MODEL !== undefined && { model: given.LOOMVIDEO_EMBEDDING_MODEL }),
      ...(given.LOOMVIDEO_EMBEDDING_DIMENSIONS !== undefined && {
        dimensions: given.LOOMVIDEO_EMBEDDING_DIMENSIONS,
      }),
    },
    secrets: secretsOf(env),
    env,
  };
}

/** The values of an environment that nothing may show; also for the entry, when the rest of it is not valid. */
export function secretsOf(env: NodeJS.ProcessEnv): string[] {
  return SECRET_VARIABLES.flatMap((name) => env[name]?.trim() ?? []);
}

function serviceConfig(given: Variables): ServiceConfig {
  const names = Object.values(SERVICE_VARIABLES).flat();
  return {
    variables: Object.fromEntries(
      names.flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]]])),
    ),
    embedded: new Set(
      SERVICE_NAMES.filter((name) => given.LOOMVIDEO_EMBEDDED.split(/[\s,]+/).includes(name)),
    ),
    openaiBaseUrl: given.OPENAI_BASE_URL,
    pineconeHost: given.PINECONE_HOST,
    pineconeControllerHost: given.PINECONE_CONTROLLER_HOST,
    pineconeNamespace: given.PINECONE_NAMESPACE,
    timeoutMs: parseDuration(given.LOOMVIDEO_SERVICE_TIMEOUT) * 1000,
  };
}

function allowed(params: Record<string, unknown>): string {
  const values: unknown = params['allowedValues'];
  return Array.isArray(values) ? `: ${values.join(', ')}` : '';
}
