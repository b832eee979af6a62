import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { startChild, type Child } from '../../common/childProcess.ts';
import { ffmpegAudioDecoder } from '../../jobrunner/adapters/ffmpegAudio.ts';
import { Inference } from '../../jobrunner/inference/inference.ts';
import type { WorkerOptions } from '../../jobrunner/inference/worker.ts';
import { locateFfmpeg } from '../../jobrunner/setup/ffmpeg.ts';
import { embedderFolder, venvPython, whisperFolder } from '../../jobrunner/setup/folders.ts';

const ROOT = join(import.meta.dirname, '../..');
const places = { env: process.env, root: ROOT };

/** Seconds of PCM to bytes: 16 kHz, mono, 16 bits. */
export const BYTES_PER_SECOND = 32_000;

/** What set-up made for the worker; the error says how to make it. */
export async function workerOptions(): Promise<WorkerOptions> {
  const options = {
    python: venvPython(places),
    whisperFolder: whisperFolder(places),
    embedderFolder: embedderFolder(places),
    threads: 2,
    env: process.env,
  };
  for (const path of [options.python, options.whisperFolder, options.embedderFolder])
    await access(path).catch(() => {
      throw new Error(`${path} is missing. To make it: npm run setup`);
    });
  return options;
}

/** The inference process's client, closed after the test. */
export async function testInference(t: TestContext, { idleMs = 60_000 } = {}): Promise<Inference> {
  const inference = new Inference({ ...(await workerOptions()), idleMs });
  t.after(() => inference.close());
  return inference;
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

export async function bareWorker(
  t: TestContext,
  overrides: Partial<WorkerOptions> = {},
): Promise<BareWorker> {
  const { python, whisperFolder: whisper, embedderFolder: embedder } = await workerOptions();
  const folders = { whisper: overrides.whisperFolder ?? whisper, embedder: overrides.embedderFolder ?? embedder };
  const lines: string[] = [];
  const waiting: ((line: string) => void)[] = [];
  const child = startChild({
    command: python,
    args: [
      ...['-B', join(ROOT, 'jobrunner/inference/worker.py'), '--threads', '2'],
      ...['--whisper', folders.whisper, '--embedder', folders.embedder],
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
