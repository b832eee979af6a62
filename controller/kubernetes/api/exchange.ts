import { oneLine } from '../../../common/oneLine.ts';
import { ApiError } from './kubeApi.ts';
import type { CurrentLine, Line } from './currentLine.ts';
import { pause } from './pause.ts';
import { retryAfterSeconds, type RawAnswer } from './readAnswer.ts';
import { send, wordsOf, type Call } from './send.ts';

export interface ExchangeOptions {
  readonly line: CurrentLine;
  readonly userAgent: string;
  /** Takes a place in the line of requests: milliseconds until its turn; see tokenBucket. */
  readonly turn: () => number;
}

/** Repeats of a call that the apiserver asked to send again. client-go has 10, but our callers try again too. */
const MAX_REPEATS = 3;

/** A longer Retry-After is the caller's to wait out, seconds. */
const LONGEST_RETRY_AFTER_S = 10;

/** Calls that may be sent twice: a create could meet what its first try made. */
const IDEMPOTENT = new Set(['GET', 'PUT', 'PATCH', 'DELETE']);

/**
 * Sends a call and answers with the head and the unread body, whatever the status. Waits its turn; with credentials
 * that are refused (401) it reads them afresh, once; repeats what an overloaded apiserver asks to repeat. Throws as
 * `send` does.
 */
export function exchanger({ line, userAgent, turn }: ExchangeOptions): (call: Call) => Promise<RawAnswer> {
  return async (call) => {
    let refused: Line | undefined;
    for (let repeats = 0; ;) {
      const wait = turn();
      if (wait > 0) await pause(wait, call.signal);
      const current = await open(line, refused, call.signal);
      const answer = await send(call, current, userAgent);
      if (answer.status === 401 && refused === undefined) {
        refused = current;
        await discard(answer);
        continue;
      }
      const repeatAfter = repeats < MAX_REPEATS ? repeatAfterSeconds(call, answer) : undefined;
      if (repeatAfter === undefined) return answer;
      repeats++;
      await discard(answer);
      await pause(repeatAfter * 1000, call.signal);
    }
  };
}

async function open(line: CurrentLine, refused: Line | undefined, signal: AbortSignal): Promise<Line> {
  try {
    return await line.get(refused);
  } catch (error) {
    throw new ApiError({ status: 0, reason: 'NoAccess', message: oneLine(wordsOf(error)) }, error);
  } finally {
    signal.throwIfAborted();
  }
}

/**
 * Seconds after which the call is to be sent again. 429: the apiserver did not begin with it, so any call may be.
 * Only with Retry-After, as client-go has it.
 */
function repeatAfterSeconds({ method }: Call, { status, headers }: RawAnswer): number | undefined {
  const asked = retryAfterSeconds(headers);
  if (asked === undefined || asked > LONGEST_RETRY_AFTER_S) return undefined;
  return status === 429 || (status >= 500 && IDEMPOTENT.has(method)) ? asked : undefined;
}

/** Reads the rest, so that the connection can be used again; a few bytes, as these answers have. */
async function discard({ body }: RawAnswer): Promise<void> {
  let size = 0;
  try {
    for await (const chunk of body) if ((size += chunk.length) > 64 * 1024) break;
  } catch {
    // The next try tells what is wrong with the connection.
  }
}
