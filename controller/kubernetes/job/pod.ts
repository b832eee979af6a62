import type { V1Container, V1PodSpec, V1Volume, V1VolumeMount } from '@kubernetes/client-node';
import { parseQuantity } from '../../../common/quantity.ts';
import type { StageName } from '../../../jobrunner/contract/stageReport.ts';
import type { VideoJob } from '../../../jobrunner/contract/videoJob.ts';
import type { Credentials } from './credentials.ts';
import { environmentOf, MOUNT, STORING } from './environment.ts';
import type { JobSettings } from './settings.ts';

const MiB = 1024 ** 2;

/** What the Python and Node runtimes may put aside. */
const TMP_BYTES = 64 * MiB;
/** Transcript, captions, metadata: some 10 kB per minute of speech. */
const ARTIFACT_BYTES = 64 * MiB;

export interface PodInput {
  /** In the order in which they run: all but the last are init containers. */
  readonly stages: readonly [StageName, ...StageName[]];
  readonly job: VideoJob;
  readonly credentials: Credentials;
  /**
   * Each container's limit, and request, so that it is not evicted for using what it may. They run one after another:
   * the pod as a whole needs no more than one of them.
   */
  readonly memoryBytes: number;
  readonly settings: JobSettings;
}

/** A pod that runs the stages in order, within the Pod Security level `restricted`. */
export function podOf(input: PodInput): V1PodSpec {
  const { stages, settings } = input;
  const containers = stages.map((stage) => containerOf(stage, input));
  const { affinity, priorityClassName, runtimeClassName, serviceAccountName } = settings;
  return {
    restartPolicy: 'Never',
    ...(containers.length > 1 && { initContainers: containers.slice(0, -1) }),
    containers: containers.slice(-1),
    volumes: volumesOf(input),
    terminationGracePeriodSeconds: settings.terminationGracePeriodSeconds,
    // No stage speaks to the apiserver.
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: settings.runAsUser,
      runAsGroup: settings.runAsGroup,
      fsGroup: settings.runAsGroup,
      // Else kubelet would walk through the whole database's volume at each start.
      fsGroupChangePolicy: 'OnRootMismatch',
      seccompProfile: { type: 'RuntimeDefault' },
    },
    imagePullSecrets: [...settings.imagePullSecrets],
    nodeSelector: { ...settings.nodeSelector },
    tolerations: [...settings.tolerations],
    ...(affinity && { affinity }),
    ...(priorityClassName !== undefined && { priorityClassName }),
    ...(runtimeClassName !== undefined && { runtimeClassName }),
    ...(serviceAccountName !== undefined && { serviceAccountName }),
  };
}

function containerOf(stage: StageName, input: PodInput): V1Container {
  const { job, credentials, memoryBytes, settings } = input;
  const { image, imagePullPolicy, command, cpuRequest, cpuLimit, ephemeralStorageRequest } = settings;
  const memory = quantity(memoryBytes);
  return {
    name: stage,
    image,
    ...(imagePullPolicy && { imagePullPolicy }),
    command: [...command],
    args: [stage],
    env: environmentOf({ stage, job, credentials, memoryBytes, settings }),
    resources: {
      limits: { memory, ...(cpuLimit !== undefined && { cpu: cpuLimit }) },
      requests: {
        memory,
        cpu: cpuRequest,
        ...(ephemeralStorageRequest !== undefined && { 'ephemeral-storage': ephemeralStorageRequest }),
      },
    },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      capabilities: { drop: ['ALL'] },
    },
    terminationMessagePath: '/dev/termination-log',
    // The report, or nothing: never the tail of the log.
    terminationMessagePolicy: 'File',
    volumeMounts: mountsOf(stage, input),
  };
}

function mountsOf(stage: StageName, { credentials, settings }: PodInput): V1VolumeMount[] {
  const stores = credentials.kind === 'embedded' && STORING.has(stage);
  return [
    { name: 'work', mountPath: MOUNT.work },
    { name: 'tmp', mountPath: MOUNT.tmp },
    ...(stores ? [{ name: 'data', mountPath: MOUNT.data }] : []),
    ...(settings.caBundle && stage !== 'transcribe'
      ? [{ name: 'ca', mountPath: MOUNT.ca, readOnly: true }]
      : []),
    ...settings.volumeMounts,
  ];
}

function volumesOf({ stages, job, credentials, settings }: PodInput): V1Volume[] {
  // yt-dlp has picture and sound apart, then the file merged of them, then that one rewritten: three times the size
  // at the worst. A purge keeps nothing.
  const media = stages.includes('fetch') ? 3 * parseQuantity(job.spec.limits.maxFileSize) : 0;
  return [
    { name: 'work', emptyDir: { sizeLimit: quantity(media + ARTIFACT_BYTES) } },
    { name: 'tmp', emptyDir: { sizeLimit: quantity(TMP_BYTES) } },
    ...(credentials.kind === 'embedded'
      ? [{ name: 'data', persistentVolumeClaim: { claimName: credentials.claimName } }]
      : []),
    ...(settings.caBundle ? [{ name: 'ca', configMap: { name: settings.caBundle.configMap } }] : []),
    ...settings.volumes,
  ];
}

/** Whole mebibytes as people write them, other numbers in bytes. */
function quantity(bytes: number): string {
  return bytes % MiB === 0 ? `${bytes / MiB}Mi` : String(bytes);
}
