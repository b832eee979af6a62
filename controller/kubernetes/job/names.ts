import { hashOf } from '../../specHashes.ts';

/** A Job's name becomes a label value of its pods. */
const LONGEST = 63;
const HASH_LENGTH = 8;

/** What an attempt is: the same always has the same name, so that no attempt can have two Jobs. */
export interface AttemptIdentity {
  readonly videoName: string;
  readonly videoUid: string;
  readonly run: number;
  readonly specHash: string;
  readonly attempt: number;
}

/** `<video>-<hash>-<attempt>`, at most 63 characters, safe as a DNS label. */
export function jobName({ videoName, videoUid, run, specHash, attempt }: AttemptIdentity): string {
  return withHead(videoName, `-${hashOf([videoUid, run, specHash, attempt], HASH_LENGTH)}-${attempt}`);
}

/** `<video>-<hash>-purge-<attempt>`. */
export function purgeJobName(video: { name: string; uid: string }, attempt: number): string {
  return withHead(video.name, `-${hashOf([video.uid, 'purge', attempt], HASH_LENGTH)}-purge-${attempt}`);
}

function withHead(videoName: string, tail: string): string {
  const head = videoName
    .replace(/[^a-z0-9-]/g, '-')
    .slice(0, LONGEST - tail.length)
    .replace(/-+$/, '');
  return head + tail;
}
