import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Addresses } from './addresses.ts';
import { makeAuthority, makeKeyPair, type Identity } from '../../support/tls/authority.ts';

/** The node's name, part of its kubelet's user name. */
export const NODE = 'node';

/** Writes all keys, certificates and kubeconfigs of a cluster into `folder`; the administrator's is `kubeconfig`. */
export async function writeCredentials(folder: string, addresses: Addresses): Promise<void> {
  const pki = join(folder, 'pki');
  await mkdir(pki, { recursive: true });
  const put = (name: string, text: string) => writeFile(join(pki, name), text, { mode: 0o600 });
  const putIdentity = async (name: string, identity: Identity): Promise<void> => {
    await put(`${name}.crt`, identity.certificate);
    await put(`${name}.key`, identity.key);
  };
  const authority = makeAuthority('LoomVideo test cluster');
  const server = `https://${addresses.machine}:6443`;
  const putKubeconfig = (file: string, commonName: string, organization?: string) =>
    writeFile(
      join(folder, file),
      kubeconfig(
        server,
        authority.certificate,
        authority.issue({ commonName, ...(organization && { organization }) }),
      ),
      { mode: 0o600 },
    );

  await putIdentity('ca', authority);
  await putIdentity(
    'apiserver',
    authority.issue({
      commonName: 'kube-apiserver',
      hosts: [
        ...['localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc'],
        ...['127.0.0.1', addresses.machine, addresses.kubernetesService],
      ],
    }),
  );
  await putIdentity(
    'apiserver-to-kubelet',
    authority.issue({ commonName: 'kube-apiserver', organization: 'system:masters' }),
  );
  await putIdentity('kubelet', authority.issue({ commonName: NODE, hosts: [NODE, addresses.machine] }));
  const tokens = makeKeyPair();
  await put('tokens.pub', tokens.publicKey);
  await put('tokens.key', tokens.privateKey);

  // The users and groups that Kubernetes' own roles name.
  await putKubeconfig('kubeconfig', 'admin', 'system:masters');
  await putKubeconfig('pki/kube-controller-manager.kubeconfig', 'system:kube-controller-manager');
  await putKubeconfig('pki/kube-scheduler.kubeconfig', 'system:kube-scheduler');
  await putKubeconfig('pki/kube-proxy.kubeconfig', 'system:kube-proxy');
  await putKubeconfig('pki/kubelet.kubeconfig', `system:node:${NODE}`, 'system:nodes');
}

/** JSON, which every reader of YAML reads. */
function kubeconfig(server: string, authority: string, identity: Identity): string {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  return JSON.stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        { name: 'loomvideo-test', cluster: { server, 'certificate-authority-data': base64(authority) } },
      ],
      users: [
        {
          name: 'user',
          user: {
            'client-certificate-data': base64(identity.certificate),
            'client-key-data': base64(identity.key),
          },
        },
      ],
      contexts: [{ name: 'loomvideo-test', context: { cluster: 'loomvideo-test', user: 'user' } }],
      'current-context': 'loomvideo-test',
    },
    null,
    2,
  );
}
