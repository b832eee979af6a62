import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../command.ts';
import { step } from '../progress.ts';
import type { Docker } from './docker.ts';

/** What the recipe below makes; a change of it wants a new number. */
const RECIPE = 1;

const SUITE = 'bookworm';
/** Not below CACHE: debootstrap takes no path with a space. Not in /tmp, which is often mounted without devices. */
const ASIDE = '/var/tmp/loomvideo-base-';

const AUTHORITIES = '/usr/local/share/ca-certificates';
const BUNDLE = '/etc/ssl/certs/ca-certificates.crt';

/**
 * Gives the name of a Debian image made from packages alone, for machines that reach no image registry; makes it, in
 * half a minute, when the engine has none. It stands in for debian:bookworm-slim and holds, as the one difference a
 * Dockerfile may meet, the certificate authorities that this machine was given by its owner.
 */
export async function baseImage({ docker }: Docker, signal: AbortSignal): Promise<string> {
  const name = `loomvideo.test/base:${await key()}`;
  if ((await docker(['images', '--quiet', name])) !== '') return name;
  await step('making the base image (debootstrap)', () => make(docker, name, signal));
  return name;
}

async function make(docker: Docker['docker'], name: string, signal: AbortSignal): Promise<void> {
  const folder = await mkdtemp(ASIDE);
  const root = join(folder, 'root');
  const archive = join(folder, 'root.tar');
  try {
    await mkdir(root);
    // What debootstrap mounts and leaves mounted when it fails goes away with the namespace.
    await run(
      'unshare',
      [
        ...['--mount', '--pid', '--propagation', 'private', '--fork', '--kill-child=KILL', '--mount-proc'],
        ...['debootstrap', '--variant=minbase', '--include=ca-certificates', SUITE, root],
      ],
      { signal },
    );
    await configure(root);
    await run('tar', ['--numeric-owner', '--directory', root, '--create', '--file', archive, '.'], {
      signal,
    });
    // pip and Node read no system store unless told.
    const environment =
      (await ownAuthorities()).length > 0 ? [`PIP_CERT=${BUNDLE}`, `NODE_EXTRA_CA_CERTS=${BUNDLE}`] : [];
    const changes = environment.flatMap((pair) => ['--change', `ENV ${pair}`]);
    await docker(['import', ...changes, '--change', 'CMD ["bash"]', archive, name]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** As in Debian's own image: updates too, no package archives kept, no waiting for the disk at each package. */
async function configure(root: string): Promise<void> {
  const from = 'http://deb.debian.org';
  const sources = [
    `deb ${from}/debian ${SUITE} main`,
    `deb ${from}/debian ${SUITE}-updates main`,
    `deb ${from}/debian-security ${SUITE}-security main`,
  ];
  await writeFile(join(root, 'etc/apt/sources.list'), sources.map((line) => `${line}\n`).join(''));
  await writeFile(join(root, 'etc/dpkg/dpkg.cfg.d/docker'), 'force-unsafe-io\n');
  await writeFile(
    join(root, 'etc/apt/apt.conf.d/docker'),
    'Binary::apt::APT::Keep-Downloaded-Packages "false";\nAPT::Install-Recommends "false";\n',
  );
  for (const file of await ownAuthorities()) await cp(file, join(root, file));
  await run('chroot', [root, 'update-ca-certificates']);
  await rm(join(root, 'var/cache/apt/archives'), { recursive: true, force: true });
  await mkdir(join(root, 'var/cache/apt/archives/partial'), { recursive: true });
  await rm(join(root, 'var/lib/apt/lists'), { recursive: true, force: true });
  await mkdir(join(root, 'var/lib/apt/lists/partial'), { recursive: true });
}

/** Authorities added to Debian's, where Debian looks for them: a company's proxy, say. */
async function ownAuthorities(): Promise<string[]> {
  const names = await readdir(AUTHORITIES).catch(() => []);
  return names.filter((name) => name.endsWith('.crt')).map((name) => join(AUTHORITIES, name));
}

async function key(): Promise<string> {
  const hash = createHash('sha256').update(`${RECIPE} ${SUITE}`);
  for (const file of await ownAuthorities()) hash.update(await readFile(file));
  return hash.digest('hex').slice(0, 12);
}
