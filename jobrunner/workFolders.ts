import { createHash } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { tryLock, type FileLock } from '../common/fileLock.ts';
import { factsOf } from './contract/reasons.ts';
import type { StageReport } from './contract/stageReport.ts';
import type { VideoJob } from './contract/videoJob.ts';
import { WorkFolder } from './workFolder.ts';

/** What an interrupted run left is kept this long for the next one to go on from; milliseconds. */
const KEPT_FOR_MS = 24 * 3600 * 1000;

/** Subfolder with the locks: beside the working folders, since those come and go. */
const LOCKS = '.locks';

/**
 * The working folder of a job. Its name covers whatever changes what `fetch` and `transcribe` make, so that outputs
 * are never taken over by a run they do not fit.
 */
export function workFolderOf(workDir: string, job: VideoJob): WorkFolder {
  return new WorkFolder(join(workDir, folderName(job)));
}

/** Undefined when another process works on the same job now. */
export function lockJob(workDir: string, job: VideoJob, now: Date): FileLock | undefined {
  return tryLock(join(workDir, LOCKS, folderName(job)), now);
}

function folderName({ name, owner, spec }: VideoJob): string {
  const { url, limits, transcription } = spec;
  const identity = JSON.stringify([owner.key, owner.uid, url, limits, transcription]);
  const hash = createHash('sha256').update(identity).digest('hex').slice(0, 16);
  return `${name.replace(/[^A-Za-z0-9-]/g, '-').slice(0, 60)}-${hash}`;
}

/**
 * Leaves in the folder what shall remain after this report: nothing after the last stage or a permanent failure, the
 * finished outputs otherwise. Returns whether that succeeded.
 */
export async function settleFolder(folder: WorkFolder, report: StageReport): Promise<boolean> {
  const done = report.outcome === 'Succeeded' && (report.stage === 'index' || report.stage === 'purge');
  const hopeless = report.outcome === 'Failed' && factsOf(report.reason).class === 'permanent';
  try {
    if (done || hopeless) await folder.remove();
    else if (report.outcome === 'Failed') await folder.removeUnfinished();
    return true;
  } catch {
    return false;
  }
}

/** Removes folders and locks that nobody has touched for a day, but for those in use by path. */
export async function sweepWorkDir(
  workDir: string,
  now: Date,
  isInUse: (folder: string) => boolean = () => false,
): Promise<void> {
  for (const parent of [workDir, join(workDir, LOCKS)]) {
    for (const name of await readdir(parent).catch(() => [])) {
      if (name === LOCKS) continue;
      const path = join(parent, name);
      const modified = await stat(path).then(
        ({ mtimeMs }) => mtimeMs,
        () => now.getTime(),
      );
      if (now.getTime() - modified > KEPT_FOR_MS && !isInUse(path))
        await rm(path, { recursive: true, force: true });
    }
  }
}
