import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeExit, startChild, type Child } from '../../../common/childProcess.ts';
import { run } from '../command.ts';
import { CACHE } from '../paths.ts';
import { addressesOf, SLOTS, type Addresses } from './addresses.ts';

/**
 * What the cluster runs in: a process, network and mount namespace of its own, as kind's node container is. All in it
 * ends when its first process does, and nothing of it (rules of kube-proxy, mounts of pods, containers) stays on the
 * host. The host sees one network link to it, through which it reaches the API server, pods and Services.
 */
export interface Machine {
  readonly slot: number;
  readonly addresses: Addresses;
  /** What the cluster writes, as the host sees it. */
  readonly folder: string;
  /** The first process inside, by its pid on the host. */
  readonly pid: number;
  /** Ends everything inside. */
  stop(): Promise<void>;
}

/** Folders of built programs. */
export interface Programs {
  readonly kubernetes: string;
  /** Our own: pause. */
  readonly programs: string;
}

/** The same folder seen from inside: short, for the names of sockets may have 107 characters. */
export const INSIDE = '/run/node';
/** The folder of Kubernetes' programs, seen from inside. */
export const INSIDE_BIN = '/run/bin';

/**
 * What kubelet wants of the kernel and would set for the whole machine (`setupKernelTunables` in kubernetes'
 * pkg/kubelet/cm). Inside, the files say so already.
 */
const KERNEL_SETTINGS = {
  'vm/overcommit_memory': 1,
  'vm/panic_on_oom': 0,
  'kernel/panic': 10,
  'kernel/panic_on_oops': 1,
  'kernel/keys/root_maxkeys': 1_000_000,
  'kernel/keys/root_maxbytes': 25_000_000,
};

/**
 * Run inside with the cluster's folder and that of Kubernetes' programs. What kubelet and containerd write elsewhere
 * (/var/lib/kubelet/device-plugins, /var/log/containers, /run/netns) goes into the cluster's folder, too.
 */
const PREPARE = `
bin=$(mktemp -d) node=$(mktemp -d)
mount --bind "$2" "$bin"
mount --bind "$1" "$node"
mkdir "$node/var" "$node/var-work"
mount -t overlay overlay -o "lowerdir=/var,upperdir=$node/var,workdir=$node/var-work" /var
mount -t tmpfs -o mode=755 tmpfs /run
mkdir ${INSIDE} ${INSIDE_BIN}
mount --move "$bin" ${INSIDE_BIN}
mount --move "$node" ${INSIDE}
rmdir "$bin" "$node"
for setting in ${Object.entries(KERNEL_SETTINGS)
  .map((pair) => pair.join('='))
  .join(' ')}; do
  file=$(mktemp -p /run)
  echo "\${setting#*=}" > "$file"
  mount --bind "$file" "/proc/sys/\${setting%=*}"
done
# As kubelet expects of its host; mounts could not be moved below a shared one.
mount --make-rshared /
hostname node
ip link set lo up
# Else the answer of a pod to another, asked through a Service, crosses the bridge without being translated back.
[ -e /proc/sys/net/bridge ] || modprobe br_netfilter
echo 1 > /proc/sys/net/bridge/bridge-nf-call-iptables
echo 1 > /proc/sys/net/ipv4/ip_forward
`;

/** Starts a machine in the first free slot. */
export async function startMachine(
  { kubernetes, programs }: Programs,
  signal: AbortSignal,
): Promise<Machine> {
  const child = startChild({
    command: 'unshare',
    args: [
      ...['--pid', '--net', '--mount', '--uts', '--ipc', '--propagation', 'private'],
      ...['--fork', '--kill-child=KILL', '--mount-proc', join(programs, 'pause')],
    ],
    env: { PATH: process.env['PATH'] },
  });
  try {
    const pid = await firstProcess(child, signal);
    const slot = await takeSlot(pid);
    const addresses = addressesOf(slot);
    const folder = join(CACHE, `run-${slot}`);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    const machine: Machine = {
      slot,
      addresses,
      folder,
      pid,
      stop: async () => {
        await child.stop();
      },
    };
    await runInside(machine, 'sh', ['-euc', PREPARE, 'prepare', folder, kubernetes]);
    await connect(machine);
    return machine;
  } catch (error) {
    await child.stop();
    throw error;
  }
}

/** The words that run a command inside. */
export function inside(machine: Pick<Machine, 'pid'>, command: string, args: readonly string[]): string[] {
  return [
    'nsenter',
    ...[`--target=${machine.pid}`, '--pid', '--net', '--mount', '--uts', '--ipc', '--wd=/', '--'],
    command,
    ...args,
  ];
}

export async function runInside(
  machine: Pick<Machine, 'pid'>,
  command: string,
  args: readonly string[],
): Promise<string> {
  const [program = '', ...words] = inside(machine, command, args);
  return run(program, words);
}

/** `unshare` forks: the namespaces are its child's, complete once it has become `pause`. */
async function firstProcess(child: Child, signal: AbortSignal): Promise<number> {
  const ended = new AbortController();
  void child.exited.then((exit) => ended.abort(new Error(`unshare ${describeExit(exit)}`)));
  while (!ended.signal.aborted) {
    signal.throwIfAborted();
    const pid = Number(await textOf(`/proc/${child.pid}/task/${child.pid}/children`));
    if (pid && (await textOf(`/proc/${pid}/comm`)).trim() === 'pause') return pid;
    await sleep(10);
  }
  throw ended.signal.reason;
}

async function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '');
}

/** Lays the link between host and machine under the first name that is free. */
async function takeSlot(pid: number): Promise<number> {
  for (let slot = 0; slot < SLOTS; slot++) {
    const { link } = addressesOf(slot);
    try {
      await run('ip', `link add ${link} type veth peer name eth0 netns ${pid}`.split(' '));
      return slot;
    } catch (error) {
      if (!String(error).includes('File exists')) throw error;
    }
  }
  throw new Error(`${SLOTS} clusters run on this machine already (ip link show type veth)`);
}

async function connect(machine: Machine): Promise<void> {
  const { host, machine: self, link, pods, services } = machine.addresses;
  const ip = (words: string) => run('ip', words.split(' '));
  const ipInside = (words: string) => runInside(machine, 'ip', words.split(' '));
  await ipInside(`address add ${self}/30 dev eth0`);
  await ipInside('link set eth0 up');
  await ipInside(`route add default via ${host}`);
  await ip(`address add ${host}/30 dev ${link}`);
  await ip(`link set ${link} up`);
  await ip(`route add ${pods} via ${self}`);
  await ip(`route add ${services} via ${self}`);
}
