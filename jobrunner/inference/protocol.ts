/** The shapes of the worker's protocol; engine/wire.py and engine/operations.py are its other end. */
import type { Segment } from '../artifacts.ts';

/** A request's operation with its fields; audio travels behind the line as raw bytes. */
export type Operation =
  | { readonly op: 'info' | 'unload' }
  | { readonly op: 'embed'; readonly texts: readonly string[] }
  | { readonly op: 'transcribe.start'; readonly session: string; readonly language: string }
  | { readonly op: 'transcribe.feed' | 'transcribe.finish' | 'transcribe.abort'; readonly session: string };

export interface EmbedAnswer {
  readonly model: string;
  readonly dimensions: number;
  /** Little-endian float32, base64. */
  readonly vectors: readonly string[];
}

export interface StartAnswer {
  readonly model: string;
  readonly multilingual: boolean;
}

export interface TranscribeAnswer {
  readonly segments: readonly Segment[];
  /** Null until something was heard. */
  readonly language: string | null;
  readonly processedSeconds: number;
}

/** What an error reply says: engine/errors.py. */
export interface WorkerFault {
  readonly code: string;
  readonly message: string;
}

/** The reply on one line: its `ok`, or its `error`. Undefined for a line that is no reply. */
export function parseReply(line: string): { ok: unknown } | { error: WorkerFault } | undefined {
  let reply: unknown;
  try {
    reply = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof reply !== 'object' || reply === null) return undefined;
  if ('ok' in reply) return { ok: reply.ok };
  if (!('error' in reply) || typeof reply.error !== 'object' || reply.error === null) return undefined;
  const { error } = reply;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : 'InternalError';
  const message = 'message' in error && typeof error.message === 'string' ? error.message : '';
  return { error: { code, message } };
}
