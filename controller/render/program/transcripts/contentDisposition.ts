import { oneLine } from '../../../../common/oneLine.ts';

/** Characters of a title that a file name takes: with its extension it stays below the 255 bytes of file systems. */
const LONGEST = 60;
/** Names that Windows keeps for devices: https://learn.microsoft.com/windows/win32/fileio/naming-a-file */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/**
 * The header that names a file after a title (RFC 6266): in ASCII for old clients, and whole in UTF-8 (RFC 8187). No
 * title leads into another folder, hides the file, or breaks the header.
 */
export function contentDisposition(
  kind: 'attachment' | 'inline',
  { title, extension }: { title: string; extension: string },
): string {
  const stem = fileStem(title);
  const name = `${stem}.${extension}`;
  // Made harmless again: in ASCII a wide quote or slash is a plain one.
  const ascii = `${fileStem(inAscii(stem))}.${extension}`;
  return `${kind}; filename="${ascii}"; filename*=UTF-8''${encodeExtended(name)}`;
}

function inAscii(stem: string): string {
  return stem
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^\x20-\x7e]/gu, '_')
    .replaceAll('%', '_');
}

function fileStem(title: string): string {
  const clean = oneLine(title.replaceAll(/[/\\:*?"<>|]/g, ' '), 1000).slice(0, LONGEST);
  // Neither a hidden file, nor one that Windows cuts the end of, nor half a character.
  const stem = clean
    .replace(/^[.\s]+/, '')
    .replace(/[\uD800-\uDBFF]$/, '')
    .replace(/[.\s]+$/, '');
  if (stem === '') return 'transcript';
  return DEVICE.test(stem) ? `_${stem}` : stem;
}

/** RFC 8187, ext-value: what encodeURIComponent leaves beyond attr-char is encoded too. */
function encodeExtended(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
