/**
 * yt-dlp's format selection for a bounded height. The seed's `worst[height<=480]` comes first, MP4 before others;
 * then what keeps to the height in other ways: separate picture and sound, or a height that is not stated; only then
 * the lowest above it. A silent stream comes last of all: every alternative before it asks for sound.
 *
 * `excluded` are formats that turned out silent although nothing said so.
 */
export function formatSelector(maxHeight: number, excluded: readonly string[] = []): string {
  const without = excluded.map((id) => `[format_id!=${id}]`).join('');
  const low = `[height<=${maxHeight}]`;
  const lowOrUnstated = `[height<=?${maxHeight}]`;
  return [
    `worst${low}[ext=mp4]${without}`,
    `worst${low}${without}`,
    `worstvideo*${low}${without}+worstaudio${without}`,
    `worst${lowOrUnstated}${without}`,
    `worstvideo*${lowOrUnstated}${without}+worstaudio${without}`,
    `worst${without}`,
    `worstvideo*${without}+worstaudio${without}`,
    `worstvideo*${without}`,
    `worstaudio${without}`,
  ].join('/');
}

/** Sorting by picture first: then "worst" is the lowest picture, not the lowest of Loom's quality marks. */
export const FORMAT_SORT = 'res';

/** Whether a format's name can stand in a selector as it is; names come from manifests. */
export function isPlainFormatId(id: string): boolean {
  return /^[\w.-]+$/.test(id);
}
