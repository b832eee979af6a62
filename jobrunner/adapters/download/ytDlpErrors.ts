import { oneLine } from '../../../common/oneLine.ts';
import type { Reason } from '../../contract/reasons.ts';
import { StageError } from '../../contract/stageError.ts';
import type { LoomVerdict } from './loomAnswers.ts';

interface Rule {
  readonly pattern: RegExp;
  readonly reason: Reason;
  /** What it means and what to do; without it yt-dlp's own words are passed on. */
  readonly message?: string;
}

/** yt-dlp's words (2026.10) and what they mean; the first that matches counts. */
const RULES: readonly Rule[] = [
  {
    pattern: /use the --video-password option/,
    reason: 'PasswordProtected',
    message: 'The video is protected by a password, and none was given.',
  },
  {
    pattern: /Invalid video password/,
    reason: 'PasswordProtected',
    message: 'The password given for the video is wrong.',
  },
  { pattern: /No space left on device/, reason: 'DiskFull', message: 'No space is left for the download.' },
  {
    pattern: /CERTIFICATE_VERIFY_FAILED|CertificateVerifyError/,
    reason: 'ConfigurationInvalid',
    message:
      "Loom's certificate is not trusted here. Behind a proxy that inspects traffic, set SSL_CERT_FILE to a bundle that holds its authority.",
  },
  // The guard's own words (egress/guard.ts): nobody answered there.
  { pattern: /HTTP Error 502: Cannot reach /, reason: 'DownloadFailed' },
  { pattern: /HTTP Error 429/, reason: 'RateLimited', message: 'Loom answered "too many requests" (429).' },
  { pattern: /HTTP Error 5\d\d/, reason: 'LoomUnavailable' },
  { pattern: /HTTP Error 40[13]/, reason: 'DownloadForbidden' },
  {
    pattern: /Did not get any data blocks/,
    reason: 'InvalidFile',
    message: 'The file that Loom sent is empty.',
  },
  { pattern: /Unsupported URL|is not a valid URL/, reason: 'InvalidURL' },
];

/** A failed run of yt-dlp as a StageError. `stderr` is what it said last; `verdict` what Loom had answered. */
export function ytDlpError(stderr: string, how: string, verdict: LoomVerdict): StageError {
  const words = lastError(stderr);
  const rule = RULES.find(({ pattern }) => pattern.test(words));
  if (rule) return new StageError(rule.reason, rule.message ?? words);
  if (words.includes('No video formats found')) return new StageError(...NO_FORMATS[verdict.kind]);
  return new StageError('DownloadFailed', words || oneLine(`yt-dlp ${how}`, 300));
}

/**
 * yt-dlp goes on without title and duration when Loom refuses the metadata for the moment. The warning about that as
 * a StageError; undefined for other warnings.
 */
export function metadataError(stderrLine: string): StageError | undefined {
  if (!/^WARNING: .*Failed to download GraphQL JSON: /.test(stderrLine)) return undefined;
  const words = oneLine(stderrLine.replace('WARNING: ', ''), 300);
  const rule = RULES.find(({ pattern }) => pattern.test(words));
  return new StageError(rule?.reason ?? 'DownloadFailed', rule?.message ?? words);
}

/** yt-dlp's last `ERROR:` line without its advice to report a bug, made fit to show. */
function lastError(stderr: string): string {
  const line = stderr.split(/\r?\n/).findLast((text) => text.startsWith('ERROR:')) ?? '';
  return oneLine(line.replace(/^ERROR: */, '').replace(/;? please report this issue on .*$/, ''), 300);
}

/** What it means that Loom offers no stream, by what it had answered before. */
const NO_FORMATS: Record<LoomVerdict['kind'], [Reason, string]> = {
  private: ['VideoPrivate', 'The video is private: Loom shows it only to people it is shared with.'],
  missing: ['VideoNotFound', 'Loom knows no such video: it was deleted, or the link is wrong.'],
  // Right after a recording Loom has metadata before it has a stream.
  found: ['DownloadFailed', 'Loom offers no stream of this video yet.'],
  unknown: ['DownloadFailed', 'Loom offers no stream of this video and does not say why.'],
};
