import type { FastifyReply } from 'fastify';
import { stringify } from 'yaml';
import { StageError } from '../../../jobrunner/contract/stageError.ts';
import { ResourceFailure } from '../resources/failure.ts';
import type { Format } from './accept.ts';

/** All warnings of an answer together, in characters: what clients and proxies take in headers, as kube-apiserver. */
const MAX_WARNINGS = 4096;

/** What others can see is not to be kept by proxies, as kube-apiserver says. */
const CACHE = 'no-cache, private';

export function answer(
  reply: FastifyReply,
  { encoding }: Pick<Format, 'encoding'>,
  value: object,
  code = 200,
): FastifyReply {
  void reply.code(code);
  if (encoding === 'json') return answerJson(reply, JSON.stringify(value));
  return reply.header('cache-control', CACHE).type('application/yaml').send(stringify(value));
}

/** `text` is JSON already. */
export function answerJson(reply: FastifyReply, text: string): FastifyReply {
  return reply.header('cache-control', CACHE).type('application/json').send(text);
}

/** Each shown by kubectl as `Warning: …`. */
export function warn(reply: FastifyReply, warnings: readonly string[]): void {
  let length = 0;
  for (const warning of new Set(warnings)) {
    // A header takes printable ASCII alone.
    const text = warning.replaceAll(/[^\x20-\x7e]+/g, ' ').replaceAll(/["\\]/g, String.raw`\$&`);
    length += text.length;
    if (length > MAX_WARNINGS) return;
    void reply.header('warning', [...headersOf(reply), `299 - "${text}"`]);
  }
}

function headersOf(reply: FastifyReply): string[] {
  const present = reply.getHeader('warning');
  return Array.isArray(present) ? present : [];
}

/** Any error as the `Status` object that Kubernetes' clients understand. */
export function statusOf(error: unknown): { readonly code: number; readonly status: object } {
  const failure = toFailure(error);
  const { code, reason, message, details } = failure;
  return {
    code,
    status: {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      reason,
      ...(details && { details }),
      code,
    },
  };
}

function toFailure(error: unknown): ResourceFailure {
  if (error instanceof ResourceFailure) return error;
  if (error instanceof StageError && error.reason === 'StoreUnavailable')
    return new ResourceFailure(503, 'ServiceUnavailable', error.message, { retryAfterSeconds: 1 });
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  const message = error instanceof Error ? error.message : String(error);
  if (status === 413)
    return new ResourceFailure(413, 'RequestEntityTooLarge', `Request entity too large: ${message}`);
  if (status >= 400 && status < 500) return new ResourceFailure(status, 'BadRequest', message);
  // What broke inside is for the log.
  return new ResourceFailure(500, 'InternalError', 'Internal error occurred: see the log of the server');
}
