import type { V1EnvVar } from '@kubernetes/client-node';
import type { StageName } from '../../../jobrunner/contract/stageReport.ts';
import type { VideoJob } from '../../../jobrunner/contract/videoJob.ts';
import type { Credentials } from './credentials.ts';
import type { JobSettings } from './settings.ts';

/** Where the volumes are in a container. */
export const MOUNT = { work: '/work', tmp: '/tmp', data: '/data', ca: '/etc/loomvideo/ca' } as const;

/** The jobrunner takes no more (jobrunner/config.ts); MB of 1024². */
const MOST_MEMORY_MB = 1_048_576;

const PINECONE = ['PINECONE_API_KEY', 'PINECONE_INDEX'] as const;
const SUPABASE = ['SUPABASE_URL', 'SUPABASE_ANON_KEY'] as const;

/** Keys of the Secret that each stage is handed, and no other: `transcribe` decodes strangers' media with none. */
const SECRET_KEYS = {
  // No secret, and unused there: kubelet does not start the pod, nor a download, while the Secret is missing.
  fetch: { required: ['PINECONE_INDEX'], optional: ['LOOM_API_KEY'] },
  transcribe: { required: [], optional: [] },
  index: {
    required: ['OPENAI_API_KEY', ...PINECONE, ...SUPABASE],
    optional: [
      'OPENAI_BASE_URL',
      'PINECONE_HOST',
      'PINECONE_CONTROLLER_HOST',
      'PINECONE_NAMESPACE',
      'LOOMVIDEO_SERVICE_TIMEOUT',
    ],
  },
  purge: {
    required: [...PINECONE, ...SUPABASE],
    optional: [
      'PINECONE_HOST',
      'PINECONE_CONTROLLER_HOST',
      'PINECONE_NAMESPACE',
      'LOOMVIDEO_SERVICE_TIMEOUT',
    ],
  },
} as const satisfies Record<StageName, { required: readonly string[]; optional: readonly string[] }>;

/** Stages that write where the embedded store keeps it. */
export const STORING: ReadonlySet<StageName> = new Set(['index', 'purge']);

export interface StageEnvironment {
  readonly stage: StageName;
  readonly job: VideoJob;
  readonly credentials: Credentials;
  readonly memoryBytes: number;
  readonly settings: JobSettings;
}

/** The environment of a stage's container. Ours comes last: of two with one name Kubernetes takes the later. */
export function environmentOf({
  stage,
  job,
  credentials,
  memoryBytes,
  settings,
}: StageEnvironment): V1EnvVar[] {
  const memoryMb = Math.min(MOST_MEMORY_MB, Math.floor(memoryBytes / 1024 ** 2));
  return [
    ...settings.env,
    ...(stage === 'transcribe' ? [] : networkOf(settings)),
    { name: 'NODE_ENV', value: 'production' },
    { name: 'LOG_FORMAT', value: 'json' },
    { name: 'TERMINATION_LOG', value: '/dev/termination-log' },
    { name: 'HOME', value: MOUNT.tmp },
    { name: 'TMPDIR', value: MOUNT.tmp },
    { name: 'LOOMVIDEO_WORK_DIR', value: MOUNT.work },
    { name: 'MAX_MEMORY_MB', value: String(memoryMb) },
    { name: 'LOOMVIDEO_JOB', value: JSON.stringify(job) },
    ...secretsOf(stage, credentials),
    ...passwordOf(stage, job),
  ];
}

/** A proxy's address may hold a password, and `transcribe` goes nowhere. */
function networkOf({ proxy, caBundle }: JobSettings): V1EnvVar[] {
  const ca = caBundle && `${MOUNT.ca}/${caBundle.key}`;
  return Object.entries({
    HTTP_PROXY: proxy.http,
    HTTPS_PROXY: proxy.https,
    NO_PROXY: proxy.no,
    SSL_CERT_FILE: ca,
    REQUESTS_CA_BUNDLE: ca,
    NODE_EXTRA_CA_CERTS: ca,
  }).flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]));
}

function secretsOf(stage: StageName, credentials: Credentials): V1EnvVar[] {
  if (credentials.kind === 'embedded')
    return STORING.has(stage)
      ? [
          { name: 'LOOMVIDEO_EMBEDDED', value: 'openai,pinecone,supabase' },
          { name: 'LOOMVIDEO_DATA_DIR', value: MOUNT.data },
        ]
      : [];
  const { required, optional } = SECRET_KEYS[stage];
  const { name } = credentials;
  return [
    ...required.map((key) => ({ name: key, valueFrom: { secretKeyRef: { name, key } } })),
    ...optional.map((key) => ({ name: key, valueFrom: { secretKeyRef: { name, key, optional: true } } })),
  ];
}

function passwordOf(stage: StageName, { spec }: VideoJob): V1EnvVar[] {
  const { passwordSecretRef } = spec;
  if (stage !== 'fetch' || !passwordSecretRef) return [];
  const { name, key } = passwordSecretRef;
  return [{ name: 'LOOM_VIDEO_PASSWORD', valueFrom: { secretKeyRef: { name, key } } }];
}
