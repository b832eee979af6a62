import type { Clock } from '../../../common/clock.ts';
import { oneLine } from '../../../common/oneLine.ts';
import { abortError, StageError, throwIfAborted } from '../../contract/stageError.ts';
import type { HttpFailure } from './httpFailure.ts';
import { serviceFetch } from './serviceFetch.ts';

/** What compose hands to the adapter of any service. */
export interface ServiceSettings {
  /** Milliseconds for one request and its whole answer. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** Blanks our keys in a service's words. */
  readonly redact: (text: string) => string;
}

/** What is the same for all calls of one service. */
export interface ServiceOptions extends ServiceSettings {
  /** As people know it, for messages: `OpenAI`. */
  readonly name: string;
  /** Bytes of the longest answer taken. */
  readonly maxBytes: number;
  /** What a failed request means to the user. */
  readonly translate: (failure: HttpFailure) => StageError;
}

/**
 * One call of a service through its client library: `work` makes the client on the `fetch` it is handed, so that the
 * call has the signal, the time limit and the bounds of all. Throws StageError only: the translated failure of the last
 * request, the abort's reason, or what `work` itself threw as such.
 */
export async function callService<T>(
  service: ServiceOptions,
  signal: AbortSignal,
  work: (fetch: typeof globalThis.fetch) => Promise<T>,
): Promise<T> {
  throwIfAborted(signal);
  const seen: { failure?: HttpFailure } = {};
  const fetch = serviceFetch({ ...service, signal, onFailure: (failure) => (seen.failure = failure) });
  try {
    return await work(fetch);
  } catch (error) {
    if (signal.aborted) throw abortError(signal);
    if (error instanceof StageError) throw error;
    if (seen.failure) throw service.translate(seen.failure);
    const words = oneLine(service.redact(String(error)), 300);
    throw new StageError('InternalError', `Unexpected in a call of ${service.name}: ${words}`, {
      cause: error,
    });
  }
}
