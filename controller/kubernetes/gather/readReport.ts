import { Ajv, type ValidateFunction } from 'ajv';
import { oneLine } from '../../../common/oneLine.ts';
import type { LoomVideoStatus } from '../../../crds/generated/loomvideo.ts';
import { loomVideoSchema } from '../../../crds/generated/schema.ts';
import { decodeReport } from '../../../jobrunner/contract/encodeReport.ts';
import type { StageReport } from '../../../jobrunner/contract/stageReport.ts';

type Facts = Pick<LoomVideoStatus, 'video' | 'transcript' | 'index' | 'memory'>;

const { video, transcript, index, memory } = loomVideoSchema.properties.status.properties;
/** Leaves of a fact what the status has a place for. */
const ajv = new Ajv({ removeAdditional: 'all' });
const FITS = {
  video: ajv.compile(video),
  transcript: ajv.compile(transcript),
  index: ajv.compile(index),
  memory: ajv.compile(memory),
} as const satisfies Record<keyof Facts, ValidateFunction>;

/** format int32 of the schema, which Ajv does not know. */
const LARGEST = 2_147_483_647;
/** Characters: of a title in a list, at the most. */
const LONGEST_TEXT = 500;

/**
 * A container's report, fit for the status. It is written where a stranger's media was decoded: whatever it says, it must
 * not make a status that the apiserver refuses. Undefined where there is no report.
 */
export function readReport(message: string | undefined): StageReport | undefined {
  const report = decodeReport(message);
  if (!report) return undefined;
  const { video: ours, transcript: text, index: stored, memory: used, ...rest } = report;
  if (!fits('memory', used)) return undefined;
  return {
    ...rest,
    memory: used,
    ...(fits('video', ours) && { video: { ...ours, ...cleanTexts(ours) } }),
    ...(fits('transcript', text) && { transcript: text }),
    ...(fits('index', stored) && { index: stored }),
  };
}

function fits<T extends object>(fact: keyof typeof FITS, value: T | undefined): value is T {
  return (
    value !== undefined &&
    FITS[fact](value) &&
    Object.entries(value).every(
      ([name, part]) => typeof part !== 'number' || name === 'sizeBytes' || Math.abs(part) <= LARGEST,
    )
  );
}

function cleanTexts({ title, uploader }: { title: string; uploader?: string }): {
  title: string;
  uploader?: string;
} {
  return {
    title: oneLine(title, LONGEST_TEXT),
    ...(uploader !== undefined && { uploader: oneLine(uploader, LONGEST_TEXT) }),
  };
}
