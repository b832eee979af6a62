import { PassThrough, pipeline } from 'node:stream';
import { describeExit, startChild } from '../../common/childProcess.ts';
import { abortError, StageError } from '../contract/stageError.ts';
import type { AudioDecoder, AudioStream } from '../ports.ts';

export interface FfmpegOptions {
  readonly ffmpegPath: string;
  readonly env: NodeJS.ProcessEnv;
  /** Decoder threads: the CPU quota, not the host's cores. */
  readonly threads: number;
  /** See ChildOptions; 0 unless told. */
  readonly niceness?: number;
}

/**
 * Read ahead of whoever listens, bytes: 262 s of sound. ffmpeg, which takes 34 MB, has then ended before the model takes most.
 */
const AHEAD_BYTES = 8 * 1024 ** 2;

/** Decodes a recording's first audio track with ffmpeg, no further ahead of its reader than {@link AHEAD_BYTES}. */
export function ffmpegAudioDecoder({ ffmpegPath, env, threads, niceness = 0 }: FfmpegOptions): AudioDecoder {
  return {
    decode(file, signal): AudioStream {
      const child = startChild({
        command: ffmpegPath,
        args: pcmArguments(file, threads),
        env,
        signal,
        rawStdout: true,
        niceness,
      });
      return {
        pcm: readPcm(),
        async close() {
          await child.stop();
        },
      };

      async function* readPcm(): AsyncGenerator<Buffer> {
        if (child.stdout) {
          try {
            // A failure reaches whoever reads: the callback has nothing to add.
            const ahead = pipeline(
              child.stdout,
              new PassThrough({ readableHighWaterMark: AHEAD_BYTES }),
              () => undefined,
            );
            for await (const chunk of ahead) if (Buffer.isBuffer(chunk)) yield chunk;
          } catch (error) {
            if (!signal.aborted)
              throw new StageError('TranscriptionFailed', 'The sound could not be read.', { cause: error });
          }
        }
        const exit = await child.exited;
        if (signal.aborted) throw abortError(signal);
        if (exit.code !== 0)
          throw new StageError(
            'TranscriptionFailed',
            `ffmpeg could not decode the sound: it ${describeExit(exit)}`,
          );
      }
    },
  };
}

/** Only a local file may be opened, whatever the media names; silence is put in where the sound begins late. */
function pcmArguments(file: string, threads: number): string[] {
  return [
    ...['-nostdin', '-hide_banner', '-loglevel', 'error', '-threads', String(threads)],
    ...['-protocol_whitelist', 'file', '-i', `file:${file}`],
    ...['-map', '0:a:0', '-vn', '-sn', '-dn', '-af', 'aresample=async=1:first_pts=0'],
    ...['-ac', '1', '-ar', '16000', '-f', 's16le', 'pipe:1'],
  ];
}
