import type { ApiAnswer } from '../standIn.ts';

/** Codes of gRPC, which the data plane's errors carry: https://grpc.io/docs/guides/status-codes/ */
export const RPC = { invalid: 3, notFound: 5, unimplemented: 12, unavailable: 14 } as const;

/** An error of the data plane: `rpcStatus` in its OpenAPI document. */
export function dataError(status: number, code: number, message: string): ApiAnswer {
  return { status, body: { code, message, details: [] } };
}

export function invalid(message: string): ApiAnswer {
  return dataError(400, RPC.invalid, message);
}

/** An error of the control plane: `ErrorResponse` in its OpenAPI document. */
export function controlError(status: number, code: string, message: string): ApiAnswer {
  return { status, body: { error: { code, message }, status } };
}

/** Seen of a namespace that nothing was ever written to, for one in dokuwiki-plugin-aichat, issue 12. */
export const NAMESPACE_MISSING: ApiAnswer = dataError(404, RPC.notFound, 'Namespace not found');
