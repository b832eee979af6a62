import { join, relative } from 'node:path';

/** What `loomvideo_schema_version()` answers in a project that has migrations/0001_loomvideo.sql of this version. */
export const SCHEMA_VERSION = 1;

/** What the jobrunner calls of it: one call is one transaction. */
export type SupabaseFunction =
  | 'loomvideo_save_video'
  | 'loomvideo_find_video'
  | 'loomvideo_purge_video'
  | 'loomvideo_search_passages'
  | 'loomvideo_find_passages'
  | 'loomvideo_status';

const root = join(import.meta.dirname, '../../..');
const migration = (name: string): string => relative(root, join(import.meta.dirname, 'migrations', name));

/** The migrations' paths from the repository's root, for messages. */
export const MIGRATION = {
  tables: migration('0001_loomvideo.sql'),
  anon: migration('0002_loomvideo_anon.sql'),
} as const;
