import { isObject, parseObject } from '../../common/json.ts';
import { isReason } from './reasons.ts';
import { STAGES, type StageReport } from './stageReport.ts';

/** Bytes. kubelet shares 12 KiB of termination messages among all containers of a pod, sidecars included. */
export const MAX_REPORT_BYTES = 2048;

/** Texts strangers write, cut in this order, each to these many characters, until the report fits. */
const CUTS = [400, 200, 100, 40, 0];

/** The report as JSON of at most {@link MAX_REPORT_BYTES} bytes: long titles and messages are cut with an ellipsis. */
export function encodeReport(report: StageReport): string {
  for (const limit of [Number.POSITIVE_INFINITY, ...CUTS]) {
    const text = JSON.stringify(shortened(report, limit));
    if (Buffer.byteLength(text) <= MAX_REPORT_BYTES) return text;
  }
  throw new RangeError('a stage report without its texts exceeds 2048 bytes');
}

function shortened(report: StageReport, limit: number): StageReport {
  if (limit === Number.POSITIVE_INFINITY) return report;
  const { video } = report;
  return {
    ...report,
    message: cut(report.message, limit),
    ...(video && {
      video: {
        ...video,
        title: cut(video.title, limit),
        ...(video.uploader !== undefined && { uploader: cut(video.uploader, limit) }),
      },
    }),
  };
}

function cut(text: string, limit: number): string {
  if (text.length <= limit) return text;
  return limit === 0 ? '' : `${text.slice(0, limit - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/**
 * Reads a termination message back. Undefined where it is missing, cut off or not a report: whoever reads it has the
 * exit code to go by.
 */
export function decodeReport(text: string | undefined): StageReport | undefined {
  if (text === undefined || text.length > 4 * MAX_REPORT_BYTES) return undefined;
  const value = parseObject(text);
  return isReport(value) ? value : undefined;
}

function isReport(value: unknown): value is StageReport {
  if (!isObject(value)) return false;
  const { stage, outcome, reason, message, retryable, startedAt, finishedAt, memory, retryAfterSeconds } =
    value;
  return (
    STAGES.some((name) => name === stage) &&
    (outcome === 'Succeeded'
      ? reason === 'Completed' || reason === 'NoSpeech'
      : outcome === 'Failed' && isReason(reason)) &&
    typeof message === 'string' &&
    typeof retryable === 'boolean' &&
    (retryAfterSeconds === undefined || isWait(retryAfterSeconds)) &&
    isTime(startedAt) &&
    isTime(finishedAt) &&
    isObject(memory) &&
    ['peakMb', 'limitMb', 'afterMb'].every((field) => Number.isFinite(memory[field])) &&
    isOptionalFacts(value['video'], {
      title: 'string',
      durationSeconds: 'number',
      sizeBytes: 'number',
      source: 'string',
    }) &&
    isOptionalFacts(value['transcript'], {
      language: 'string',
      model: 'string',
      segments: 'number',
      words: 'number',
    }) &&
    isOptionalFacts(value['index'], { passages: 'number', model: 'string', dimensions: 'number' }) &&
    isOptionalFacts(value['purge'], { vectors: 'number', records: 'number' })
  );
}

function isWait(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

function isTime(value: unknown): boolean {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value));
}

function isOptionalFacts(value: unknown, fields: Record<string, 'string' | 'number'>): boolean {
  if (value === undefined) return true;
  return isObject(value) && Object.entries(fields).every(([field, type]) => typeof value[field] === type);
}
