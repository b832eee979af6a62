/**
 * UTF-8 bytes of the longest text sent. The models take 8,192 tokens (openapi.yaml 2.3.0, CreateEmbeddingRequest), and
 * a token of theirs is at least one byte: their encoding is a lossless byte pair encoding (tiktoken's README, cl100k_base).
 */
const MAX_TEXT_BYTES = 8_000;
/** Tokens, and so bytes, of one request's texts together (openapi.yaml 2.3.0, CreateEmbeddingRequest). */
const MAX_REQUEST_BYTES = 300_000;
/** Texts of one request (the same document). */
const MAX_REQUEST_TEXTS = 2048;
/** Stands for a text that says nothing: an empty one is refused, and for a blank one reports differ. */
const NOTHING = '.';

const encoder = new TextEncoder();

/** The texts as the service takes them, in their order: one request nearly always, several where they are too much. */
export function toRequests(texts: readonly string[]): string[][] {
  const requests: string[][] = [];
  let room = 0;
  for (const text of texts.map(toInput)) {
    const last = requests.at(-1);
    room -= Buffer.byteLength(text);
    if (last && room >= 0 && last.length < MAX_REQUEST_TEXTS) last.push(text);
    else {
      requests.push([text]);
      room = MAX_REQUEST_BYTES - Buffer.byteLength(text);
    }
  }
  return requests;
}

/** Well-formed, not blank, and cut at a character's border where it is too long. */
function toInput(text: string): string {
  // A zero character ends a text for some servers, which leaves nothing of it.
  const clean = text.toWellFormed().replaceAll('\u0000', ' ');
  const { read } = encoder.encodeInto(clean, new Uint8Array(MAX_TEXT_BYTES));
  const cut = clean.slice(0, read);
  return cut.trim() === '' ? NOTHING : cut;
}
