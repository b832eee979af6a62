import { StageError } from '../../contract/stageError.ts';
import { isLoomHost, type LoomLink } from '../../loomUrl.ts';
import type { VideoInfo } from '../../ports.ts';
import type { HttpsClient } from './httpsRequest.ts';
import { isObject, parseObject } from '../../../common/json.ts';

const SITE = 'https://www.loom.com';

/** What each request needs: the password where there is one, the key where one is configured. */
export interface LoomAccess {
  readonly client: HttpsClient;
  readonly apiKey: string | undefined;
  readonly password: string | undefined;
  readonly signal: AbortSignal;
}

/** The media links that the share page's own endpoints give: the original first, then the transcoded file. */
export async function sessionMediaUrl(link: LoomLink, access: LoomAccess): Promise<string> {
  for (const endpoint of ['raw-url', 'transcoded-url']) {
    const url = `${SITE}/api/campaigns/sessions/${link.id}/${endpoint}`;
    const json = { anonID: null, deviceID: null, force_original: false, password: access.password ?? null };
    // No such stream: Loom answers 204 without a body.
    const text = await ask(access, url, json).catch(ignoreMissing);
    const media = parseObject(text)?.['url'];
    if (typeof media === 'string' && media !== '') return loomMedia(media);
  }
  throw new StageError('DownloadFailed', "Loom's API gives no media link for this video.");
}

/** The signed link on Loom's CDN that the player is given. */
export async function cdnMediaUrl(link: LoomLink, access: LoomAccess): Promise<string> {
  const query =
    'query GetVideoSource($videoId: ID!, $password: String, $acceptableMimes: [CloudfrontVideoAcceptableMime]) {' +
    ' getVideo(id: $videoId, password: $password) { ... on RegularUserVideo {' +
    ' nullableRawCdnUrl(acceptableMimes: $acceptableMimes, password: $password) { url } } } }';
  const text = await ask(access, `${SITE}/graphql`, {
    operationName: 'GetVideoSource',
    variables: {
      videoId: link.id,
      password: access.password ?? null,
      acceptableMimes: ['M3U8', 'MP4', 'WEBM'],
    },
    query,
  });
  const media = at(parseObject(text), 'data', 'getVideo', 'nullableRawCdnUrl', 'url');
  if (typeof media === 'string' && media !== '') return loomMedia(media);
  throw new StageError('DownloadFailed', "Loom's player is given no CDN link for this video.");
}

/** The media link in the share page's Open Graph tags. */
export async function openGraphMediaUrl(link: LoomLink, access: LoomAccess): Promise<string> {
  const page = await access.client.ask({ url: link.url, signal: access.signal });
  // Tag by tag: one pattern for all of it would read a page of unfinished tags again from each of them.
  const tags = page.match(/<meta\s[^<>]*>/gi) ?? [];
  const tag = tags.find((one) => /property="og:video(?::secure_url|:url)?"/i.test(one)) ?? '';
  const media = unescapeHtml(/\scontent="([^"]*)"/i.exec(tag)?.[1] ?? '');
  if (media !== '') return loomMedia(media);
  throw new StageError('DownloadFailed', 'The share page names no media file.');
}

/** Title and duration from Loom's oEmbed answer: what the media links do not tell. */
export async function describe(link: LoomLink, access: LoomAccess): Promise<VideoInfo> {
  const url = `${SITE}/v1/oembed?url=${encodeURIComponent(link.url)}`;
  const text = await access.client.ask({ url, signal: access.signal }).catch(() => '');
  const { title, duration, author_name: author } = parseObject(text) ?? {};
  return {
    title: typeof title === 'string' ? title : '',
    ...(typeof author === 'string' && author !== '' && { uploader: author }),
    ...(typeof duration === 'number' &&
      duration >= 0 &&
      Number.isFinite(duration) && { durationSeconds: duration }),
    chapters: [],
  };
}

function ask({ client, apiKey, signal }: LoomAccess, url: string, json: unknown): Promise<string> {
  return client.ask({ url, json, signal, ...(apiKey !== undefined && { bearer: apiKey }) });
}

function ignoreMissing(error: unknown): string {
  if (error instanceof StageError && error.reason === 'DownloadFailed') return '';
  throw error;
}

/** Whoever wrote the answer, the download goes to Loom's hosts only. */
function loomMedia(url: string): string {
  if (isLoomHost(url)) return url;
  throw new StageError('DownloadFailed', 'The media link leads away from Loom; it is not followed.');
}

function at(value: unknown, ...path: readonly string[]): unknown {
  let found = value;
  for (const name of path) found = isObject(found) ? found[name] : undefined;
  return found;
}

function unescapeHtml(text: string): string {
  return text
    .replace(/&#(\d{1,6});/g, (_, code: string) => String.fromCodePoint(Math.min(Number(code), 0x10ffff)))
    .replaceAll('&quot;', '"')
    .replaceAll('&#x27;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}
