/** What was sent cannot be read as a LoomVideo; the message says where, in the apiserver's words. */
export class DecodingError extends Error {
  override readonly name = 'DecodingError';
}
