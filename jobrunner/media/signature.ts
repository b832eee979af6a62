import { open } from 'node:fs/promises';

/** What the first bytes of a file say it is. */
export type Signature =
  /** A recording; `demuxer` is ffmpeg's name of the one format it will be read as. */
  | { readonly kind: 'video'; readonly format: string; readonly demuxer: string }
  | { readonly kind: 'empty' | 'webpage' | 'unknown' };

interface Magic {
  readonly format: string;
  readonly demuxer: string;
  matches(head: Buffer): boolean;
}

const MAGICS: readonly Magic[] = [
  // ISO/IEC 14496-12: a box's size, then its type; QuickTime files may begin with another box than `ftyp`.
  {
    format: 'MP4',
    demuxer: 'mov',
    matches: (head) => /^(ftyp|moov|mdat|wide|free|skip)$/.test(head.toString('latin1', 4, 8)),
  },
  // RFC 8794: the EBML header of WebM and Matroska.
  { format: 'WebM', demuxer: 'matroska', matches: (head) => head.readUInt32BE(0) === 0x1a45dfa3 },
  // ISO/IEC 13818-1: a sync byte at each packet of 188 bytes.
  { format: 'MPEG-TS', demuxer: 'mpegts', matches: (head) => head[0] === 0x47 && head[188] === 0x47 },
  { format: 'Ogg', demuxer: 'ogg', matches: (head) => head.toString('latin1', 0, 4) === 'OggS' },
  {
    format: 'AVI',
    demuxer: 'avi',
    matches: (head) => /^RIFF....AVI $/s.test(head.toString('latin1', 0, 12)),
  },
];

/** Reads a file's signature. What ffmpeg is later told to read it as follows from here, never from its name. */
export async function readSignature(path: string): Promise<Signature> {
  const head = await readHead(path, 1024);
  if (head.length === 0) return { kind: 'empty' };
  if (looksLikeWebpage(head)) return { kind: 'webpage' };
  if (head.length < 12) return { kind: 'unknown' };
  const magic = MAGICS.find((candidate) => candidate.matches(head));
  return magic ? { kind: 'video', format: magic.format, demuxer: magic.demuxer } : { kind: 'unknown' };
}

function looksLikeWebpage(head: Buffer): boolean {
  // A byte order mark is white space too.
  return /^\s*<(?:!doctype|html|head|body|\?xml|!--)/i.test(head.toString('utf8'));
}

async function readHead(path: string, bytes: number): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const buffer = Buffer.alloc(bytes);
    const { bytesRead } = await file.read(buffer, 0, bytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
