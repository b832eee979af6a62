import type { Fault } from '../standIn.ts';
import { controlError, dataError, NAMESPACE_MISSING, RPC } from './answers.ts';

/** What the gateway before the service answers: plain text (`RpcStatus`, API version 2026-07). */
function gateway(status: number, text: string, headers: Record<string, string> = {}): Fault {
  return { status, rawBody: text, headers: { 'content-type': 'text/plain', ...headers } };
}

const withRetryAfter = (seconds: number | undefined): Record<string, string> =>
  seconds === undefined ? {} : { 'retry-after': String(seconds) };

/** Pinecone's published ways to fail, each as the data plane does it; times: once, unless told. */
export const FAULTS = {
  /** https://docs.pinecone.io/reference/api/database-limits/rate-limits */
  rateLimited: (seconds?: number): Fault =>
    gateway(
      429,
      "Request failed. You've reached the query QPS limit for namespace example (100 QPS). Pace your queries, consider Dedicated Read Nodes for your index, or contact Pinecone Support (https://app.pinecone.io/organizations/-/settings/support/ticket) to request a higher limit.",
      withRetryAfter(seconds),
    ),
  /** The same page; a limit of the plan that no waiting of ours outlasts. */
  monthlyLimit: (): Fault =>
    gateway(
      429,
      "Request failed. You've reached your read unit limit for the current month.\nTo continue reading data, upgrade your plan.",
    ),
  /** https://docs.pinecone.io/reference/api/database-limits/object-limits */
  storageFull: (): Fault =>
    gateway(
      403,
      "Request failed. You've reached the max storage allowed for project demo.\nTo update or upsert new data, delete records or upgrade your plan.",
    ),
  /** A key that is not valid; `words` for a service that repeats what it was sent. */
  unauthorized: (words = 'Invalid API Key'): Fault => gateway(401, words),
  forbidden: (words = 'Forbidden'): Fault => gateway(403, words),
  paymentRequired: (): Fault => ({
    status: 402,
    body: controlError(
      402,
      'PAYMENT_REQUIRED',
      'Request failed. Pay all past due invoices to lift restrictions on your account.',
    ).body,
  }),
  namespaceMissing: (): Fault => ({ status: NAMESPACE_MISSING.status, body: NAMESPACE_MISSING.body }),
  indexGone: (): Fault => gateway(404, 'Not Found'),
  invalid: (message: string): Fault => ({
    status: 400,
    body: dataError(400, RPC.invalid, message).body,
  }),
  unavailable: (status = 503): Fault => ({
    status,
    body: dataError(status, RPC.unavailable, 'Service Unavailable').body,
  }),
  /** What a proxy between may send. */
  page: (status?: number): Fault => ({
    ...(status !== undefined && { status }),
    rawBody: '<html><body>Bad Gateway</body></html>',
    headers: { 'content-type': 'text/html' },
  }),
  redirected: (): Fault => ({ status: 307, headers: { location: 'https://pinecone.invalid/' } }),
} as const;
