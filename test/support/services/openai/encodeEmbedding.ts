/** As `encoding_format` asks: numbers, or base64 of little-endian float32. */
export function encodeEmbedding(
  values: readonly number[],
  format: 'float' | 'base64',
): string | readonly number[] {
  if (format === 'float') return values;
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => bytes.writeFloatLE(value, index * 4));
  return bytes.toString('base64');
}

/** The numbers of an embedding in either format. */
export function decodeEmbedding(embedding: string | readonly number[]): number[] {
  if (typeof embedding !== 'string') return [...embedding];
  const bytes = Buffer.from(embedding, 'base64');
  return Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4));
}
