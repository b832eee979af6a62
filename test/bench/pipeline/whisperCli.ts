import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { runPip } from '../../../jobrunner/setup/pip.ts';
import { runTool } from '../../../jobrunner/setup/runTool.ts';
import { madeOnce } from './madeOnce.ts';
import { say } from '../progress.ts';

const PACKAGE = 'pywhispercpp';

/**
 * Builds whisper.cpp's command line as its README does, once, from the source distribution of pywhispercpp that
 * `requirements` pins by hash; `folder` then holds `whisper-cli`. `bin`: the peers' programs, cmake and ninja among them.
 * Needs a C++ compiler. Throws SetupError.
 */
export async function buildWhisperCli(folder: string, bin: string, requirements: string): Promise<void> {
  const pin = new RegExp(`^${PACKAGE}==(?:.*\\\\\n)*.*$`, 'm').exec(
    await readFile(requirements, 'utf8'),
  )?.[0];
  if (pin === undefined) throw new Error(`${requirements} does not name ${PACKAGE}`);
  // It is built for this processor, and may not run on another.
  const processor = cpus()[0]?.model ?? 'unknown';
  await madeOnce(folder, `${pin}\n${processor}`, async (made, work) => {
    say(`building whisper.cpp's command line into ${folder}, a minute or two`);
    const { env } = process;
    const { signal } = new AbortController();
    const python = join(bin, 'python');
    const list = join(work, 'requirement.txt');
    await writeFile(list, `${pin}\n`);
    await runPip(
      // pip asks its set-up for its metadata; what that takes is in `bin`.
      ['download', '--no-binary', PACKAGE, '--no-deps', '--no-build-isolation', '--dest', work, '-r', list],
      { python, env, signal, say: () => undefined },
    );
    const archive = (await readdir(work)).find((name) => name.endsWith('.tar.gz')) ?? '';
    const run = (program: string, args: readonly string[], remedy: string) =>
      runTool({ command: join(bin, program), args, env, signal }, remedy);
    const roomRemedy = 'make room on the disk of the cache (300 MB), then run it again';
    await run('python', ['-m', 'tarfile', '-e', join(work, archive), work], roomRemedy);
    const source = join(work, archive.replace(/\.tar\.gz$/, ''), 'whisper.cpp');
    const build = join(work, 'build');
    const buildRemedy = 'it needs a C++ compiler (Debian, Ubuntu: apt-get install g++)';
    await run(
      'cmake',
      [
        ...['-S', source, '-B', build, '-G', 'Ninja', `-DCMAKE_MAKE_PROGRAM=${join(bin, 'ninja')}`],
        // One file that can be kept without the folder it was built in.
        ...['-DCMAKE_BUILD_TYPE=Release', '-DBUILD_SHARED_LIBS=OFF'],
      ],
      buildRemedy,
    );
    const jobs = String(availableParallelism());
    await run('cmake', ['--build', build, '--target', 'whisper-cli', '--parallel', jobs], buildRemedy);
    await copyFile(join(build, 'bin', 'whisper-cli'), join(made, 'whisper-cli'));
  });
}
