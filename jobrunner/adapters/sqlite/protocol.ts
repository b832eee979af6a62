import type { Reason } from '../../contract/reasons.ts';
import type { OpenOptions } from './openDatabase.ts';
import type { OperationName } from './operations.ts';

/** What passes between the worker and its client: one question at a time, one answer to each. */

export type WorkerSettings = OpenOptions;

/** `undefined` asks the worker to close the file and end. */
export type Question = { readonly operation: OperationName; readonly args: readonly unknown[] } | undefined;

/** A StageError does not survive cloning: its parts do. */
export type Answer =
  | { readonly value: unknown }
  | { readonly error: { readonly reason: Reason; readonly message: string; readonly detail: string } };
