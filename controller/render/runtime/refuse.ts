import type { FastifyReply, FastifyRequest } from 'fastify';
import { answer, statusOf } from '../api/answer.ts';
import { pathOf } from '../api/url.ts';
import { ProblemError, sendProblem, toProblem } from '../program/problem.ts';
import { ResourceFailure } from '../resources/failure.ts';

export interface Refusal {
  /** Of HTTP. */
  readonly code: number;
  /** One word for programs, such as `Unauthorized`. */
  readonly reason: string;
  readonly message: string;
  readonly retryAfterSeconds?: number;
}

export const NOT_FOUND: Refusal = {
  code: 404,
  reason: 'NotFound',
  message: 'the server could not find the requested resource',
};

export function UNAUTHORIZED(message = 'Unauthorized'): Refusal {
  return { code: 401, reason: 'Unauthorized', message };
}

export function TOO_MANY(retryAfterSeconds: number): Refusal {
  const message = `Too many wrong tokens: try again in ${retryAfterSeconds} s.`;
  return { code: 429, reason: 'TooManyRequests', message, retryAfterSeconds };
}

/** Where clients of Kubernetes ask, who understand a `Status` and nothing else. */
const KUBERNETES = /^\/(api(\/v1(\/.*)?)?|apis(\/.*)?|openapi(\/.*)?|version)$/;

/** Answers in the shape that whoever asks at this path understands: a `Status`, or RFC 9457's problem details. */
export function refuse(request: FastifyRequest, reply: FastifyReply, refusal: Refusal): FastifyReply {
  const { code, reason, message, retryAfterSeconds } = refusal;
  if (code === 401) void reply.header('www-authenticate', 'Bearer');
  if (retryAfterSeconds !== undefined) void reply.header('retry-after', String(retryAfterSeconds));
  if (KUBERNETES.test(pathOf(request))) {
    const details = retryAfterSeconds === undefined ? undefined : { retryAfterSeconds };
    const { status } = statusOf(new ResourceFailure(code, reason, message, details));
    return answer(reply, { encoding: 'json' }, status, code);
  }
  return sendProblem(reply, new ProblemError(code, reason, message));
}

/** What is told of an error; what broke inside is for the log. */
export function refusalOf(error: unknown): Refusal {
  const { status, reason, message, retryAfterSeconds } = toProblem(error);
  return { code: status, reason, message, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) };
}

/** What Fastify cannot make a request of. */
export function refusalOfUrl({ statusCode }: { readonly statusCode?: number }): Refusal {
  return statusCode === 414
    ? { code: 414, reason: 'URITooLong', message: 'The path of the request has too long a part.' }
    : { code: 400, reason: 'BadRequest', message: 'The path of the request is not a valid URL.' };
}
