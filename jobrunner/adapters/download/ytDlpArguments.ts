import type { DownloadRequest } from '../../ports.ts';
import { FORMAT_SORT, formatSelector } from './formats.ts';

/** Begins the lines that yt-dlp prints for us: see ytDlpOutput.ts. */
export const INFO_MARK = '[loomvideo-info]';
export const FORMAT_MARK = '[loomvideo-format]';

export interface ArgumentOptions {
  readonly ffmpegPath: string;
  /** `loom` for Loom's links; `generic` for a direct link to a media file. */
  readonly extractor: 'loom' | 'generic';
  /** Formats that turned out silent. */
  readonly excluded: readonly string[];
}

/** yt-dlp's arguments for one download into the current directory. Nothing secret is among them. */
export function ytDlpArguments(request: DownloadRequest, options: ArgumentOptions): string[] {
  const { limits } = request;
  return [
    // Only what stands here decides: no configuration, plug-ins, caches or commands of whoever runs us.
    ...['--ignore-config', '--no-plugin-dirs', '--no-cache-dir', '--no-exec', '--color', 'never'],
    ...['--use-extractors', options.extractor, '--no-playlist'],
    // The signature in a playlist's link also opens what the playlist names; Loom's own extractor does so by itself.
    ...(options.extractor === 'generic' ? ['--extractor-args', 'generic:variant_query;fragment_query'] : []),
    // Trust what the system trusts (SSL_CERT_FILE), not only a list inside a Python package.
    ...['--compat-options', 'no-certifi'],
    ...['--format', formatSelector(limits.maxHeight, options.excluded), '--format-sort', FORMAT_SORT],
    ...[
      '--break-match-filters',
      `duration<=?${limits.maxSeconds}`,
      '--max-filesize',
      String(limits.maxBytes),
    ],
    // A broken transfer goes on where it broke; a segment that cannot be had is a failure, not a gap.
    ...[
      '--socket-timeout',
      '10',
      '--retries',
      '3',
      '--fragment-retries',
      '3',
      '--abort-on-unavailable-fragments',
    ],
    ...['--retry-sleep', 'http:exp=0.5:4', '--retry-sleep', 'fragment:exp=0.5:4'],
    ...['--downloader', 'native', '--concurrent-fragments', '4'],
    // Of picture and sound that come apart: WebM where both are known to fit it, MP4 in all other cases.
    ...['--ffmpeg-location', options.ffmpegPath, '--merge-output-format', 'webm/mp4'],
    ...['--output', 'video.%(ext)s', '--no-mtime', '--no-simulate', '--no-quiet', '--progress', '--newline'],
    ...['--print', `pre_process:${INFO_MARK}%(.{title,uploader,duration,chapters})j`],
    ...['--print', `before_dl:${FORMAT_MARK}%(.{format_id,acodec})j`],
    // What Loom answered tells a private video from one that does not exist; yt-dlp's message does not.
    '--write-pages',
    ...(request.wantCaptions
      ? ['--write-subs', '--sub-langs', 'en', '--sub-format', 'vtt']
      : ['--no-write-subs']),
    // What others could read in argv comes by stdin: see secretConfig.
    ...['--config-locations', '-'],
    '--',
    request.url,
  ];
}

/**
 * The configuration that yt-dlp reads from stdin: the guard that all its connections go through, whatever proxy the
 * environment names (see egress/guard.ts), and the video's password.
 */
export function secretConfig(proxyUrl: string, password: string | undefined): string {
  return `--proxy='${proxyUrl}'\n${password === undefined ? '' : passwordConfig(password)}`;
}

/** The video's password as an option in a configuration. */
export function passwordConfig(password: string): string {
  // yt-dlp splits it as a shell would: within single quotes everything stands for itself.
  return `--video-password='${password.replaceAll("'", `'"'"'`)}'\n`;
}
