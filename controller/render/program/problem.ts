import { STATUS_CODES } from 'node:http';
import type { FastifyReply } from 'fastify';
import { StageError } from '../../../jobrunner/contract/stageError.ts';
import { ResourceFailure } from '../resources/failure.ts';

/** RFC 9457, `application/problem+json`. */
export interface Problem {
  readonly title: string;
  readonly status: number;
  /** For people: what happened and what to do. */
  readonly detail: string;
  /** One word for programs. */
  readonly reason: string;
  /** Which part of the request is at fault: `body.links`, `query.limit`. */
  readonly field?: string;
}

/** What the API answers with instead of a result. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly status: number;
  readonly reason: string;
  readonly field: string | undefined;
  /** Seconds, for `Retry-After`. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    status: number,
    reason: string,
    detail: string,
    { field, retryAfterSeconds }: { field?: string; retryAfterSeconds?: number } = {},
  ) {
    super(detail);
    this.status = status;
    this.reason = reason;
    this.field = field;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export function problemOf({ status, reason, message, field }: ProblemError): Problem {
  return {
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail: message,
    reason,
    ...(field !== undefined && { field }),
  };
}

export function sendProblem(reply: FastifyReply, error: ProblemError): FastifyReply {
  if (error.retryAfterSeconds !== undefined)
    void reply.header('retry-after', String(Math.ceil(error.retryAfterSeconds)));
  // Of bytes, past the schemas of answers: there is one form of these for all routes.
  return reply
    .code(error.status)
    .header('cache-control', 'no-store')
    .type('application/problem+json')
    .serializer(JSON.stringify)
    .send(problemOf(error));
}

/** Any error as a problem; what broke inside is for the log, and the answer says no more than that. */
export function toProblem(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  if (error instanceof ResourceFailure)
    return new ProblemError(
      error.code,
      error.reason,
      error.message,
      retryAfter(error.details?.retryAfterSeconds),
    );
  if (error instanceof StageError) return ofStage(error);
  if (error instanceof Error) return ofServer(error);
  return internal();
}

function ofStage(error: StageError): ProblemError {
  const { reason, message, retryable } = error;
  // Only a bug ends in this one, and its words may be about anything.
  if (reason === 'InternalError') return internal();
  // What somebody has to set right first, or what passes: either way not the fault of who asks.
  return new ProblemError(
    503,
    reason,
    message,
    retryAfter(error.retryAfterSeconds ?? (retryable ? 1 : undefined)),
  );
}

interface FastifyFault extends Error {
  readonly statusCode?: unknown;
  readonly code?: unknown;
  readonly validation?: readonly Fault[];
  readonly validationContext?: string;
}

interface Fault {
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message?: string;
}

/** Of Fastify: what it refuses before a handler is asked. */
function ofServer(error: FastifyFault): ProblemError {
  const [fault] = error.validation ?? [];
  if (fault) return ofFault(fault, error.validationContext ?? 'body');
  const status = Number(error.statusCode);
  if (status === 413)
    return new ProblemError(413, 'BodyTooLarge', 'The body is larger than this request may have.');
  if (status === 415) return unsupportedMediaType();
  if (status >= 400 && status < 500)
    return new ProblemError(status, 'BadRequest', 'The request cannot be read: its body has to be JSON.');
  return internal();
}

function ofFault({ instancePath, keyword, params, message }: Fault, context: string): ProblemError {
  const part = context === 'querystring' ? 'query' : context;
  const missing = params['missingProperty'] ?? params['additionalProperty'];
  const field = [
    part,
    ...instancePath.split('/').slice(1),
    ...(typeof missing === 'string' ? [missing] : []),
  ].join('.');
  const what =
    keyword === 'required'
      ? 'is missing'
      : keyword === 'additionalProperties'
        ? 'is not known'
        : keyword === 'enum'
          ? `must be one of ${String(params['allowedValues'])}`
          : (message ?? 'is not valid');
  // The name of an unknown field is the caller's, of any length.
  const shown = field.slice(0, 200);
  return new ProblemError(400, 'Invalid', `${shown} ${what}.`, { field: shown });
}

export function unsupportedMediaType(): ProblemError {
  return new ProblemError(
    415,
    'UnsupportedMediaType',
    'The body has to be JSON, not compressed: content-type: application/json.',
  );
}

function internal(): ProblemError {
  return new ProblemError(500, 'InternalError', 'Something broke inside: see the log of the server.');
}

function retryAfter(seconds: number | undefined): { retryAfterSeconds?: number } {
  return seconds === undefined ? {} : { retryAfterSeconds: seconds };
}
