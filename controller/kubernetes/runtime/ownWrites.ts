import { isOlder } from '../cache/resourceVersion.ts';
import type { JobObject, LoomVideoObject } from '../objects.ts';

/** What we wrote, or read by a call of its own, and the watches have not brought yet; by the uid of the video. */
export class OwnWrites {
  readonly #versions = new Map<string, { readonly version: string; readonly at: number }>();
  readonly #jobs = new Map<string, Map<string, { readonly job: JobObject; readonly since: number }>>();

  noteVideo({ metadata: { uid, resourceVersion } }: LoomVideoObject, now: Date): void {
    if (uid !== undefined && resourceVersion !== undefined)
      this.#versions.set(uid, { version: resourceVersion, at: now.getTime() });
  }

  /** Milliseconds since we wrote the video last; undefined: we have not. */
  ageMs(uid: string, now: Date): number | undefined {
    const written = this.#versions.get(uid);
    return written && now.getTime() - written.at;
  }

  /** Whether this is how the video was before our last write: to act on it would be to act on what we changed. */
  isOutdated({ metadata: { uid = '', resourceVersion } }: LoomVideoObject): boolean {
    return isOlder(resourceVersion, this.#versions.get(uid)?.version);
  }

  noteJob(videoUid: string, job: JobObject, now: Date): void {
    const jobs = this.#jobs.get(videoUid) ?? new Map<string, { job: JobObject; since: number }>();
    jobs.set(job.metadata.uid ?? '', { job, since: now.getTime() });
    this.#jobs.set(videoUid, jobs);
  }

  /** The watch has brought this Job, or its end: from now on it knows better. */
  forgetJob(videoUid: string, jobUid: string): void {
    const jobs = this.#jobs.get(videoUid);
    jobs?.delete(jobUid);
    if (jobs?.size === 0) this.#jobs.delete(videoUid);
  }

  /** Jobs the watch has not brought yet, and for how long it has not, milliseconds. */
  jobsOf(videoUid: string, now: Date): { readonly job: JobObject; readonly ageMs: number }[] {
    return [...(this.#jobs.get(videoUid)?.values() ?? [])].map(({ job, since }) => ({
      job,
      ageMs: now.getTime() - since,
    }));
  }

  forgetVideo(uid: string): void {
    this.#versions.delete(uid);
    this.#jobs.delete(uid);
  }
}
