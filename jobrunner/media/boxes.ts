import { open, type FileHandle } from 'node:fs/promises';

/** No recording has more top-level boxes than this many (a fragmented one has two per second or so). */
const MOST_BOXES = 20_000;

/**
 * Whether the top-level boxes of an MP4 (ISO/IEC 14496-12) fill it exactly to its end: false when the last box
 * claims more bytes than the file has, as in a download that was cut off. A few stray bytes at the end are borne.
 */
export async function boxesAreWhole(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    let offset = 0;
    for (let count = 0; offset + 8 <= size; count++) {
      const length = await boxLength(file, offset, size);
      if (length < 8 || count > MOST_BOXES) return false;
      offset += length;
    }
    return offset <= size;
  } finally {
    await file.close();
  }
}

async function boxLength(file: FileHandle, offset: number, size: number): Promise<number> {
  const head = Buffer.alloc(16);
  const { bytesRead } = await file.read(head, 0, 16, offset);
  const short = head.readUInt32BE(0);
  // 0: up to the end of the file; 1: the length follows as 64 bits.
  if (short === 0) return size - offset;
  if (short === 1 && bytesRead === 16) return Number(head.readBigUInt64BE(8));
  return short;
}
