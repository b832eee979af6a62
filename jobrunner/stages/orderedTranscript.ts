import { stat } from 'node:fs/promises';
import { ARTIFACT, type TranscriptArtifact } from '../artifacts.ts';
import { StageError } from '../contract/stageError.ts';
import { readTranscript } from '../readArtifacts.ts';
import type { WorkFolder } from '../workFolder.ts';

/** Bytes of transcript.json: ten hours of speech make about one million. */
const MAX_BYTES = 4_000_000;
/** Seconds by which segments may overlap for having been rounded. */
const ROUNDING = 0.011;

/**
 * The transcript, with segments in order and not overlapping, as the contract has it. Throws `InvalidFile` with what is
 * wrong for anything else.
 */
export async function readOrderedTranscript(folder: WorkFolder): Promise<TranscriptArtifact> {
  const size = await stat(folder.file(ARTIFACT.transcript)).then(
    (stats) => stats.size,
    () => undefined,
  );
  if (size === undefined) throw invalid('is missing: transcribe has to run before index');
  if (size > MAX_BYTES) throw invalid(`has ${size} bytes, more than ${MAX_BYTES}`);
  const transcript = await readTranscript(folder);
  if (!transcript) throw invalid('is not a transcript (language, model, durationSeconds, segments)');
  let previousEnd = 0;
  for (const [number, { start, end }] of transcript.segments.entries()) {
    if (end < start) throw invalid(`has a segment that ends before it starts (segment ${number})`);
    if (start < previousEnd - ROUNDING)
      throw invalid(`has segments out of order or overlapping (segment ${number})`);
    previousEnd = end;
  }
  return transcript;
}

function invalid(fault: string): StageError {
  return new StageError('InvalidFile', `transcript.json ${fault}. Process the video again to make it anew.`);
}
