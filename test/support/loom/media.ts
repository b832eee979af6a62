import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { sendForbidden, sendText } from './answer.ts';
import { sendBody } from './body.ts';
import { applyFault } from './faults.ts';
import { masterPlaylist, renditionFolder } from './playlists.ts';
import type { Signer } from './signing.ts';
import type { Stream, StreamName, Video } from './video.ts';

const PLAYLIST_TYPE = 'application/vnd.apple.mpegurl';

/** What the media hosts hold of a video: files and captions on `cdn.loom.com`, playlists on `luna.loom.com`. */
export async function serveMedia(
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  findVideo: (id: string) => Video | undefined,
  signer: Signer,
): Promise<void> {
  const video = findVideo(/[\da-f]{32}/.exec(url.pathname)?.[0] ?? '');
  if (!signer.opens(url)) return sendForbidden(response);
  if (!video || (request.method !== 'GET' && request.method !== 'HEAD')) return notThere(response);

  const file = /^\/sessions\/([\w-]+)\//.exec(url.pathname)?.[1];
  if (file) return serveFile(request, response, video, video.streams.get(file as StreamName));
  const playlist = /^\/id\/\w+\/rev\/([\w-]+)\/resource\/hls\/(.+)$/.exec(url.pathname);
  if (playlist) {
    const stream = video.streams.get(playlist[1] as StreamName);
    return serveHls(request, response, video, stream, playlist[2] ?? '');
  }
  if (url.pathname.startsWith('/mediametadata/captions/') && video.captions !== undefined) {
    if (applyFault(video, 'captions', response).done) return;
    return sendText(response, 200, 'text/vtt', video.captions);
  }
  return notThere(response);
}

async function serveFile(
  request: IncomingMessage,
  response: ServerResponse,
  video: Video,
  stream: Stream | undefined,
): Promise<void> {
  if (stream?.kind !== 'file') return notThere(response);
  const { done, body } = applyFault(video, 'media', response);
  if (done) return;
  const type = `video/${stream.extension ?? 'mp4'}`;
  await sendBody(request, response, {
    source: stream.source,
    type,
    length: stream.length ?? true,
    fault: body,
  });
}

async function serveHls(
  request: IncomingMessage,
  response: ServerResponse,
  video: Video,
  stream: Stream | undefined,
  path: string,
): Promise<void> {
  if (stream?.kind !== 'hls') return notThere(response);
  if (/^playlist(-split)?\.m3u8$/.test(path)) {
    if (applyFault(video, 'playlist', response).done) return;
    return sendText(response, 200, PLAYLIST_TYPE, masterPlaylist(stream.variants));
  }
  const [name = '', file = ''] = path.split('/');
  const folder = renditionFolder(stream.variants, name);
  if (folder === undefined || !/^[\w-]+\.(m3u8|ts|m4s|mp4)$/.test(file)) return notThere(response);
  if (file.endsWith('.m3u8')) {
    if (applyFault(video, 'playlist', response).done) return;
    return sendText(response, 200, PLAYLIST_TYPE, await readFile(join(folder, file), 'utf8'));
  }
  const { done, body } = applyFault(video, 'segment', response);
  if (done) return;
  await sendBody(request, response, {
    source: join(folder, file),
    type: 'video/mp2t',
    length: true,
    fault: body,
  });
}

function notThere(response: ServerResponse): void {
  sendText(response, 404, 'text/plain', 'Not Found');
}
