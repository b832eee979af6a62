import type { HlsVariant } from './video.ts';

/** The master playlist of these renditions. Each rendition's own playlist is `<name>/index.m3u8`. */
export function masterPlaylist(variants: readonly HlsVariant[]): string {
  const lines = ['#EXTM3U', '#EXT-X-VERSION:6'];
  const audio = variants.findIndex((variant) => variant.audioFolder !== undefined);
  if (audio >= 0) {
    lines.push(
      `#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="audio",DEFAULT=YES,AUTOSELECT=YES,URI="audio${audio}/index.m3u8"`,
    );
  }
  for (const [index, variant] of variants.entries()) {
    const codecs = variant.codecs === undefined ? '' : `,CODECS="${variant.codecs}"`;
    const group = variant.audioFolder === undefined ? '' : ',AUDIO="audio"';
    lines.push(
      `#EXT-X-STREAM-INF:BANDWIDTH=${variant.bitrate},RESOLUTION=${variant.width}x${variant.height}${codecs}${group}`,
      `video${index}/index.m3u8`,
    );
  }
  return `${lines.join('\n')}\n`;
}

/** The folder behind a rendition's name in {@link masterPlaylist}. */
export function renditionFolder(variants: readonly HlsVariant[], name: string): string | undefined {
  const match = /^(video|audio)(\d+)$/.exec(name);
  const variant = variants[Number(match?.[2])];
  return match?.[1] === 'audio' ? variant?.audioFolder : variant?.folder;
}
