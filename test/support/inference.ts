import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { startChild, type Child } from '../../common/childProcess.ts';
import { ffmpegAudioDecoder } from '../../jobrunner/adapters/ffmpegAudio.ts';
import { Inference } from '../../jobrunner/inference/inference.ts';
import { locateFfmpeg } from '../../jobrunner/setup/ffmpeg.ts';
import { embedderFolder, venvPython, whisperFolder } from '../../jobrunner/setup/folders.ts';
import { ROOT } from './cli.ts';

const places = { env: process.env, root: ROOT };

/** Seconds of PCM to bytes: 16 kHz, mono, 16 bits. */
export const BYTES_PER_SECOND = 32_000;

const FOLDERS: Readonly<Record<'python' | 'whisperFolder' | 'embedderFolder', string>> = {
  python: venvPython(places),
  whisperFolder: whisperFolder(places),
  embedderFolder: embedderFolder(places),
};

/** The real inference worker with the models that `npm run setup` installed. */
export function newInference(idleMs = 60_000): Inference {
  for (const path of Object.values(FOLDERS))
    if (!existsSync(path)) throw new Error(`${path} is missing. To make it: npm run setup`);
  return new Inference({ ...FOLDERS, env: process.env, idleMs });
}

/** A recording's sound as the transcribe stage gets it. */
export async function soundOf(path: string): Promise<Buffer> {
  const { path: ffmpegPath } = await locateFfmpeg(places);
  const decoder = ffmpegAudioDecoder({ ffmpegPath, env: process.env, threads: 1 });
  return Buffer.concat(await Array.fromAsync(decoder.decode(path, new AbortController().signal).pcm));
}

/** Silence of so many seconds. */
export const quiet = (seconds: number): Buffer => Buffer.alloc(seconds * BYTES_PER_SECOND);

/** A buffer in chunks of so many bytes. */
export async function* inChunks(sound: Buffer, size = 65_536): AsyncGenerator<Buffer> {
  for (let at = 0; at < sound.length; at += size) yield sound.subarray(at, at + size);
}

export interface Reply {
  readonly id: unknown;
  readonly ok?: Record<string, unknown>;
  readonly error?: { readonly code: string; readonly message: string };
}

/** The bare worker process, to be sent what its client would never send. */
export interface BareWorker {
  readonly child: Child;
  send(bytes: string | Buffer): void;
  /** The next line of stdout, whatever it is. */
  reply(): Promise<Reply>;
}

export function bareWorker(t: TestContext, overrides: Partial<typeof FOLDERS> = {}): BareWorker {
  const { python, whisperFolder: whisper, embedderFolder: embedder } = { ...FOLDERS, ...overrides };
  const lines: string[] = [];
  const waiting: ((line: string) => void)[] = [];
  const child = startChild({
    command: python,
    args: [
      ...['-B', join(ROOT, 'jobrunner/inference/worker.py')],
      ...['--whisper', whisper, '--embedder', embedder],
    ],
    env: process.env,
    openStdin: true,
    onStdoutLine(line) {
      const take = waiting.shift();
      if (take) take(line);
      else lines.push(line);
    },
  });
  t.after(() => child.stop());
  return {
    child,
    send: (bytes) => child.stdin?.write(bytes),
    async reply() {
      const line =
        lines.shift() ??
        (await Promise.race([
          new Promise<string>((resolve) => waiting.push(resolve)),
          child.exited.then(({ stderrTail }) => Promise.reject(new Error(`the worker ended: ${stderrTail}`))),
        ]));
      return JSON.parse(line) as Reply;
    },
  };
}
