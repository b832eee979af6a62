import { StageError } from '../contract/stageError.ts';
import { parseLoomUrl } from '../loomUrl.ts';
import type { VideoDownloader } from '../ports.ts';

/** What is to be downloaded, and the ways to do it in their order. */
export interface VideoSource {
  /** In its one form: see parseLoomUrl. */
  readonly url: string;
  readonly downloaders: readonly VideoDownloader[];
}

/** The ways that there are; production has neither `direct` nor `file`. */
export interface SourceWays {
  readonly loom: readonly VideoDownloader[];
  readonly direct: VideoDownloader | undefined;
  readonly file: VideoDownloader | undefined;
}

/**
 * Decides by the link alone which ways may be tried. A Loom link is put into its one form; a local file or another
 * web address is taken only where there is a way for it. Throws `InvalidURL`; nobody is asked anything.
 */
export function resolveSource(text: string, ways: SourceWays): VideoSource {
  const url = URL.parse(text);
  const other = otherWay(url, ways);
  if (url && other) return { url: url.href, downloaders: [other] };
  return { url: parseLoomUrl(text).url, downloaders: ways.loom };
}

function otherWay(url: URL | null, { direct, file }: SourceWays): VideoDownloader | undefined {
  if (url?.protocol === 'file:') return file;
  const web = url?.protocol === 'https:' || url?.protocol === 'http:';
  if (!web || /^(www\.)?loom\.com\.?$/.test(url.hostname)) return undefined;
  if (url.username !== '' || url.password !== '') {
    throw new StageError('InvalidURL', 'Give the link without a user name and password in it.');
  }
  return direct;
}
