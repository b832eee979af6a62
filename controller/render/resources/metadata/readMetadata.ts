import { isObject, type JsonObject } from '../../../../common/json.ts';
import { DecodingError } from '../decodingError.ts';

/** Metadata as it arrives: all that users may say, of the right types, nothing judged yet. */
export interface GivenMetadata {
  readonly name?: string;
  readonly generateName?: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly object[];
  readonly finalizers?: readonly string[];
}

/** Kept by the store alone, or by nobody: what is sent is not looked at. */
const IGNORED = [
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'generation',
  'managedFields',
  'selfLink',
];
const TEXTS = ['name', 'generateName', 'namespace', 'uid', 'resourceVersion'] as const;
const MAPS = ['labels', 'annotations'] as const;
const KNOWN = new Set<string>([...IGNORED, ...TEXTS, ...MAPS, 'ownerReferences', 'finalizers']);

/** Throws DecodingError where a field has the wrong type. Empty texts, maps and lists are as if they were absent. */
export function readMetadata(given: unknown, onUnknown: (path: string) => void): GivenMetadata {
  if (given === undefined || given === null) return {};
  if (!isObject(given))
    throw new DecodingError(`json: cannot unmarshal ${goType(given)} into Go value of type v1.ObjectMeta`);
  for (const name of Object.keys(given)) if (!KNOWN.has(name)) onUnknown(`metadata.${name}`);
  const fields = [
    ...TEXTS.map((name) => [name, textOf(given, name)]),
    ...MAPS.map((name) => [name, mapOf(given, name)]),
    ['ownerReferences', ownersOf(given)],
    ['finalizers', finalizersOf(given)],
  ];
  return Object.fromEntries(fields.filter(([, value]) => value !== undefined));
}

function textOf(given: JsonObject, name: string): string | undefined {
  const value = given[name] ?? '';
  if (typeof value !== 'string') throw wrongType(name, value, 'string');
  return value === '' ? undefined : value;
}

function mapOf(given: JsonObject, name: string): Record<string, string> | undefined {
  const value = given[name] ?? {};
  if (!isObject(value)) throw wrongType(name, value, 'map[string]string');
  const entries = Object.entries(value).map(([key, text]) => {
    if (typeof text !== 'string' && text !== null) throw wrongType(name, text, 'string');
    return [key, text ?? ''] as const;
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function finalizersOf(given: JsonObject): string[] | undefined {
  const value = given['finalizers'] ?? [];
  if (!Array.isArray(value)) throw wrongType('finalizers', value, '[]string');
  const names = value.map((one: unknown) => {
    if (typeof one !== 'string') throw wrongType('finalizers', one, 'string');
    return one;
  });
  return names.length === 0 ? undefined : [...new Set(names)];
}

function ownersOf(given: JsonObject): object[] | undefined {
  const value = given['ownerReferences'] ?? [];
  if (!Array.isArray(value)) throw wrongType('ownerReferences', value, '[]v1.OwnerReference');
  const owners = value.map((one: unknown) => {
    if (!isObject(one)) throw wrongType('ownerReferences', one, 'v1.OwnerReference');
    return one;
  });
  return owners.length === 0 ? undefined : owners;
}

function wrongType(field: string, value: unknown, type: string): DecodingError {
  return new DecodingError(
    `json: cannot unmarshal ${goType(value)} into Go struct field ObjectMeta.${field} of type ${type}`,
  );
}

function goType(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}
