import { constants } from 'node:fs';
import { access, mkdir, statfs } from 'node:fs/promises';
import { detectMemorySource } from '../../common/memory/detect.ts';
import { MB, toMb, type MemorySource } from '../../common/memory/source.ts';
import type { Config } from '../config.ts';
import type { Check, Finding } from './finding.ts';

/** MB that a video of five minutes takes at its peak (README, "What it costs"), with something to spare. */
const COMFORTABLE_MB = 380;
/** MB on the disk of a working folder: the video, its copy while it is merged, and what is made of it. */
const COMFORTABLE_DISK_MB = 200;

export function memoryCheck(config: Config, source: MemorySource = detectMemorySource()): Check {
  return () => Promise.resolve([memoryFinding(toMb(config.memoryLimitBytes), source)]);
}

function memoryFinding(budgetMb: number, source: MemorySource): Finding {
  const containerMb = source.limitBytes === undefined ? undefined : toMb(source.limitBytes);
  const limitMb = Math.min(budgetMb, containerMb ?? budgetMb);
  const what = `Memory: ${limitMb} MB${containerMb === undefined ? '' : ` (the container has ${containerMb} MB)`}, measured by ${source.kind}`;
  if (limitMb < COMFORTABLE_MB)
    return {
      level: 'warn',
      what: `${what}: videos of five minutes may end as MemoryLimitExceeded`,
      remedy: `Set MAX_MEMORY_MB, and the container's memory, to 400 or more.`,
    };
  if (containerMb !== undefined && budgetMb > containerMb)
    return {
      level: 'warn',
      what: `${what}: less than MAX_MEMORY_MB (${budgetMb})`,
      remedy: 'Give the container as much memory as MAX_MEMORY_MB says, or lower it.',
    };
  return { level: 'ok', what };
}

export function foldersCheck({ dataDir, workDir }: Config): Check {
  return async () => [
    await folderFinding('LOOMVIDEO_DATA_DIR', dataDir),
    await folderFinding('LOOMVIDEO_WORK_DIR', workDir),
  ];
}

async function folderFinding(variable: string, folder: string): Promise<Finding> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return {
      level: 'fail',
      what: `${folder} cannot be written (${detail})`,
      remedy: `Set ${variable} to a folder that may be written.`,
    };
  }
  const { bavail, bsize } = await statfs(folder);
  const freeMb = Math.floor((bavail * bsize) / MB);
  if (freeMb < COMFORTABLE_DISK_MB)
    return {
      level: 'warn',
      what: `${folder} has ${freeMb} MB left`,
      remedy: `Free space there, or set ${variable}.`,
    };
  return { level: 'ok', what: `${variable}: ${folder}` };
}
