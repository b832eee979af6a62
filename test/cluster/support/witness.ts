import {
  ATTEMPT_LABEL,
  COMPONENT_LABEL,
  RUN_LABEL,
  SPEC_HASH_LABEL,
  VIDEO_NAME_ANNOTATION,
  VIDEO_UID_LABEL,
} from '../../../controller/kubernetes/job/labels.ts';
import type { JobObject, LoomVideoObject } from '../../../controller/kubernetes/objects.ts';
import { jobsPath, loomVideosPath } from '../../../controller/kubernetes/paths.ts';
import type { Apiserver } from './apiserver.ts';
import { within } from './within.ts';

/** A Job that was made. */
export interface SeenJob {
  readonly name: string;
  readonly uid: string;
  readonly video: string;
  readonly purge: boolean;
  /** Which attempt it is for: no two Jobs may have the same. */
  readonly what: string;
  /** When it was seen, by performance.now(). */
  readonly at: number;
}

/** Sees all that happens to the LoomVideos and Jobs of a namespace, from the apiserver itself. */
export interface Witness {
  /** In the order of their making. */
  readonly jobs: readonly SeenJob[];
  readonly videos: ReadonlyMap<string, LoomVideoObject>;
  readonly jobObjects: ReadonlyMap<string, JobObject>;
  /** The phases each video went through, by its name. */
  readonly phases: ReadonlyMap<string, readonly string[]>;
  /** Processing Jobs that had not ended, at the most at once. */
  readonly mostUnfinished: number;
  /** Watches that broke, so that something may have been missed. */
  readonly breaks: number;
  /** Resolves when it is so; looked at with every change. */
  until(what: string, isSo: () => boolean, ms?: number): Promise<void>;
  phaseOf(video: string): string | undefined;
  /** Attempts that had more than one Job. */
  doubles(): readonly string[];
}

export async function witness(
  apiserver: Apiserver,
  namespace: string,
  signal: AbortSignal,
): Promise<Witness> {
  const jobs: SeenJob[] = [];
  const videos = new Map<string, LoomVideoObject>();
  const jobObjects = new Map<string, JobObject>();
  const phases = new Map<string, string[]>();
  const known = new Set<string>();
  const unfinished = new Set<string>();
  const waiting = new Set<() => void>();
  let mostUnfinished = 0;
  let breaks = 0;
  const onBreak = (): void => void breaks++;
  const changed = (): void => {
    for (const look of waiting) look();
  };

  await apiserver.follow<JobObject>(
    jobsPath(namespace),
    ({ kind, object }) => {
      const { name, uid = '' } = object.metadata;
      if (kind === 'gone') jobObjects.delete(name);
      else {
        if (!known.has(uid)) jobs.push(seen(object));
        known.add(uid);
        jobObjects.set(name, object);
      }
      const over = object.status?.conditions?.some(({ type }) => type === 'Complete' || type === 'Failed');
      if (kind === 'gone' || over) unfinished.delete(uid);
      else if (object.metadata.labels?.[COMPONENT_LABEL] === 'process') unfinished.add(uid);
      mostUnfinished = Math.max(mostUnfinished, unfinished.size);
      changed();
    },
    { signal, onBreak },
  );
  await apiserver.follow<LoomVideoObject>(
    loomVideosPath(namespace),
    ({ kind, object }) => {
      const { name } = object.metadata;
      if (kind === 'gone') videos.delete(name);
      else {
        videos.set(name, object);
        const past = phases.get(name) ?? [];
        const phase = object.status?.phase;
        if (phase !== undefined && past.at(-1) !== phase) phases.set(name, [...past, phase]);
      }
      changed();
    },
    { signal, onBreak },
  );

  const standing = (): string =>
    [...videos.values()]
      .map(({ metadata, status }) => {
        const ready = status?.conditions?.find(({ type }) => type === 'Ready');
        return `${metadata.name}: ${status?.phase ?? 'new'} ${ready?.message ?? ''}`;
      })
      .filter((line) => !/: Ready /.test(line))
      .slice(0, 20)
      .join('\n');
  return {
    jobs,
    videos,
    jobObjects,
    phases,
    get mostUnfinished() {
      return mostUnfinished;
    },
    get breaks() {
      return breaks;
    },
    async until(what, isSo, ms = 20_000) {
      await within(ms, what, standing, waiting, () => (isSo() ? true : undefined));
    },
    phaseOf: (video) => videos.get(video)?.status?.phase,
    doubles() {
      const whats = new Set<string>();
      return jobs.flatMap(({ what }) => {
        if (whats.has(what)) return [what];
        whats.add(what);
        return [];
      });
    },
  };
}

function seen({ metadata: { name, uid = '', labels = {}, annotations = {} } }: JobObject): SeenJob {
  const what = [VIDEO_UID_LABEL, COMPONENT_LABEL, RUN_LABEL, SPEC_HASH_LABEL, ATTEMPT_LABEL].map(
    (label) => labels[label] ?? '',
  );
  return {
    name,
    uid,
    video: annotations[VIDEO_NAME_ANNOTATION] ?? '',
    purge: labels[COMPONENT_LABEL] === 'purge',
    what: what.join(' '),
    at: performance.now(),
  };
}
