import type { ServerResponse } from 'node:http';
import { sendJson, sendText } from './answer.ts';
import { denial } from './graphql.ts';
import type { Signer } from './signing.ts';
import { streamUrl } from './streamUrls.ts';
import type { Video } from './video.ts';

/** The sign-in page that Loom (and any proxy with a login) may answer instead of a media file. */
export const SIGN_IN_PAGE =
  '<!DOCTYPE html><html lang="en"><head><title>Log in | Loom</title></head>' +
  '<body><form action="/login" method="post"><input name="email"></form></body></html>';

/** The share page: a title and Open Graph tags, of which one may point to the media. */
export function sharePage(response: ServerResponse, video: Video | undefined, signer: Signer): void {
  if (!video || video.access === 'deleted') {
    return sendText(response, 404, 'text/html', '<!DOCTYPE html><title>404 | Loom</title>');
  }
  if (denial(video, undefined)) return sendText(response, 200, 'text/html', SIGN_IN_PAGE);
  const media = streamUrl(video, 'open-graph', signer);
  const tags = [
    tag('og:site_name', 'Loom'),
    tag('og:title', video.name),
    tag('og:type', 'video.other'),
    tag('og:url', video.shareUrl),
    ...(media
      ? [tag('og:video', media), tag('og:video:secure_url', media), tag('og:video:type', 'video/mp4')]
      : []),
  ];
  const page = `<!DOCTYPE html><html><head><title>${escape(video.name)} | Loom</title>${tags.join('')}</head><body></body></html>`;
  sendText(response, 200, 'text/html; charset=utf-8', page);
}

/** https://oembed.com as Loom answers it. */
export function oembed(response: ServerResponse, video: Video | undefined): void {
  if (!video || video.access !== 'public') return sendJson(response, 404, { error: 'Not found' });
  sendJson(response, 200, {
    type: 'video',
    version: '1.0',
    html: `<iframe src="https://www.loom.com/embed/${video.id}" frameborder="0" allowfullscreen></iframe>`,
    height: video.height,
    width: video.width,
    provider_name: 'Loom',
    provider_url: 'https://www.loom.com',
    thumbnail_height: video.height,
    thumbnail_width: video.width,
    thumbnail_url: `https://cdn.loom.com/sessions/thumbnails/${video.id}-00001.gif`,
    duration: video.duration,
    title: video.name,
    description: video.description,
  });
}

function tag(property: string, content: string): string {
  return `<meta property="${property}" content="${escape(content)}"/>`;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
