import type { LoomVideoSpecInput } from '../../../crds/generated/loomvideo.ts';
import type { LoomVideoObject } from '../../../controller/kubernetes/objects.ts';
import { COMPONENT_LABEL, VIDEO_NAME_ANNOTATION } from '../../../controller/kubernetes/job/labels.ts';
import type { JobObject, PodObject } from '../../../controller/kubernetes/objects.ts';
import type { VideoOptions } from '../../support/loom/video.ts';
import type { Values } from '../../unit/chart/releases.ts';
import type { Cluster } from '../cluster.ts';
import type { Apiserver } from './apiserver.ts';
import { CleanUp } from './cleanUp.ts';
import { makeNamespace } from './namespace.ts';
import { installOperator, uninstallOperator, type Operator } from './operator.ts';
import { openPlayedCluster } from './playedWorld.ts';
import { shortVideo } from './recordings.ts';
import { authorityOf, credentialsFor, startStandIns, type StandIns } from './standIns.ts';
import { witness, type Witness } from './witness.ts';

/** Every namespace of these tests: what the docs promise of Pod Security is seen in all that follows. */
export const RESTRICTED = { 'pod-security.kubernetes.io/enforce': 'restricted' };

/** Longer than a short video takes on a machine that has other work, in milliseconds. */
const VIDEO_MS = 120_000;

/** What is left of a video in the stand-ins. */
export interface Stored {
  readonly vectors: number;
  readonly rows: number;
}

/** A namespace with videos, and an operator that watches it. */
export interface World {
  readonly cluster: Cluster;
  readonly apiserver: Apiserver;
  readonly standIns: StandIns;
  /** Where the LoomVideos are. */
  readonly namespace: string;
  readonly operator: Operator;
  readonly seen: Witness;
  /** kubectl in the namespace of the LoomVideos. */
  kubectl(...args: string[]): Promise<string>;
  /** Gives Loom a video, a short one unless told, and returns its link. */
  link(video?: Partial<VideoOptions>): Promise<string>;
  /** Applies a LoomVideo, of a short video unless `spec` has a link. */
  create(name: string, spec?: Partial<LoomVideoSpecInput>, metadata?: object): Promise<void>;
  patch(name: string, change: object): Promise<void>;
  /** Resolves with the video once it is in a phase; rejects when it is Failed instead. */
  reaches(name: string, phase: string, ms?: number): Promise<LoomVideoObject>;
  /** Resolves with the video once it is as wanted. */
  until(
    name: string,
    what: string,
    isSo: (video: LoomVideoObject) => boolean,
    ms?: number,
  ): Promise<LoomVideoObject>;
  /** Resolves when the LoomVideo is gone. */
  gone(name: string, ms?: number): Promise<void>;
  /** Jobs that process a video, or purge it, which are there now. */
  jobsOf(name: string, component?: 'process' | 'purge'): readonly JobObject[];
  podsOf(name: string): Promise<readonly PodObject[]>;
  stored(name: string): Promise<Stored>;
}

export interface WorldOptions {
  readonly values?: Values;
  /** Whether the Secret is there from the beginning. */
  readonly credentials?: boolean;
  /** Those of another world. */
  readonly standIns?: StandIns;
}

/** A world for as long as `t`; its namespaces, release and stand-ins go with it. */
export async function openWorld(t: Pick<CleanUp, 'after'>, options: WorldOptions = {}): Promise<World> {
  const { cluster, apiserver } = await openPlayedCluster();
  const standIns = options.standIns ?? (await startStandIns(cluster));
  const stopping = new AbortController();
  const noWait = { after: () => undefined };
  const namespace = await makeNamespace(noWait, cluster, RESTRICTED);
  const own = await makeNamespace(noWait, cluster, RESTRICTED);
  const cleanUp = new CleanUp();
  t.after(() => cleanUp.run());
  if (!options.standIns) cleanUp.after(() => standIns.close());
  cleanUp.after(() => cluster.kubectl('delete', 'namespace', own, '--wait=false'));
  cleanUp.after(() => uninstallOperator(cluster, own));
  // Only an operator lets a namespace with LoomVideos go.
  cleanUp.after(() =>
    cluster.kubectl('delete', 'namespace', namespace, '--ignore-not-found', '--timeout=60s'),
  );
  cleanUp.after(() => stopping.abort(new Error('the test is over')));
  const { credentials = true, values } = options;
  await cluster.apply(await authorityOf(standIns.loom, namespace));
  if (credentials) await cluster.apply(credentialsFor(standIns, namespace));
  const operator = await installOperator(cluster, own, {
    watchNamespaces: [namespace],
    ...standIns.values,
    ...values,
  });
  const seen = await witness(apiserver, namespace, stopping.signal);
  return worldOf({ cluster, apiserver, standIns, namespace, operator, seen });
}

type Parts = Pick<World, 'cluster' | 'apiserver' | 'standIns' | 'namespace' | 'operator' | 'seen'>;

function worldOf(parts: Parts): World {
  const { cluster, standIns, namespace, seen } = parts;
  const { loom, services } = standIns;
  const kubectl = (...args: string[]): Promise<string> =>
    cluster.kubectl(`--namespace=${namespace}`, ...args);
  const until: World['until'] = async (name, what, isSo, ms = VIDEO_MS) => {
    let found: LoomVideoObject | undefined;
    const look = (): boolean => {
      found = seen.videos.get(name);
      return found !== undefined && isSo(found);
    };
    await seen.until(`${name}: ${what}`, look, ms);
    if (!found) throw new Error(`${name} is gone`);
    return found;
  };
  return {
    ...parts,
    kubectl,
    until,
    async link(video) {
      return loom.addVideo({ ...(await shortVideo()), ...video }).shareUrl;
    },
    async create(name, spec = {}, metadata = {}) {
      const url = spec.url ?? loom.addVideo(await shortVideo()).shareUrl;
      await cluster.apply({
        apiVersion: 'qudemo.dev/v1alpha1',
        kind: 'LoomVideo',
        metadata: { ...metadata, name, namespace },
        spec: { ...spec, url },
      });
    },
    async patch(name, change) {
      await kubectl('patch', 'loomvideo', name, '--type=merge', `--patch=${JSON.stringify(change)}`);
    },
    reaches(name, phase, ms) {
      return until(
        name,
        phase,
        ({ status }) => {
          if (status?.phase === 'Failed' && phase !== 'Failed')
            throw new Error(`${name} failed: ${JSON.stringify(status, null, 2)}`);
          return status?.phase === phase;
        },
        ms,
      );
    },
    gone: (name, ms = VIDEO_MS) => seen.until(`${name} is gone`, () => !seen.videos.has(name), ms),
    jobsOf: (name, component = 'process') =>
      [...seen.jobObjects.values()].filter(
        ({ metadata: { labels, annotations } }) =>
          annotations?.[VIDEO_NAME_ANNOTATION] === name && labels?.[COMPONENT_LABEL] === component,
      ),
    async podsOf(name) {
      const { items } = JSON.parse(await kubectl('get', 'pods', '--output=json')) as { items: PodObject[] };
      return items.filter(({ metadata }) => metadata.annotations?.[VIDEO_NAME_ANNOTATION] === name);
    },
    async stored(name) {
      const key = `kubernetes.${namespace}.${name}`;
      const tables = ['loomvideo_videos', 'loomvideo_passages', 'loomvideo_transcripts'];
      const rows = await Promise.all(
        tables.map((table) => services.supabase.sql(`select 1 from public.${table} where key = $1`, [key])),
      );
      return {
        vectors: services.pinecone.vectors().filter(({ id }) => id.startsWith(`${key}#`)).length,
        rows: rows.flat().length,
      };
    },
  };
}
