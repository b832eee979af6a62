import type { V1Affinity, V1Toleration, V1Volume, V1VolumeMount } from '@kubernetes/client-node';
import { Ajv } from 'ajv';

/** How Jobs are made, apart from what a LoomVideo says: the chart's values, as the file JOB_SETTINGS_FILE has them. */
export interface JobSettings {
  readonly image: string;
  /** Absent: as Kubernetes does by the image's tag. */
  readonly imagePullPolicy?: 'Always' | 'IfNotPresent' | 'Never';
  readonly imagePullSecrets: readonly { readonly name: string }[];
  /** What starts the jobrunner; the stage's name comes after it. */
  readonly command: readonly string[];
  /** User and group that own the image's files. */
  readonly runAsUser: number;
  readonly runAsGroup: number;
  /** Secret, in the LoomVideo's namespace, of those that name none. */
  readonly credentialsSecret?: string;
  /** No services: models and a database in the image and on this PersistentVolumeClaim of the LoomVideo's namespace. */
  readonly embedded?: { readonly claimName: string };
  /** For every container, `transcribe` included: no secrets. */
  readonly env: readonly { readonly name: string; readonly value: string }[];
  /** For the stages that go out. */
  readonly proxy: { readonly http?: string; readonly https?: string; readonly no?: string };
  /** ConfigMap, in the LoomVideo's namespace, with all certificate authorities that the stages shall trust, in PEM. */
  readonly caBundle?: { readonly configMap: string; readonly key: string };
  readonly volumes: readonly V1Volume[];
  readonly volumeMounts: readonly V1VolumeMount[];
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly V1Toleration[];
  readonly affinity?: V1Affinity;
  readonly priorityClassName?: string;
  readonly runtimeClassName?: string;
  readonly serviceAccountName?: string;
  readonly cpuRequest: string;
  /** Absent: none. A limit makes transcription slower and saves nobody anything: the request decides who goes first. */
  readonly cpuLimit?: string;
  readonly ephemeralStorageRequest?: string;
  /** Scheduling, pulling the image: an attempt has spec.timeout and this. */
  readonly startAllowanceSeconds: number;
  /** How long a finished Job can be looked at. */
  readonly ttlSecondsAfterFinished: number;
  readonly terminationGracePeriodSeconds: number;
}

const text = { type: 'string', minLength: 1 } as const;
const texts = { type: 'object', additionalProperties: { type: 'string' }, default: {} } as const;
const objects = { type: 'array', items: { type: 'object', required: ['name'] }, default: [] } as const;
const id = { type: 'integer', minimum: 1, maximum: 2_147_483_647 } as const;

const isJobSettings = new Ajv({ useDefaults: true, allErrors: true }).compile<JobSettings>({
  type: 'object',
  additionalProperties: false,
  required: ['image'],
  properties: {
    image: text,
    imagePullPolicy: { type: 'string', enum: ['Always', 'IfNotPresent', 'Never'] },
    imagePullSecrets: objects,
    // tini ends what a stage leaves behind; named here so that no ENTRYPOINT of an image changes it.
    command: {
      type: 'array',
      items: text,
      minItems: 1,
      default: ['tini', '--', 'node', '--max-semi-space-size=2', 'jobrunner/main.ts'],
    },
    runAsUser: { ...id, default: 10_001 },
    runAsGroup: { ...id, default: 10_001 },
    credentialsSecret: text,
    embedded: {
      type: 'object',
      additionalProperties: false,
      required: ['claimName'],
      properties: { claimName: text },
    },
    env: {
      type: 'array',
      default: [],
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['name', 'value'],
        properties: { name: text, value: { type: 'string' } },
      },
    },
    proxy: {
      type: 'object',
      additionalProperties: false,
      default: {},
      properties: { http: text, https: text, no: text },
    },
    caBundle: {
      type: 'object',
      additionalProperties: false,
      required: ['configMap'],
      properties: { configMap: text, key: { ...text, default: 'ca.crt' } },
    },
    volumes: objects,
    volumeMounts: objects,
    labels: texts,
    annotations: texts,
    nodeSelector: texts,
    tolerations: { type: 'array', items: { type: 'object' }, default: [] },
    affinity: { type: 'object' },
    priorityClassName: text,
    runtimeClassName: text,
    serviceAccountName: text,
    // Whisper keeps two cores busy for a few seconds per minute of video; a quarter gets it scheduled anywhere.
    cpuRequest: { ...text, default: '250m' },
    cpuLimit: text,
    ephemeralStorageRequest: text,
    startAllowanceSeconds: { type: 'integer', minimum: 0, maximum: 86_400, default: 300 },
    ttlSecondsAfterFinished: { type: 'integer', minimum: 0, maximum: 2_592_000, default: 3600 },
    // A stage ends its children within 2 s and reports; Kubernetes' own default.
    terminationGracePeriodSeconds: { type: 'integer', minimum: 1, maximum: 3600, default: 30 },
  },
});

/** Settings with their defaults. Throws RangeError with the path of each field at fault. */
export function parseJobSettings(input: unknown): JobSettings {
  const settings: unknown = structuredClone(input);
  if (isJobSettings(settings)) return settings;
  const faults = (isJobSettings.errors ?? []).map(({ instancePath, message, params }) => {
    const unknown: unknown = params['additionalProperty'];
    const at = instancePath.slice(1).replaceAll('/', '.');
    if (typeof unknown === 'string') return `${at === '' ? '' : `${at}.`}${unknown} is not a setting`;
    return `${at} ${message ?? 'is not valid'}`.trim();
  });
  throw new RangeError(faults.join('; '));
}
