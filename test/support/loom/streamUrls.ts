import type { Signer } from './signing.ts';
import type { StreamName, Video } from './video.ts';

/**
 * The signed link to one of a video's streams, on the hosts and paths that Loom uses: files on `cdn.loom.com`,
 * playlists on `luna.loom.com`. Undefined where the video has no such stream.
 */
export function streamUrl(video: Video, name: StreamName, signer: Signer): string | undefined {
  const stream = video.streams.get(name);
  if (!stream) return undefined;
  if (stream.kind === 'file') {
    const path = `/sessions/${name}/${video.id}.${stream.extension ?? 'mp4'}`;
    return signer.sign(`https://cdn.loom.com${path}`, path);
  }
  const folder = `/id/${video.id}/rev/${name}/resource/hls/`;
  const split = stream.variants.some((variant) => variant.audioFolder !== undefined);
  return signer.sign(`https://luna.loom.com${folder}playlist${split ? '-split' : ''}.m3u8`, folder);
}

/** The signed link to a video's captions. */
export function captionsUrl(video: Video, signer: Signer): string {
  const path = `/mediametadata/captions/${video.id}-4.vtt`;
  return signer.sign(`https://cdn.loom.com${path}`, path);
}
