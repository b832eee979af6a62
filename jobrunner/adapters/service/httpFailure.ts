import type { JsonObject } from '../../../common/json.ts';

/**
 * Why a request to a service brought nothing to work with: an answer of another status than 2xx; none in time; none at
 * all (refused, cut, unknown host); one that is too large; one that is not JSON (a proxy's page, for one).
 */
export type HttpFailureKind = 'status' | 'timeout' | 'network' | 'too-large' | 'malformed';

export interface HttpFailureFacts {
  readonly kind: HttpFailureKind;
  /** HTTP status; 0 where there was no answer. */
  readonly status: number;
  /** Seconds the service asked us to wait. */
  readonly retryAfterSeconds: number | undefined;
  /** What the service answered, where it is a JSON object. */
  readonly body: JsonObject | undefined;
  /** One line for people: the status or what broke, and the service's own words, without secrets. */
  readonly detail: string;
}

/** Thrown by serviceFetch, and turned into a StageError by callService. */
export class HttpFailure extends Error implements HttpFailureFacts {
  override readonly name = 'HttpFailure';
  readonly kind: HttpFailureKind;
  readonly status: number;
  readonly retryAfterSeconds: number | undefined;
  readonly body: JsonObject | undefined;
  readonly detail: string;

  constructor({ kind, status, retryAfterSeconds, body, detail }: HttpFailureFacts, cause?: unknown) {
    super(detail, cause === undefined ? undefined : { cause });
    this.kind = kind;
    this.status = status;
    this.retryAfterSeconds = retryAfterSeconds;
    this.body = body;
    this.detail = detail;
  }

  /** Whether time alone may heal it: no answer, a broken one, too many requests, the service's own trouble. */
  get passing(): boolean {
    return this.kind === 'status'
      ? this.status === 408 || this.status === 429 || this.status >= 500
      : this.kind !== 'too-large';
  }
}
