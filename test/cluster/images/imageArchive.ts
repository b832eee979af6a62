import { createHash } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { run } from '../command.ts';

export interface ProgramImage {
  /** Name and tag, with a registry: `loomvideo.test/probe:1`. */
  readonly name: string;
  /** A static executable; it stands at the image's root and is its entrypoint. */
  readonly program: string;
  /** Where the archive is written. */
  readonly archive: string;
}

/** Writes an image that holds one program and nothing else, in the form of `docker save`; no engine is needed. */
export async function writeImageArchive({ name, program, archive }: ProgramImage): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'loomvideo-image-'));
  try {
    const root = join(folder, 'root');
    const layer = join(folder, 'layer.tar');
    await mkdir(root);
    await copyFile(program, join(root, basename(program)));
    await tar(root, layer, ['.']);
    const digest = createHash('sha256')
      .update(await readFile(layer))
      .digest('hex');
    const config = {
      architecture: process.arch === 'x64' ? 'amd64' : process.arch,
      os: 'linux',
      config: { Entrypoint: [`/${basename(program)}`] },
      rootfs: { type: 'layers', diff_ids: [`sha256:${digest}`] },
    };
    await writeFile(join(folder, 'config.json'), JSON.stringify(config));
    const manifest = [{ Config: 'config.json', RepoTags: [name], Layers: ['layer.tar'] }];
    await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest));
    await tar(folder, archive, ['manifest.json', 'config.json', 'layer.tar']);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Owned by root, without times: the same program gives the same image. */
async function tar(folder: string, archive: string, names: readonly string[]): Promise<void> {
  const same = ['--owner=0', '--group=0', '--numeric-owner', '--mtime=@0', '--sort=name'];
  await run('tar', [...same, '--directory', folder, '--create', '--file', archive, ...names]);
}
