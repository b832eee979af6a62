import type { Reason } from './reasons.ts';
import type { StageName } from './stageReport.ts';

/** The reason of a stage that the kernel ended for want of memory. */
export const OOM_REASON = {
  fetch: 'FetchOOMKilled',
  transcribe: 'TranscribeOOMKilled',
  index: 'IndexOOMKilled',
  purge: 'PurgeOOMKilled',
} as const satisfies Record<StageName, Reason>;
