import type { Cause, CauseReason } from '../failure.ts';
import { labelValueFaults, qualifiedNameFaults, subdomainFaults } from './names.ts';
import type { GivenMetadata } from './readMetadata.ts';

/** Bytes of all keys and values together, as in Kubernetes. */
const MAX_ANNOTATIONS = 262_144;

/** Faults of the metadata, in the apiserver's words and order. */
export function validateMetadata(metadata: GivenMetadata): Cause[] {
  const { name, generateName, labels = {}, annotations = {}, finalizers = [] } = metadata;
  return [
    // The generated name's tail hides a dash or dot at the end.
    ...(generateName === undefined
      ? []
      : subdomainFaults(generateName.replace(/[-.]$/, 'a'), 'characters').map((fault) =>
          invalid('generateName', generateName, fault),
        )),
    ...(name === undefined
      ? [cause('name', 'FieldValueRequired', 'Required value: name or generateName is required')]
      : subdomainFaults(name, 'characters').map((fault) => invalid('name', name, fault))),
    ...Object.entries(labels).flatMap(([key, value]) => [
      ...qualified('labels', [key]),
      ...labelValueFaults(value).map((fault) => invalid('labels', value, fault)),
    ]),
    ...qualified('annotations', Object.keys(annotations)),
    ...(sizeOf(annotations) > MAX_ANNOTATIONS
      ? [cause('annotations', 'FieldValueTooLong', `Too long: may not be more than ${MAX_ANNOTATIONS} bytes`)]
      : []),
    ...qualified('finalizers', finalizers),
  ];
}

/** An object that is being deleted may lose finalizers, not gain any. */
export function addedFinalizers(before: readonly string[], after: readonly string[]): Cause[] {
  const added = after.filter((finalizer) => !before.includes(finalizer));
  if (added.length === 0) return [];
  const shown = added.map((finalizer) => JSON.stringify(finalizer)).join(', ');
  return [
    cause(
      'finalizers',
      'FieldValueForbidden',
      `Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{${shown}}`,
    ),
  ];
}

function qualified(field: string, names: readonly string[]): Cause[] {
  return names.flatMap((key) => qualifiedNameFaults(key).map((fault) => invalid(field, key, fault)));
}

function sizeOf(annotations: Readonly<Record<string, string>>): number {
  return Object.entries(annotations).reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value),
    0,
  );
}

function invalid(field: string, value: string, fault: string): Cause {
  return cause(field, 'FieldValueInvalid', `Invalid value: ${JSON.stringify(value)}: ${fault}`);
}

function cause(field: string, reason: CauseReason, message: string): Cause {
  return { reason, message, field: `metadata.${field}` };
}
