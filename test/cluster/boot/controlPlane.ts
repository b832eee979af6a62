import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { INSIDE, INSIDE_BIN, type Machine } from './machine.ts';
import type { Program } from './service.ts';

const pki = (name: string): string => `${INSIDE}/pki/${name}`;

function program(name: string, flags: Readonly<Record<string, string>>): Program {
  const args = Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`);
  return { name, command: `${INSIDE_BIN}/${name}`, args };
}

/** etcd loses its data with the cluster: it need not wait for the disk. */
export async function etcd(machine: Machine): Promise<Program> {
  await mkdir(join(machine.folder, 'etcd'), { mode: 0o700 });
  return program('etcd', {
    'data-dir': `${INSIDE}/etcd`,
    'unsafe-no-fsync': 'true',
    'listen-client-urls': 'http://127.0.0.1:2379',
    'advertise-client-urls': 'http://127.0.0.1:2379',
    'listen-peer-urls': 'http://127.0.0.1:2380',
  });
}

export function apiserver({ addresses }: Machine): Program {
  return program('kube-apiserver', {
    'etcd-servers': 'http://127.0.0.1:2379',
    'advertise-address': addresses.machine,
    'service-cluster-ip-range': addresses.services,
    'authorization-mode': 'Node,RBAC',
    'enable-admission-plugins': 'NodeRestriction',
    'allow-privileged': 'true',
    'client-ca-file': pki('ca.crt'),
    'tls-cert-file': pki('apiserver.crt'),
    'tls-private-key-file': pki('apiserver.key'),
    'service-account-issuer': 'https://kubernetes.default.svc',
    'service-account-key-file': pki('tokens.pub'),
    'service-account-signing-key-file': pki('tokens.key'),
    'kubelet-certificate-authority': pki('ca.crt'),
    'kubelet-client-certificate': pki('apiserver-to-kubelet.crt'),
    'kubelet-client-key': pki('apiserver-to-kubelet.key'),
    'kubelet-preferred-address-types': 'InternalIP',
  });
}

/** One of each runs: electing a leader would only cost time. */
export function controllerManager(): Program {
  return program('kube-controller-manager', {
    kubeconfig: pki('kube-controller-manager.kubeconfig'),
    'leader-elect': 'false',
    'use-service-account-credentials': 'true',
    'root-ca-file': pki('ca.crt'),
    'service-account-private-key-file': pki('tokens.key'),
    // Its 20 a second let the garbage collector take minutes over a thousand Jobs.
    'kube-api-qps': '200',
    'kube-api-burst': '400',
  });
}

export function scheduler(): Program {
  return program('kube-scheduler', {
    kubeconfig: pki('kube-scheduler.kubeconfig'),
    'leader-elect': 'false',
  });
}
