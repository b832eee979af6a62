import { StageError } from './contract/stageError.ts';

const PATH = /^\/(?:share|embed)\/(?:[A-Za-z0-9_-]+-)?([0-9a-f]{32})\/?$/;
const LONGEST = 2048;

/** One Loom video. */
export interface LoomLink {
  readonly id: string;
  /** `https://www.loom.com/share/<id>`: without slug, query or fragment, the one form that yt-dlp knows. */
  readonly url: string;
}

/**
 * Reads a share or embed link of loom.com: with or without `www.`, a slug before the id, a query (`?sid=`), a
 * trailing slash. Everything else is refused as `InvalidURL`, before anybody is asked anything.
 */
export function parseLoomUrl(text: string): LoomLink {
  const url = text.length <= LONGEST && !/[\s\p{Cc}\\]/u.test(text) ? URL.parse(text) : null;
  const id = url && isPlain(url) ? PATH.exec(url.pathname)?.[1] : undefined;
  if (id === undefined) {
    throw new StageError('InvalidURL', `Not the share or embed link of a Loom video: ${shown(text)}`);
  }
  return { id, url: `https://www.loom.com/share/${id}` };
}

/** Whether a link points to Loom's own hosts over TLS: the only ones a media link may lead to in the fallbacks. */
export function isLoomHost(text: string): boolean {
  const url = URL.parse(text);
  return url?.protocol === 'https:' && url.port === '' && /(^|\.)loom\.com$/.test(url.hostname);
}

function isPlain(url: URL): boolean {
  const host = url.hostname === 'www.loom.com' || url.hostname === 'loom.com';
  const web = url.protocol === 'https:' || url.protocol === 'http:';
  return host && web && url.port === '' && url.username === '' && url.password === '';
}

/** A refused link as it may be shown: one short line, and no credentials that stand before an `@`. */
function shown(text: string): string {
  return JSON.stringify(text.slice(0, 100).replace(/\/\/[^/@]*@/, '//'));
}
