import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** How a pod would reach the apiserver. */
export interface PodAccess {
  readonly host: string;
  readonly port: string;
  /** Certificate of the apiserver's authority, PEM. */
  readonly authority: string;
  /** Of a service account. */
  readonly token: string;
  readonly namespace: string;
}

export interface PodCommand {
  readonly command: string;
  readonly args: readonly string[];
  /** What kubelet sets in each container. */
  readonly env: Readonly<Record<string, string>>;
}

/** Where kubelet mounts it. */
const MOUNTED = '/run/secrets/kubernetes.io/serviceaccount';

/**
 * A command of this machine that finds a service account where a pod finds its own: in a mount namespace, so that nothing
 * outside is changed. An operator started so loads no reader of kubeconfigs, which would be half of its memory.
 */
export async function asInPod(
  folder: string,
  { host, port, authority, token, namespace }: PodAccess,
  command: readonly [string, ...string[]],
): Promise<PodCommand> {
  const files = { 'ca.crt': authority, token, namespace };
  for (const [name, text] of Object.entries(files))
    await writeFile(join(folder, name), text, { mode: 0o600 });
  const copies = Object.keys(files).map((name) => `"$0/${name}"`);
  const script = [
    'mount -n -t tmpfs tmpfs /run',
    `mkdir -p ${MOUNTED}`,
    `cp ${copies.join(' ')} ${MOUNTED}`,
    'exec "$@"',
  ].join(' && ');
  const asRoot = process.getuid?.() === 0 ? [] : ['--map-root-user'];
  return {
    command: 'unshare',
    args: ['--mount', ...asRoot, 'sh', '-c', script, folder, ...command],
    env: { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port },
  };
}
