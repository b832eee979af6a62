import { hostname } from 'node:os';
import { Ajv } from 'ajv';

/** All the operator is told by its environment, read once at the entry and passed down. */
export interface ControllerConfig {
  /** Undefined: all. */
  readonly watchNamespaces: readonly string[] | undefined;
  /** Attempts under way at once; Infinity: no cap. */
  readonly maxConcurrent: number;
  readonly maxConcurrentPerNamespace: number;
  /** Of the Jobs, unless the settings file names one. */
  readonly image: string | undefined;
  readonly jobSettingsFile: string | undefined;
  /** First part of the key under which a video is stored: tells clusters apart that share an index. */
  readonly scope: string;
  /** Where the Lease lies; undefined: the namespace of the pod or the kubeconfig's context. */
  readonly namespace: string | undefined;
  /** Names this process among the replicas. */
  readonly podName: string;
  readonly leaderElection: boolean;
  readonly leaseName: string;
  readonly workers: number;
  /** Requests to the apiserver per second, and at once; undefined: no limit. */
  readonly qps: number | undefined;
  readonly burst: number | undefined;
  /** Of health and metrics. */
  readonly port: number;
  readonly logLevel: string;
  readonly logFormat: 'json' | 'plain';
  readonly cluster: {
    readonly kubeconfig: string | undefined;
    readonly serviceHost: string | undefined;
    readonly servicePort: string | undefined;
  };
}

/** What is wrong with the environment, in one line. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

interface Variables {
  WATCH_NAMESPACES?: string;
  MAX_CONCURRENT: number;
  MAX_CONCURRENT_PER_NAMESPACE: number;
  IMAGE?: string;
  JOB_SETTINGS_FILE?: string;
  SCOPE: string;
  POD_NAMESPACE?: string;
  POD_NAME?: string;
  LEADER_ELECTION: 'on' | 'off';
  LEASE_NAME: string;
  WORKERS: number;
  KUBE_API_QPS?: number;
  KUBE_API_BURST?: number;
  METRICS_PORT: number;
  LOG_LEVEL: string;
  LOG_FORMAT: 'json' | 'plain';
  KUBECONFIG?: string;
  KUBERNETES_SERVICE_HOST?: string;
  KUBERNETES_SERVICE_PORT?: string;
}

const LABEL = '[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?';
const text = { type: 'string', minLength: 1 } as const;
const name = { type: 'string', pattern: `^${LABEL}$` } as const;
/** 0: no cap. */
const cap = { type: 'integer', minimum: 0, maximum: 100_000 } as const;

const isVariables = new Ajv({ coerceTypes: true, useDefaults: true, allErrors: true }).compile<Variables>({
  type: 'object',
  required: [
    ...['MAX_CONCURRENT', 'MAX_CONCURRENT_PER_NAMESPACE', 'SCOPE', 'LEADER_ELECTION', 'LEASE_NAME'],
    ...['WORKERS', 'METRICS_PORT', 'LOG_LEVEL', 'LOG_FORMAT'],
  ],
  properties: {
    WATCH_NAMESPACES: { type: 'string', pattern: `^\\s*${LABEL}([\\s,]+${LABEL})*[\\s,]*$` },
    // Five videos take 2 GB and a few cores: as much as a small cluster has to spare.
    MAX_CONCURRENT: { ...cap, default: 5 },
    MAX_CONCURRENT_PER_NAMESPACE: { ...cap, default: 0 },
    IMAGE: text,
    JOB_SETTINGS_FILE: text,
    SCOPE: { ...name, default: 'kubernetes' },
    POD_NAMESPACE: name,
    POD_NAME: text,
    LEADER_ELECTION: { type: 'string', enum: ['on', 'off'], default: 'on' },
    LEASE_NAME: { ...name, default: 'loomvideo-operator' },
    WORKERS: { type: 'integer', minimum: 1, maximum: 256, default: 8 },
    KUBE_API_QPS: { type: 'number', minimum: 1, maximum: 10_000 },
    KUBE_API_BURST: { type: 'integer', minimum: 1, maximum: 20_000 },
    METRICS_PORT: { type: 'integer', minimum: 0, maximum: 65_535, default: 8080 },
    LOG_LEVEL: {
      type: 'string',
      enum: ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
      default: 'info',
    },
    LOG_FORMAT: { type: 'string', enum: ['json', 'plain'], default: 'json' },
    KUBECONFIG: text,
    KUBERNETES_SERVICE_HOST: text,
    KUBERNETES_SERVICE_PORT: text,
  },
});

/** What a value that does not match its pattern should be. */
const PATTERN_HINTS: Readonly<Record<string, string>> = {
  WATCH_NAMESPACES: 'takes a list of namespaces such as team-a,team-b; leave it empty for all',
  SCOPE: 'takes a name of lower-case letters, digits and "-"',
  LEASE_NAME: 'takes a name of lower-case letters, digits and "-"',
  POD_NAMESPACE: 'takes the name of a namespace',
};

/** Checks the environment; an empty variable counts as absent. Throws {@link ConfigError}. */
export function readControllerConfig(env: NodeJS.ProcessEnv): ControllerConfig {
  const given: unknown = Object.fromEntries(
    Object.entries(env)
      .map(([variable, value]) => [variable, value?.trim()] as const)
      .filter(([, value]) => value !== ''),
  );
  if (!isVariables(given)) {
    const faults = (isVariables.errors ?? []).map(({ instancePath, keyword, message, params }) => {
      const variable = instancePath.slice(1);
      const hint = keyword === 'pattern' ? PATTERN_HINTS[variable] : undefined;
      return `${variable} ${hint ?? `${message ?? 'is not valid'}${allowed(params)}`}`;
    });
    throw new ConfigError(`Environment: ${faults.join('; ')}.`);
  }
  return {
    watchNamespaces:
      given.WATCH_NAMESPACES === undefined
        ? undefined
        : [...new Set(given.WATCH_NAMESPACES.split(/[\s,]+/).filter((namespace) => namespace !== ''))],
    maxConcurrent: given.MAX_CONCURRENT || Number.POSITIVE_INFINITY,
    maxConcurrentPerNamespace: given.MAX_CONCURRENT_PER_NAMESPACE || Number.POSITIVE_INFINITY,
    image: given.IMAGE,
    jobSettingsFile: given.JOB_SETTINGS_FILE,
    scope: given.SCOPE,
    namespace: given.POD_NAMESPACE,
    podName: given.POD_NAME ?? hostname(),
    leaderElection: given.LEADER_ELECTION === 'on',
    leaseName: given.LEASE_NAME,
    workers: given.WORKERS,
    qps: given.KUBE_API_QPS,
    burst: given.KUBE_API_BURST,
    port: given.METRICS_PORT,
    logLevel: given.LOG_LEVEL,
    logFormat: given.LOG_FORMAT,
    cluster: {
      kubeconfig: given.KUBECONFIG,
      serviceHost: given.KUBERNETES_SERVICE_HOST,
      servicePort: given.KUBERNETES_SERVICE_PORT,
    },
  };
}

function allowed(params: Record<string, unknown>): string {
  const values: unknown = params['allowedValues'];
  return Array.isArray(values) ? `: ${values.join(', ')}` : '';
}
