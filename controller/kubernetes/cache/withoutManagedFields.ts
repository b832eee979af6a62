import type { KubeObject } from '../api/kubeApi.ts';

/** The object without its managedFields, which often take more room than all the rest and tell us nothing. */
export function withoutManagedFields<T extends KubeObject>(object: T): T {
  if (!('managedFields' in object.metadata)) return object;
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}
