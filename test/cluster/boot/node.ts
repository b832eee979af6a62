import { access, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NODE } from './credentials.ts';
import { INSIDE, INSIDE_BIN, runInside, type Machine } from './machine.ts';
import type { Program } from './service.ts';

/** The image of each pod's sandbox; kubelet's containerd finds no registry. */
export const PAUSE_IMAGE = 'loomvideo.test/pause:1';

const SOCKET = `${INSIDE}/containerd.sock`;

/** Where Debian's containernetworking-plugins, or else Docker's own packages, put them. */
export const CNI_FOLDERS = ['/usr/lib/cni', '/opt/cni/bin'];

/** containerd with its data in the cluster's folder. `version = 2` is read by 1.6 and by what came after it. */
export async function containerd(machine: Machine): Promise<Program> {
  const config = `
version = 2
root = "${INSIDE}/containerd"
state = "/run/containerd"
disabled_plugins = [
  "io.containerd.snapshotter.v1.aufs",
  "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper",
  "io.containerd.snapshotter.v1.zfs",
]
[grpc]
address = "${SOCKET}"
[plugins."io.containerd.internal.v1.opt"]
path = "${INSIDE}/opt"
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "${PAUSE_IMAGE}"
# A machine that is itself a container may not lower its scores.
restrict_oom_score_adj = true
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "${await cniFolder()}"
conf_dir = "${INSIDE}/cni"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
SystemdCgroup = false
`;
  await writeFile(join(machine.folder, 'containerd.toml'), config);
  await writeNetwork(machine);
  return { name: 'containerd', command: 'containerd', args: ['--config', `${INSIDE}/containerd.toml`] };
}

/** Pods hang on a bridge whose address is the machine's; the host has a route to them, so nothing is masqueraded. */
async function writeNetwork({ folder, addresses }: Machine): Promise<void> {
  const network = {
    cniVersion: '0.4.0',
    name: 'pods',
    plugins: [
      {
        type: 'bridge',
        bridge: 'cni0',
        isGateway: true,
        hairpinMode: true,
        ipam: {
          type: 'host-local',
          ranges: [[{ subnet: addresses.pods, gateway: addresses.podGateway }]],
          routes: [{ dst: '0.0.0.0/0' }],
        },
      },
    ],
  };
  await mkdir(join(folder, 'cni'));
  await writeFile(join(folder, 'cni', 'pods.conflist'), JSON.stringify(network, null, 2));
}

async function cniFolder(): Promise<string> {
  for (const folder of CNI_FOLDERS) {
    const found = await access(join(folder, 'bridge')).then(
      () => true,
      () => false,
    );
    if (found) return folder;
  }
  throw new Error(`no CNI plugin bridge in ${CNI_FOLDERS.join(' or ')}`);
}

export async function kubelet({ folder, addresses }: Machine, cgroup: string): Promise<Program> {
  const config = {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: `${INSIDE}/pki/ca.crt` },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: `${INSIDE}/pki/kubelet.crt`,
    tlsPrivateKeyFile: `${INSIDE}/pki/kubelet.key`,
    containerRuntimeEndpoint: `unix://${SOCKET}`,
    podLogsDir: `${INSIDE}/logs/pods`,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: cgroup,
    enforceNodeAllocatable: [],
    failCgroupV1: false,
    failSwapOn: false,
    // There is no cluster DNS. Nothing answers at the host's address, so a look-up fails at once.
    clusterDNS: [addresses.host],
    clusterDomain: 'cluster.local',
    resolvConf: '',
    // The disk is the developer's: how full it is says nothing about the test.
    evictionHard: { 'memory.available': '50Mi', 'nodefs.available': '0%', 'imagefs.available': '0%' },
    imageGCHighThresholdPercent: 100,
    nodeStatusUpdateFrequency: '4s',
  };
  await writeFile(join(folder, 'kubelet.json'), JSON.stringify(config, null, 2));
  return {
    name: 'kubelet',
    command: `${INSIDE_BIN}/kubelet`,
    args: [
      `--config=${INSIDE}/kubelet.json`,
      `--kubeconfig=${INSIDE}/pki/kubelet.kubeconfig`,
      `--root-dir=${INSIDE}/kubelet`,
      `--hostname-override=${NODE}`,
      `--node-ip=${addresses.machine}`,
    ],
  };
}

/** Makes ClusterIPs work, that of the API server (`KUBERNETES_SERVICE_HOST` in each pod) among them. */
export async function kubeProxy({ folder, addresses }: Machine): Promise<Program> {
  const config = {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'iptables',
    clientConnection: { kubeconfig: `${INSIDE}/pki/kube-proxy.kubeconfig` },
    hostnameOverride: NODE,
    clusterCIDR: addresses.pods,
    // The size of the host's connection table is not the cluster's to change.
    conntrack: { maxPerCore: 0, min: 0 },
  };
  await writeFile(join(folder, 'kube-proxy.json'), JSON.stringify(config, null, 2));
  return {
    name: 'kube-proxy',
    command: `${INSIDE_BIN}/kube-proxy`,
    args: [`--config=${INSIDE}/kube-proxy.json`],
  };
}

/** Brings an image archive (docker save, OCI) into the node; `archive` is a path of the host. */
export async function importImage(machine: Pick<Machine, 'pid'>, archive: string): Promise<void> {
  await runInside(machine, 'ctr', [`--address=${SOCKET}`, '--namespace=k8s.io', 'images', 'import', archive]);
}
