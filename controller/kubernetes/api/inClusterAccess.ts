import { readFile } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import { AccessError, type Access, type AccessSource } from './access.ts';

/** Where kubelet mounts a pod's service account (kubernetes.io, "Accessing the Kubernetes API from a Pod"). */
const FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

export interface InClusterOptions {
  /** KUBERNETES_SERVICE_HOST, which kubelet sets in each container. */
  readonly host: string;
  /** KUBERNETES_SERVICE_PORT. */
  readonly port: string;
  readonly folder?: string;
}

/**
 * The access of a pod. Its token is bound to the pod and replaced on disk about every hour, so it is read anew each
 * time; no client library takes part, which would cost a pod 84 MB.
 */
export async function inClusterAccess({
  host,
  port,
  folder = FOLDER,
}: InClusterOptions): Promise<AccessSource> {
  const read = async (name: string): Promise<string> => {
    try {
      return (await readFile(join(folder, name), 'utf8')).trim();
    } catch (error) {
      throw new AccessError(
        `The pod's service account cannot be read (${join(folder, name)}): is automountServiceAccountToken off?`,
        { cause: error },
      );
    }
  };
  const server = `https://${isIPv6(host) ? `[${host}]` : host}:${port}`;
  return {
    namespace: await read('namespace'),
    async read(): Promise<Access> {
      const [ca, token] = await Promise.all([read('ca.crt'), read('token')]);
      const headers = { authorization: `Bearer ${token}` };
      return { server, headers, tls: { ca }, proxy: undefined, socks: undefined };
    },
  };
}
