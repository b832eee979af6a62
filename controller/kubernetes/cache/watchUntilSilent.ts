import { ApiError, type KubeApi, type KubeObject, type KubeQuery, type WatchEvent } from '../api/kubeApi.ts';

export interface WatchOptions<T> {
  readonly api: Pick<KubeApi, 'watch'>;
  readonly path: string;
  readonly query: KubeQuery;
  /** Nothing heard for so long, milliseconds: the connection is given up. */
  readonly silenceMs: number;
  readonly signal: AbortSignal;
  readonly onEvent: (event: Exclude<WatchEvent<T>, { type: 'ERROR' }>) => void;
}

/** Thrown when nothing came for `silenceMs`, not even a bookmark. */
export class SilentWatch extends Error {
  override readonly name = 'SilentWatch';
}

/**
 * One watch, from its beginning until the apiserver ends it. Throws SilentWatch, and ApiError for all else that
 * breaks it, ERROR events included.
 */
export async function watchUntilSilent<T extends KubeObject>(options: WatchOptions<T>): Promise<void> {
  const { api, path, query, silenceMs, onEvent } = options;
  const silence = new AbortController();
  const timer = setTimeout(() => {
    silence.abort(new SilentWatch(`nothing heard for ${silenceMs / 1000} s`));
  }, silenceMs);
  try {
    const signal = AbortSignal.any([options.signal, silence.signal]);
    for await (const event of api.watch<T>(path, query, signal)) {
      timer.refresh();
      if (event.type === 'ERROR') throw errorOf(event.object);
      onEvent(event);
    }
  } finally {
    clearTimeout(timer);
  }
}

function errorOf({ code, reason, message, details }: (WatchEvent<KubeObject> & { type: 'ERROR' })['object']) {
  const retryAfterSeconds = details?.retryAfterSeconds;
  return new ApiError({
    status: code ?? 500,
    reason: reason ?? 'Unknown',
    message: message ?? 'the watch broke',
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  });
}
