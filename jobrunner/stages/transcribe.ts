import { readFile } from 'node:fs/promises';
import { ARTIFACT, type Segment, type TranscriptArtifact, type VideoArtifact } from '../artifacts.ts';
import { parseCaptions } from '../captions.ts';
import { StageError } from '../contract/stageError.ts';
import type { TranscriptFacts } from '../contract/stageReport.ts';
import type { AudioDecoder, Transcriber } from '../ports.ts';
import { readTranscript, readVideo } from '../readArtifacts.ts';
import { toVtt } from '../vtt.ts';
import type { Stage, StageContext, StageFacts } from './stage.ts';

export interface TranscribeDependencies {
  readonly decoder: AudioDecoder;
  readonly transcriber: Transcriber;
}

/** `video.*` → `transcript.json` and `transcript.vtt`: by Whisper, or from Loom's own captions. */
export function transcribeStage({ decoder, transcriber }: TranscribeDependencies): Stage {
  return {
    name: 'transcribe',

    async finished({ folder }) {
      const transcript = await readTranscript(folder);
      return transcript && factsOf(transcript);
    },

    async run(context) {
      const { folder, job } = context;
      const video = await readVideo(folder);
      if (!video)
        throw new StageError('InternalError', 'transcribe found no recording: fetch has to run before it.');
      const { source } = job.spec.transcription;
      const transcript =
        (source === 'whisper' ? undefined : await fromCaptions(context, video)) ??
        (await fromSpeech(context, video));
      await folder.write(ARTIFACT.vtt, toVtt(transcript.segments));
      await folder.write(ARTIFACT.transcript, JSON.stringify(transcript));
      return factsOf(transcript);
    },
  };

  async function fromSpeech(context: StageContext, video: VideoArtifact): Promise<TranscriptArtifact> {
    const { folder, signal, job, onProgress } = context;
    const audio = decoder.decode(folder.file(video.file), signal);
    try {
      const { model, language, segments } = await transcriber.transcribe({
        pcm: audio.pcm,
        language: job.spec.transcription.language,
        signal,
        onProgress: (seconds) =>
          onProgress({ stage: 'transcribe', percent: percentOf(seconds, video.durationSeconds) }),
      });
      return { model, language, durationSeconds: video.durationSeconds, segments };
    } finally {
      await audio.close();
    }
  }
}

/** Undefined where there are none and Whisper may take over (`auto`); an error where only captions will do. */
async function fromCaptions(
  { folder, job, log }: StageContext,
  video: VideoArtifact,
): Promise<TranscriptArtifact | undefined> {
  const segments = await readCaptions(video, (name) => folder.file(name));
  if (segments.length === 0) {
    if (job.spec.transcription.source === 'captions')
      throw new StageError('CaptionsUnavailable', 'Loom offers no captions for this video.');
    log.info('No captions from Loom: transcribing with Whisper');
    return undefined;
  }
  const { language } = job.spec.transcription;
  return {
    model: 'captions',
    // Loom's captions do not say their language; und is BCP 47 for "undetermined".
    language: language === 'auto' ? 'und' : language,
    durationSeconds: video.durationSeconds,
    segments,
  };
}

async function readCaptions(video: VideoArtifact, path: (name: string) => string): Promise<Segment[]> {
  if (video.captionsFile === undefined) return [];
  const vtt = await readFile(path(video.captionsFile), 'utf8').catch(() => '');
  return parseCaptions(vtt, video.durationSeconds);
}

function factsOf(transcript: TranscriptArtifact): StageFacts {
  const facts: TranscriptFacts = {
    language: transcript.language,
    model: transcript.model,
    segments: transcript.segments.length,
    words: transcript.segments.reduce((sum, { text }) => sum + countWords(text), 0),
  };
  return transcript.segments.length === 0
    ? { transcript: { ...facts, noSpeech: true }, noSpeech: true }
    : { transcript: facts };
}

function countWords(text: string): number {
  return text.trim().split(/\s+/).filter(Boolean).length;
}

function percentOf(part: number, whole: number): number {
  return whole > 0 ? Math.min(100, Math.round((100 * part) / whole)) : 100;
}
