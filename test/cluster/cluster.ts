import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { importImage } from './boot/node.ts';
import { run } from './command.ts';

/** A running cluster, as tests use it. */
export interface Cluster {
  readonly kubeconfig: string;
  /** Whether `npm run test:cluster` booted it. */
  readonly booted: boolean;
  /** The host's address as pods reach it: a stand-in must listen there (or on 0.0.0.0). */
  readonly hostAddress: string;
  /** Runs kubectl as the administrator and gives its stdout; throws with what it said. */
  kubectl(...args: string[]): Promise<string>;
  /** Server-side apply of objects, in their order. */
  apply(...objects: object[]): Promise<void>;
  /** Brings an image archive (docker save, OCI) into the node; pods then name it with `imagePullPolicy: Never`. */
  loadImage(archive: string): Promise<void>;
  /**
   * Kills the API server, so that every connection breaks, and resolves when a new one is ready; `downMs` is how long
   * nobody listens in between.
   */
  restartApiserver(downMs?: number): Promise<void>;
}

/** What `startCluster` leaves beside its kubeconfig for others who open the cluster. */
export interface ClusterFile {
  readonly hostAddress: string;
  readonly kubectl: string;
  /** The first process of the cluster's machine. */
  readonly pid: number;
  /** Base URL of the one who started it. */
  readonly control: string;
}

export const CLUSTER_FILE = 'cluster.json';

/**
 * The cluster of a kubeconfig: one of ours, or someone else's (kind, k3d), who then says in the environment how images
 * get into it (`LOOMVIDEO_LOAD_IMAGE`, a command that takes the archive last, such as `kind load image-archive`) and
 * where its pods reach this host (`LOOMVIDEO_HOST_ADDRESS`).
 */
export async function openCluster(kubeconfig = process.env['KUBECONFIG']): Promise<Cluster> {
  if (!kubeconfig) throw new Error('KUBECONFIG is not set. Run: npm run test:cluster');
  const ours = await readClusterFile(kubeconfig);
  const kubectl = async (args: readonly string[], input?: string): Promise<string> =>
    run(ours?.kubectl ?? 'kubectl', [`--kubeconfig=${kubeconfig}`, ...args], {
      ...(input !== undefined && { input }),
    });
  return {
    kubeconfig,
    booted: ours !== undefined,
    get hostAddress() {
      const address = ours?.hostAddress ?? process.env['LOOMVIDEO_HOST_ADDRESS'];
      if (!address) throw new Error("set LOOMVIDEO_HOST_ADDRESS to this host's address as pods reach it");
      return address;
    },
    kubectl: (...args) => kubectl(args),
    async apply(...objects) {
      const list = { apiVersion: 'v1', kind: 'List', items: objects };
      await kubectl(['apply', '--server-side', '--filename=-'], JSON.stringify(list));
    },
    async loadImage(archive) {
      if (ours) return importImage(ours, archive);
      const [command, ...words] = process.env['LOOMVIDEO_LOAD_IMAGE']?.split(' ') ?? [];
      if (!command) throw new Error('set LOOMVIDEO_LOAD_IMAGE, for instance to: kind load image-archive');
      await run(command, [...words, archive]);
    },
    async restartApiserver(downMs = 0) {
      if (!ours) throw new Error('only a cluster that npm run test:cluster booted can be restarted');
      const response = await fetch(`${ours.control}/apiserver/restart?downMs=${downMs}`, { method: 'POST' });
      if (!response.ok) throw new Error(await response.text());
    },
  };
}

async function readClusterFile(kubeconfig: string): Promise<ClusterFile | undefined> {
  const text = await readFile(join(dirname(kubeconfig), CLUSTER_FILE), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as ClusterFile);
}
