/**
 * Gathers chunks of any size into pieces of `size` bytes, the last one shorter. One piece is in memory at a time, and
 * nothing is read ahead of who takes them.
 */
export async function* pieces(chunks: AsyncIterable<Buffer>, size: number): AsyncGenerator<Buffer> {
  let gathered: Buffer[] = [];
  let length = 0;
  for await (let chunk of chunks) {
    while (length + chunk.length >= size) {
      const rest = size - length;
      yield Buffer.concat([...gathered, chunk.subarray(0, rest)]);
      chunk = chunk.subarray(rest);
      gathered = [];
      length = 0;
    }
    if (chunk.length > 0) {
      gathered.push(chunk);
      length += chunk.length;
    }
  }
  if (length > 0) yield Buffer.concat(gathered);
}
