import type { Admission, Obstacle, Observation, ObservedVideo } from '../../reconcile/observation.ts';
import { credentialsOf, type Credentials } from '../job/credentials.ts';
import { jobName, purgeJobName } from '../job/names.ts';
import type { JobSettings } from '../job/settings.ts';
import type { JobObject, LoomVideoObject, PodObject } from '../objects.ts';
import type { Declaration } from './declaration.ts';
import { observeJob } from './observeJob.ts';
import { observeVideo } from './observeVideo.ts';
import { isOurs } from './ours.ts';

/** What is known about a video, from the watches and, where they cannot say, from calls made for it. */
export interface Known {
  readonly object: LoomVideoObject;
  readonly declaration: Declaration;
  /** All that carry the video's uid. */
  readonly jobs: readonly JobObject[];
  readonly podsOf: (jobUid: string) => readonly PodObject[];
  readonly podRejectionOf: (jobUid: string) => string | undefined;
  readonly namespaceTerminating: boolean;
  readonly jobRejection: string | undefined;
  readonly settings: JobSettings;
}

export interface Observed {
  /** As admitted; what the caps say is another matter. */
  readonly observation: Observation;
  /** What its Jobs are given; undefined where nothing is set up, which then is the observation's obstacle. */
  readonly credentials: Credentials | undefined;
}

const ADMITTED: Admission = { kind: 'admitted' };

/** The core's observation of a video; never throws, whatever the objects hold. */
export function observe(known: Known): Observed {
  const { object, declaration, jobs, settings } = known;
  const { spec, fault, specHash } = declaration;
  const video = observeVideo(object, spec);
  const { uid } = video;
  const credentials = credentialsOf(spec, settings);
  const seen = (component: 'process' | 'purge') =>
    jobs
      .filter((job) => isOurs(job, video, component))
      .map((job) => {
        const jobUid = job.metadata.uid ?? '';
        return observeJob(job, known.podsOf(jobUid), known.podRejectionOf(jobUid));
      });
  return {
    credentials,
    observation: {
      video,
      // A spec that cannot be read asks for nothing else of a video that is done.
      resultHash: (fault && doneWith(video)) ?? declaration.resultHash,
      specHash,
      jobs: seen('process'),
      purgeJobs: seen('purge'),
      jobName: (run, attempt) => jobName({ videoName: video.name, videoUid: uid, run, specHash, attempt }),
      purgeJobName: (attempt) => purgeJobName(video, attempt),
      namespaceTerminating: known.namespaceTerminating,
      admission: ADMITTED,
      jobRejection: known.jobRejection,
      obstacle: video.deletedAt ? missing(credentials) : (fault ?? missing(credentials)),
    },
  };
}

function doneWith({ status }: ObservedVideo): string | undefined {
  return status.phase === 'Ready' ? status.ledger?.resultHash : undefined;
}

function missing(credentials: Credentials | undefined): Obstacle | undefined {
  if (credentials) return undefined;
  return {
    reason: 'CredentialsMissing',
    message:
      'No credentials: set spec.credentialsSecretRef to a Secret with OPENAI_API_KEY, PINECONE_API_KEY, PINECONE_INDEX, SUPABASE_URL and SUPABASE_ANON_KEY.',
  };
}
