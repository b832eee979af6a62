import type { V1JobSpec, V1PodFailurePolicy } from '@kubernetes/client-node';
import { parseDuration, parseQuantity } from '../../../common/quantity.ts';
import { EXIT } from '../../../jobrunner/contract/exitCodes.ts';
import type { StageName } from '../../../jobrunner/contract/stageReport.ts';
import type { VideoJob } from '../../../jobrunner/contract/videoJob.ts';
import type { Action } from '../../reconcile/decision.ts';
import { QUEUE_LABEL } from '../../reconcile/names.ts';
import type { ObservedVideo } from '../../reconcile/observation.ts';
import type { KubeMetadata } from '../api/kubeApi.ts';
import { API_VERSION, KIND } from '../paths.ts';
import type { Credentials } from './credentials.ts';
import {
  ATTEMPT_LABEL,
  commonLabels,
  RUN_LABEL,
  SPEC_HASH_LABEL,
  VIDEO_NAME_ANNOTATION,
  type Component,
} from './labels.ts';
import { podOf } from './pod.ts';
import type { JobSettings } from './settings.ts';

/** A Job as it is posted. */
export interface JobManifest {
  readonly apiVersion: 'batch/v1';
  readonly kind: 'Job';
  readonly metadata: KubeMetadata;
  readonly spec: V1JobSpec;
}

/** 128 + SIGKILL: with DisruptionTarget an eviction, else a kernel out of memory or somebody's hand. */
const KILLED = 137;

/** The least a purge is given: Node with two client libraries takes half of it. */
const PURGE_MEMORY_BYTES = 256 * 1024 ** 2;

/**
 * The least a purge is given: it looks until two looks 10 s apart show nothing (jobrunner/adapters/pinecone), 24 s where
 * there was something.
 */
const PURGE_TIMEOUT = '1m';

const PROCESSING = ['fetch', 'transcribe', 'index'] as const satisfies readonly StageName[];

export interface JobInput {
  readonly video: ObservedVideo;
  readonly credentials: Credentials;
  readonly settings: JobSettings;
  /** First part of the key under which the video's vectors and records are stored: the cluster's name. */
  readonly scope: string;
}

/**
 * The Job of one attempt: `fetch` and `transcribe` as init containers, `index` as the container. It is tried once, since
 * attempts are the controller's to count, and has no TTL before its outcome is recorded.
 */
export function jobOf(
  input: JobInput & {
    readonly action: Extract<Action, { kind: 'create-job' }>;
    readonly specHash: string;
  },
): JobManifest {
  const { video, action, specHash } = input;
  const { name, run, attempt, memoryBytes, queueName } = action;
  return manifest(input, {
    name,
    component: 'process',
    labels: { [RUN_LABEL]: String(run), [ATTEMPT_LABEL]: String(attempt), [SPEC_HASH_LABEL]: specHash },
    jobLabels: queueName === undefined ? {} : { [QUEUE_LABEL]: queueName },
    stages: PROCESSING,
    memoryBytes,
    owned: {
      ownerReferences: [
        {
          apiVersion: API_VERSION,
          kind: KIND,
          name: video.name,
          uid: video.uid,
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    // Kueue's: it starts the Job when it is the video's turn.
    spec: queueName === undefined ? {} : { suspend: true },
  });
}

/**
 * The Job that removes what a video stored. Without owner reference: a foreground deletion of the video would collect it
 * first. So it removes itself.
 */
export function purgeJobOf(
  input: JobInput & { readonly action: Extract<Action, { kind: 'create-purge-job' }> },
): JobManifest {
  const { action, settings } = input;
  const video = withTimeForPurge(input.video);
  return manifest(
    { ...input, video },
    {
      name: action.name,
      component: 'purge',
      labels: { [ATTEMPT_LABEL]: String(action.attempt) },
      jobLabels: {},
      stages: ['purge'],
      memoryBytes: Math.max(PURGE_MEMORY_BYTES, parseQuantity(video.spec.memory.limit)),
      owned: {},
      spec: { ttlSecondsAfterFinished: settings.ttlSecondsAfterFinished },
    },
  );
}

function withTimeForPurge(video: ObservedVideo): ObservedVideo {
  const { spec } = video;
  const enough = parseDuration(spec.timeout) >= parseDuration(PURGE_TIMEOUT);
  return enough ? video : { ...video, spec: { ...spec, timeout: PURGE_TIMEOUT } };
}

interface Kind {
  readonly name: string;
  readonly component: Component;
  readonly labels: Readonly<Record<string, string>>;
  readonly jobLabels: Readonly<Record<string, string>>;
  readonly stages: readonly [StageName, ...StageName[]];
  readonly memoryBytes: number;
  readonly owned: Pick<KubeMetadata, 'ownerReferences'>;
  readonly spec: Partial<V1JobSpec>;
}

function manifest({ video, credentials, settings, scope }: JobInput, kind: Kind): JobManifest {
  const job: VideoJob = {
    name: video.name,
    owner: { key: `${scope}.${video.namespace}.${video.name}`, uid: video.uid },
    spec: video.spec,
  };
  const labels = { ...settings.labels, ...kind.labels, ...commonLabels(kind.component, video.uid) };
  const annotations = { ...settings.annotations, [VIDEO_NAME_ANNOTATION]: video.name };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: kind.name,
      namespace: video.namespace,
      labels: { ...labels, ...kind.jobLabels },
      annotations,
      ...kind.owned,
    },
    spec: {
      ...kind.spec,
      backoffLimit: 0,
      activeDeadlineSeconds: parseDuration(video.spec.timeout) + settings.startAllowanceSeconds,
      podFailurePolicy: podFailurePolicy(kind.stages),
      template: {
        metadata: { labels, annotations },
        spec: podOf({
          stages: kind.stages,
          job,
          credentials,
          memoryBytes: kind.memoryBytes,
          settings,
        }),
      },
    },
  };
}

/**
 * The first rule that matches counts. A pod that is drained, preempted or evicted is killed (137) and marked: it is made
 * again, uncounted, before 137 can be taken for want of memory.
 */
function podFailurePolicy(stages: readonly StageName[]): V1PodFailurePolicy {
  const values = [EXIT.permanent, EXIT.memory, EXIT.configuration, KILLED];
  return {
    rules: [
      { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
      ...stages.map((containerName) => ({
        action: 'FailJob',
        onExitCodes: { containerName, operator: 'In', values },
      })),
    ],
  };
}
