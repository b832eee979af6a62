import { open } from 'node:fs/promises';

/** Bytes of one file, some 800 small manifests: it is parsed at one go, and others wait for so long. */
const MAX_BYTES = 128 * 1024;

/** The text of a file. Rejects with what is wrong in words for users. */
export async function readManifest(path: string): Promise<string> {
  await using file = await open(path, 'r');
  const { size } = await file.stat();
  if (size > MAX_BYTES) throw new Error(`It has ${size} bytes; at most ${MAX_BYTES} are read.`);
  const bytes = Buffer.alloc(size + 1);
  let length = 0;
  for (let read = -1; read !== 0; length += read)
    ({ bytesRead: read } = await file.read(bytes, length, bytes.length - length, length));
  if (length > size) throw new Error('It is being written.');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, length));
  } catch (error) {
    throw new Error('It is no text in UTF-8.', { cause: error });
  }
}
