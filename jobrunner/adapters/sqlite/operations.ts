import { deleteVectorTail, purgeVectors, queryVectors, upsertVectors } from './vectors.ts';
import { findPassages, findRecord, purgeRecord, saveRecord, searchPassages } from './records.ts';

/** All the worker can be asked to do: a function of the open database and arguments that can be cloned. */
export const operations = {
  upsertVectors,
  deleteVectorTail,
  purgeVectors,
  queryVectors,
  saveRecord,
  findRecord,
  purgeRecord,
  searchPassages,
  findPassages,
  /** Opens the file, so that what is wrong with it shows before any work is done. */
  open: (): void => undefined,
};

export type Operations = typeof operations;
export type OperationName = keyof Operations;
type WithoutFirst<T extends readonly unknown[]> = T extends readonly [unknown, ...infer Rest] ? Rest : [];
export type OperationArguments<N extends OperationName> = WithoutFirst<Parameters<Operations[N]>>;
export type OperationResult<N extends OperationName> = ReturnType<Operations[N]>;
