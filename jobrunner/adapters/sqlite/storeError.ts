import { StageError } from '../../contract/stageError.ts';
import type { Reason } from '../../contract/reasons.ts';

/** SQLite's primary result codes that a user can do something about: https://www.sqlite.org/rescode.html */
const KNOWN: Record<number, { reason: Reason; advice: string }> = {
  3: {
    reason: 'StoreMisconfigured',
    advice: 'may not be used: check its permissions and those of its folder',
  },
  5: { reason: 'StoreUnavailable', advice: 'is held by another process: it is tried again' },
  6: { reason: 'StoreUnavailable', advice: 'is held by another process: it is tried again' },
  7: { reason: 'StoreUnavailable', advice: 'could not be used for want of memory' },
  8: {
    reason: 'StoreMisconfigured',
    advice: 'cannot be written: check its permissions and those of its folder',
  },
  10: { reason: 'StoreUnavailable', advice: 'could not be read or written: check the disk' },
  11: {
    reason: 'StoreMisconfigured',
    advice: 'is damaged: restore it from a backup, or move it away and process the videos again',
  },
  13: { reason: 'StoreUnavailable', advice: 'does not fit on its disk: free space there' },
  14: {
    reason: 'StoreMisconfigured',
    advice: 'cannot be opened: check that LOOMVIDEO_DATA_DIR is a folder that may be written',
  },
  23: { reason: 'StoreMisconfigured', advice: 'may not be used: check its permissions' },
  26: {
    reason: 'StoreMisconfigured',
    advice: 'is not a database: move it away, or set LOOMVIDEO_DATA_DIR to another folder',
  },
};

/** Errors of the file system around the file, by their code. */
const FOLDER_CODES = new Set([
  'EACCES',
  'EPERM',
  'EROFS',
  'ENOTDIR',
  'EEXIST',
  'ENOENT',
  'ELOOP',
  'ENAMETOOLONG',
]);

/** What an error of SQLite, or of making the file's folder, means to the user. A StageError is passed on. */
export function toStoreError(error: unknown, file: string): StageError {
  if (error instanceof StageError) return error;
  const detail = error instanceof Error ? error.message : String(error);
  // The low byte is the primary code, the rest tells more of the same: https://www.sqlite.org/rescode.html#pve
  const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : undefined;
  const known = code === undefined ? undefined : KNOWN[code];
  if (known) return new StageError(known.reason, `${file} ${known.advice} (${detail}).`, { cause: error });
  if (error instanceof Error && 'code' in error) {
    if (error.code === 'ENOSPC' || error.code === 'EDQUOT')
      return new StageError('StoreUnavailable', `No space for ${file}: free space on its disk (${detail}).`, {
        cause: error,
      });
    if (FOLDER_CODES.has(String(error.code)))
      return new StageError(
        'StoreMisconfigured',
        `The folder of ${file} cannot be made: set LOOMVIDEO_DATA_DIR to one that may be written (${detail}).`,
        { cause: error },
      );
  }
  return new StageError('InternalError', `Unexpected error of the store ${file}: ${detail}`, {
    cause: error,
  });
}
