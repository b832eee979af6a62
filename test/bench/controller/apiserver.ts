import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseAllDocuments } from 'yaml';
import { startChild, type Child } from '../../../common/childProcess.ts';
import { loomVideosPath } from '../../../controller/kubernetes/paths.ts';
import { KUBERNETES_MODULE } from '../../cluster/build/goModule.ts';
import { buildModule } from '../../cluster/build/goTools.ts';
import { ROOT } from '../../cluster/paths.ts';
import { openApiserver, type Apiserver } from '../../cluster/support/apiserver.ts';
import { makeAuthority, makeKeyPair } from '../../support/tls/authority.ts';

/** Ports beside those that clusters have. */
const ETCD = 32_379;
const PEERS = 32_380;
const PORT = 36_443;

/** An apiserver over etcd and nothing else: no Job controller, scheduler or node takes part in what is measured. */
export interface BareApiserver {
  readonly port: number;
  readonly authority: string;
  /** Of the controller that is measured: a service account's, for such are the limits it meets. */
  readonly token: string;
  /** The controller's. */
  readonly kubeconfig: string;
  readonly folder: string;
  /** As an administrator, whom the apiserver sets no limits. */
  readonly admin: Apiserver;
  /** Of the apiserver and etcd. */
  readonly pids: readonly number[];
  stop(): Promise<void>;
}

const USERS = {
  controller: { user: 'system:serviceaccount:bench:controller', groups: 'system:serviceaccounts' },
  admin: { user: 'admin', groups: 'system:masters' },
} as const;

export async function startBareApiserver(namespace: string): Promise<BareApiserver> {
  const bin = await buildModule(KUBERNETES_MODULE);
  const folder = await mkdtemp(join(tmpdir(), 'loomvideo-bench-'));
  const put = async (name: string, text: string): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, text, { mode: 0o600 });
    return path;
  };
  const authority = makeAuthority('LoomVideo bench');
  const server = authority.issue({ commonName: 'kube-apiserver', hosts: ['127.0.0.1', 'localhost'] });
  const keys = makeKeyPair();
  const tokens = Object.entries(USERS).map(
    ([token, { user, groups }]) => `${token},${user},${token},"${groups}"`,
  );
  const children: Child[] = [];
  const start = (name: string, flags: Readonly<Record<string, string | number>>): void => {
    children.push(
      startChild({
        command: join(bin, name),
        args: Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`),
        env: { PATH: process.env['PATH'] },
      }),
    );
  };
  await mkdir(join(folder, 'etcd'), { mode: 0o700 });
  start('etcd', {
    'data-dir': join(folder, 'etcd'),
    'unsafe-no-fsync': 'true',
    'listen-client-urls': `http://127.0.0.1:${ETCD}`,
    'advertise-client-urls': `http://127.0.0.1:${ETCD}`,
    'listen-peer-urls': `http://127.0.0.1:${PEERS}`,
    'initial-advertise-peer-urls': `http://127.0.0.1:${PEERS}`,
    'initial-cluster': `default=http://127.0.0.1:${PEERS}`,
    'log-level': 'error',
  });
  start('kube-apiserver', {
    'etcd-servers': `http://127.0.0.1:${ETCD}`,
    'bind-address': '127.0.0.1',
    'advertise-address': '127.0.0.1',
    'endpoint-reconciler-type': 'none',
    'secure-port': PORT,
    'service-cluster-ip-range': '198.18.200.0/24',
    'authorization-mode': 'AlwaysAllow',
    'anonymous-auth': 'false',
    // Nobody is there to make the namespace's account, which it would wait for.
    'disable-admission-plugins': 'ServiceAccount',
    'token-auth-file': await put('tokens.csv', `${tokens.join('\n')}\n`),
    'tls-cert-file': await put('server.crt', server.certificate),
    'tls-private-key-file': await put('server.key', server.key),
    'service-account-issuer': 'https://kubernetes.default.svc',
    'service-account-key-file': await put('tokens.pub', keys.publicKey),
    'service-account-signing-key-file': await put('tokens.key', keys.privateKey),
  });
  const stop = async (): Promise<void> => {
    for (const child of children.toReversed()) await child.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const kubeconfig = await put('kubeconfig', kubeconfigOf(authority.certificate, 'controller'));
    const admin = await openApiserver(await put('admin', kubeconfigOf(authority.certificate, 'admin')));
    await ready(admin);
    await admin.create('/api/v1/namespaces', { metadata: { name: namespace } });
    await makeKind(admin);
    return {
      port: PORT,
      authority: authority.certificate,
      token: 'controller',
      ...{ kubeconfig, folder, admin, stop },
      pids: children.flatMap(({ pid }) => pid ?? []),
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function makeKind(admin: Apiserver): Promise<void> {
  const text = await readFile(join(ROOT, 'crds', 'loomvideos.yaml'), 'utf8');
  for (const document of parseAllDocuments(text))
    await admin.create('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', document.toJS() as object);
  while ((await admin.ask('GET', loomVideosPath()).catch(() => ({ status: 0 }))).status !== 200)
    await sleep(100);
}

async function ready(admin: Apiserver): Promise<void> {
  for (const end = performance.now() + 120_000; ; await sleep(200)) {
    const answer = await admin.ask('GET', '/api/v1/namespaces/default').catch((error: unknown) => error);
    if (typeof answer === 'object' && answer !== null && 'status' in answer && answer.status === 200) return;
    if (performance.now() > end) throw new Error(`the apiserver is not ready: ${JSON.stringify(answer)}`);
  }
}

function kubeconfigOf(authority: string, token: string): string {
  const data = Buffer.from(authority).toString('base64');
  const server = `https://127.0.0.1:${PORT}`;
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'bench', cluster: { server, 'certificate-authority-data': data } }],
    users: [{ name: token, user: { token } }],
    contexts: [{ name: 'bench', context: { cluster: 'bench', user: token } }],
    'current-context': 'bench',
  });
}
