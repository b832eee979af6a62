import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '..', '..');

/** What costs minutes to make and is kept between runs: binaries, Docker's layers. Safe to delete when nothing runs. */
export const CACHE = join(ROOT, '.cache', 'cluster');
