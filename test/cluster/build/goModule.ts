import { createHash } from 'node:crypto';
import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../command.ts';

/** A Go module of ours, with the programs that are built from it. */
export interface GoModule {
  /** Its folder below tools/. */
  readonly name: string;
  /** Packages by the program's name. Beginning with `./` they are our own, else the module only pins their version. */
  readonly packages: Readonly<Record<string, string>>;
  /** Linker flags beyond stripping, from the text of the module's go.mod. */
  readonly stamp?: (goMod: string) => string;
}

export const KUBERNETES_MODULE: GoModule = {
  name: 'kubernetes',
  packages: {
    etcd: 'go.etcd.io/etcd/server/v3',
    'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
    'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
    'kube-scheduler': 'k8s.io/kubernetes/cmd/kube-scheduler',
    kubelet: 'k8s.io/kubernetes/cmd/kubelet',
    'kube-proxy': 'k8s.io/kubernetes/cmd/kube-proxy',
    kubectl: 'k8s.io/kubernetes/cmd/kubectl',
  },
  stamp: kubernetesVersion,
};

/** Apart from Kubernetes: the dependencies of both want different versions of the same libraries. */
export const HELM_MODULE: GoModule = {
  name: 'helm',
  packages: {
    helm: 'helm.sh/helm/v4/cmd/helm',
    kubeconform: 'github.com/yannh/kubeconform/cmd/kubeconform',
  },
};

/** What says what an image holds. Apart: only the file that asks needs it. */
export const SBOM_MODULE: GoModule = {
  name: 'sbom',
  packages: { syft: 'github.com/anchore/syft/cmd/syft' },
};

/** Apart, too: changing one of them shall not build Kubernetes again. */
export const PROGRAMS_MODULE: GoModule = {
  name: 'programs',
  packages: { pause: './pause', probe: './probe' },
};

export const MODULES: readonly GoModule[] = [PROGRAMS_MODULE, KUBERNETES_MODULE, HELM_MODULE];

export function folderOf(module: GoModule): string {
  return join(import.meta.dirname, '..', 'tools', module.name);
}

/** Flags of `go build`. No DWARF: it is stripped anyway, and making it costs the compiler a tenth of its time. */
export async function buildFlags(module: GoModule): Promise<string[]> {
  const stamp = module.stamp?.(await readFile(join(folderOf(module), 'go.mod'), 'utf8')) ?? '';
  return ['-trimpath', '-buildvcs=false', '-gcflags=all=-dwarf=false', `-ldflags=-s -w ${stamp}`];
}

/** The version the binaries say of themselves: unstamped, kube-apiserver is v0.0.0 and clients believe it. */
function kubernetesVersion(goMod: string): string {
  const [, version, major, minor] = /^\s*k8s\.io\/kubernetes (v(\d+)\.(\d+)\S*)/m.exec(goMod) ?? [];
  if (!version) throw new Error('test/cluster/tools/kubernetes/go.mod requires no k8s.io/kubernetes');
  const values = { gitVersion: version, gitMajor: major, gitMinor: minor };
  return Object.entries(values)
    .map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`)
    .join(' ');
}

/**
 * The same in every program. Without cgo nothing is compiled a second time for kubelet, the one program that is
 * released with it, and the binaries run in an empty image.
 */
export const BUILD_ENV: Readonly<Record<string, string>> = { CGO_ENABLED: '0', GOWORK: 'off' };

/** Names what a build of the module depends on; a binary built under another key is stale. */
export async function moduleKey(module: GoModule): Promise<string> {
  const hash = createHash('sha256');
  const folder = folderOf(module);
  for (const name of globSync(['go.mod', 'go.sum', '*/*.go'], { cwd: folder }).sort()) {
    hash.update(`${name}\0`).update(await readFile(join(folder, name)));
  }
  const go = await run('go', ['env', 'GOVERSION', 'GOOS', 'GOARCH'], { cwd: folder });
  hash.update(JSON.stringify([go, await buildFlags(module), BUILD_ENV, module.packages]));
  return hash.digest('hex').slice(0, 16);
}
