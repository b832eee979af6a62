/**
 * Made speech as PCM: 16 kHz, mono, 16-bit little-endian samples, which is what flite's voice
 * `slt` produces and what Whisper hears.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './tools.ts';

export const SAMPLE_RATE = 16_000;
const BYTES_PER_SAMPLE = 2;

/** Speaks one English sentence with flite's voice slt. */
export const speakEnglish = (sentence: string): Promise<Buffer> =>
  inTemporaryFolder(async (folder) => {
    const wav = join(folder, 'en.wav');
    await run('flite', ['-voice', 'slt', '-t', sentence, '-o', wav]);
    return samplesOf(await readFile(wav));
  });

/** Speaks French with espeak-ng. Its WAV has another rate, so ffmpeg brings it to ours. */
export const speakFrench = (text: string, ffmpeg: string): Promise<Buffer> =>
  inTemporaryFolder(async (folder) => {
    const [spokenAt22k, wav] = [join(folder, 'fr22.wav'), join(folder, 'fr16.wav')];
    await run('espeak-ng', ['-v', 'fr', '-s', '150', '-w', spokenAt22k, text]);
    await run(ffmpeg, ['-v', 'error', '-i', spokenAt22k, '-ar', String(SAMPLE_RATE), '-bitexact', wav]);
    return samplesOf(await readFile(wav));
  });

/** Digital silence of so many seconds. */
export const silence = (seconds: number): Buffer =>
  Buffer.alloc(Math.round(seconds * SAMPLE_RATE) * BYTES_PER_SAMPLE);

/** Length of PCM in seconds. */
export const secondsOf = (pcm: Buffer): number => pcm.length / BYTES_PER_SAMPLE / SAMPLE_RATE;

async function inTemporaryFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'sample-speech-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The samples of a RIFF/WAVE file, which must have our rate. */
function samplesOf(wav: Buffer): Buffer {
  const rate = wav.readUInt32LE(24);
  if (rate !== SAMPLE_RATE) throw new Error(`speech at ${rate} Hz, expected ${SAMPLE_RATE} Hz`);
  const data = wav.indexOf('data', 12, 'latin1');
  // espeak and ffmpeg may leave a streaming size of 0xFFFFFFFF; the file's end is the truth then.
  const end = Math.min(data + 8 + wav.readUInt32LE(data + 4), wav.length);
  return wav.subarray(data + 8, end);
}
