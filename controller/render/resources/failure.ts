/** Why one field is refused, with its path, in the apiserver's words. */
export interface Cause {
  readonly reason: CauseReason;
  readonly message: string;
  readonly field: string;
}

export type CauseReason =
  | 'FieldValueDuplicate'
  | 'FieldValueForbidden'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueRequired'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'FieldValueTypeInvalid'
  | 'ResourceVersionTooLarge';

export interface FailureDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly causes?: readonly Cause[];
  readonly retryAfterSeconds?: number;
}

/** A refusal that the API answers with, as a `Status` object of this code and reason. */
export class ResourceFailure extends Error {
  override readonly name = 'ResourceFailure';
  /** Of HTTP. */
  readonly code: number;
  /** Kubernetes' word, such as `Conflict`. */
  readonly reason: string;
  readonly details: FailureDetails | undefined;

  constructor(code: number, reason: string, message: string, details?: FailureDetails) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.details = details;
  }
}
