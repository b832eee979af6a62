import { randomUUID } from 'node:crypto';
import type { Segment } from '../artifacts.ts';
import type { Inference } from '../inference/inference.ts';
import { pieces } from '../inference/pieces.ts';
import type { StartAnswer, TranscribeAnswer } from '../inference/protocol.ts';
import type { Transcriber } from '../ports.ts';

/** Bytes of PCM handed over at a time: 30 s at 16 kHz and two bytes. */
const PIECE_BYTES = 30 * 16_000 * 2;

/** Whisper tiny in the local inference process. */
export function whisperTranscriber(inference: Inference): Transcriber {
  return {
    async transcribe({ pcm, language, signal, onProgress }) {
      const session = randomUUID();
      // oxlint-disable-next-line no-unsafe-type-assertion -- our own worker answers in its protocol
      const { model } = (await inference.request(
        { op: 'transcribe.start', session, language },
        signal,
      )) as StartAnswer;
      const segments: Segment[] = [];
      let heard: string | null = null;
      const take = (answer: unknown): void => {
        // oxlint-disable-next-line no-unsafe-type-assertion -- our own worker answers in its protocol
        const part = answer as TranscribeAnswer;
        segments.push(...part.segments.filter(({ text }) => text.trim() !== ''));
        heard = part.language;
        onProgress(part.processedSeconds);
      };
      try {
        for await (const piece of pieces(pcm, PIECE_BYTES))
          take(await inference.request({ op: 'transcribe.feed', session }, signal, piece));
        take(await inference.request({ op: 'transcribe.finish', session }, signal));
      } catch (error) {
        // A worker that lives on would refuse the next transcription while this one is open: also when we were
        // stopped while waiting for sound, so our own signal must not stop this.
        const unstopped = new AbortController().signal;
        if (inference.running)
          await inference.request({ op: 'transcribe.abort', session }, unstopped).catch(() => undefined);
        throw error;
      }
      return { model, language: heard ?? (language === 'auto' ? 'und' : language), segments };
    },
    close: () => inference.close(),
  };
}
