import { isObject, parseObject, type JsonObject } from '../../../common/json.ts';
import { ApiError } from './kubeApi.ts';

/**
 * The lines of a stream, none longer than `maxLength` characters. Throws ApiError for a longer one, and for a stream
 * that ends within a line.
 */
async function* linesOf(
  chunks: AsyncIterable<Uint8Array>,
  request: string,
  maxLength: number,
): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let pieces: string[] = [];
  let length = 0;
  const take = (piece: string): void => {
    length += piece.length;
    if (length > maxLength)
      throw new ApiError({
        status: 0,
        reason: 'AnswerTooLarge',
        message: `${request}: an event of more than ${maxLength} characters`,
      });
    pieces.push(piece);
  };
  for await (const chunk of chunks) {
    const parts = decoder.decode(chunk, { stream: true }).split('\n');
    const last = parts.pop() ?? '';
    for (const part of parts) {
      take(part);
      const line = pieces.join('');
      pieces = [];
      length = 0;
      if (line !== '') yield line;
    }
    if (last !== '') take(last);
  }
  if (length > 0) throw malformed(request, 'the stream ended within an event');
}

const TYPES = new Set(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR']);

/** The events of a watch's stream, each with a known type and an object. Throws ApiError for anything else. */
export async function* watchEvents(
  chunks: AsyncIterable<Uint8Array>,
  request: string,
  maxLength: number,
): AsyncGenerator<{ readonly type: string; readonly object: JsonObject }> {
  for await (const line of linesOf(chunks, request, maxLength)) {
    const event = parseObject(line);
    const type = event?.['type'];
    const object = event?.['object'];
    if (typeof type !== 'string' || !TYPES.has(type) || !isObject(object) || !hasIdentity(type, object))
      throw malformed(request, 'a line that is no event');
    yield { type, object };
  }
}

/** What every event but ERROR must tell: of what, and as of when. */
function hasIdentity(type: string, { metadata }: JsonObject): boolean {
  if (type === 'ERROR') return true;
  if (!isObject(metadata) || typeof metadata['resourceVersion'] !== 'string') return false;
  return type === 'BOOKMARK' || typeof metadata['name'] === 'string';
}

function malformed(request: string, what: string): ApiError {
  return new ApiError({ status: 0, reason: 'MalformedAnswer', message: `${request}: ${what}` });
}
