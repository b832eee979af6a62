import { isDeepStrictEqual } from 'node:util';
import { isObject } from '../../../common/json.ts';
import type { LoomVideoSpec, LoomVideoStatus } from '../../../crds/generated/loomvideo.ts';
import { apiVersionOf, type Crd } from './crd.ts';
import { DecodingError } from './decodingError.ts';
import type { Cause, CauseReason } from './failure.ts';
import { badRequest, conflict, invalid } from './failures.ts';
import { readMetadata, type GivenMetadata } from './metadata/readMetadata.ts';
import { addedFinalizers, validateMetadata } from './metadata/validateMetadata.ts';
import { timestamp, type LoomVideo, type ObjectMeta, type VideoKey } from './resource.ts';
import { prune } from './schema/prune.ts';
import { brokenRules } from './schema/rules.ts';
import { validate } from './schema/validate.ts';
import { withDefaults } from './schema/withDefaults.ts';

/** What becomes of a manifest on its way into the store; pure. Versions are given by the store at the end. */

/** A manifest as it was understood: unknown fields dropped, defaults filled in, not yet judged. */
export interface Decoded {
  readonly metadata: GivenMetadata;
  readonly spec: unknown;
  readonly status: unknown;
  /** Such as `unknown field "spec.foo"`. */
  readonly unknown: readonly string[];
}

/** Of what is made. */
export interface Identity {
  readonly name: string | undefined;
  readonly namespace: string;
  readonly uid: string;
  readonly now: Date;
}

/** A status is judged by itself, and its messages leave out where it stands. */
const STATUS = { field: 'status', inBody: '' };

/** After faults of these kinds the apiserver does not run the schema's rules, and says so. */
const BLOCKING: ReadonlySet<CauseReason> = new Set([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
]);
const RULES_NOT_CHECKED: Cause = {
  reason: 'FieldValueInvalid',
  message:
    'Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
  field: '<nil>',
};

/** Throws DecodingError for what is no LoomVideo at all, and the API's refusals for one of another kind. */
export function decode(crd: Crd, manifest: unknown): Decoded {
  if (!isObject(manifest))
    throw new DecodingError('json: cannot unmarshal into Go value of type map[string]interface {}');
  const { apiVersion, kind } = manifest;
  const unknown: string[] = [];
  const onUnknown = (path: string): void => void unknown.push(`unknown field "${path}"`);
  if (typeof kind !== 'string' || kind === '')
    throw badRequest(
      `the object provided is unrecognized (must be of type ${crd.kind}): Object 'Kind' is missing in '${JSON.stringify(manifest).slice(0, 200)}'`,
    );
  if (apiVersion !== apiVersionOf(crd))
    throw badRequest(
      `the API version in the data (${typeof apiVersion === 'string' ? apiVersion : ''}) does not match the expected API version (${apiVersionOf(crd)})`,
    );
  const metadata = readMetadata(manifest['metadata'], onUnknown);
  if (kind !== crd.kind)
    throw invalid(kind, crd.group, metadata.name ?? '', [
      {
        reason: 'FieldValueInvalid',
        message: `Invalid value: ${JSON.stringify(kind)}: must be ${crd.kind}`,
        field: 'kind',
      },
    ]);
  for (const name of Object.keys(manifest))
    if (!Object.hasOwn(crd.schema.properties ?? {}, name)) onUnknown(name);
  const part = (name: 'spec' | 'status'): unknown => {
    const schema = name === 'spec' ? crd.specSchema : crd.statusSchema;
    const value = manifest[name];
    if (value === undefined || value === null) return undefined;
    return withDefaults(schema, prune(schema, value, name, onUnknown));
  };
  return { metadata, spec: part('spec'), status: part('status'), unknown };
}

/** Throws the refusal `Invalid` with every fault. */
export function newVideo(crd: Crd, { metadata, spec }: Decoded, identity: Identity): LoomVideo {
  const { name, namespace, uid, now } = identity;
  const named = withoutAbsent({ ...metadata, name });
  const judged = judge(crd, named, spec, undefined);
  return {
    apiVersion: apiVersionOf(crd),
    kind: crd.kind,
    metadata: {
      ...kept(named),
      name: judged.name,
      ...(metadata.generateName !== undefined && { generateName: metadata.generateName }),
      namespace,
      uid,
      resourceVersion: '',
      generation: 1,
      creationTimestamp: timestamp(now),
    },
    spec: judged.spec,
  };
}

/** `current` with all of the manifest but its status. Throws the refusals `Invalid` and `Conflict`. */
export function changedVideo(crd: Crd, current: LoomVideo, { metadata, spec }: Decoded): LoomVideo {
  checkIdentity(crd, current, metadata);
  const before = current.metadata;
  const late =
    before.deletionTimestamp === undefined
      ? []
      : addedFinalizers(before.finalizers ?? [], metadata.finalizers ?? []);
  const judged = judge(crd, { ...metadata, name: before.name }, spec, current.spec, late);
  const specChanged = !isDeepStrictEqual(judged.spec, current.spec);
  return {
    ...current,
    metadata: { ...fixed(before), ...kept(metadata), generation: before.generation + (specChanged ? 1 : 0) },
    spec: judged.spec,
  };
}

/** `current` with the manifest's status. Throws the refusals `Invalid` and `Conflict`. */
export function withStatus(crd: Crd, current: LoomVideo, { metadata, status }: Decoded): LoomVideo {
  checkIdentity(crd, current, metadata);
  const { status: _before, ...rest } = current;
  if (status === undefined) return rest;
  const causes = validate(crd.statusSchema, status, STATUS);
  refuse(crd, current.metadata.name, causes);
  // oxlint-disable-next-line no-unsafe-type-assertion -- the schema, of which the type is made, just judged it
  return { ...rest, status: status as LoomVideoStatus };
}

/** Marked as being deleted, where its finalizers keep it. */
export function beingDeleted(current: LoomVideo, now: Date): LoomVideo {
  return {
    ...current,
    metadata: {
      ...current.metadata,
      generation: current.metadata.generation + 1,
      deletionTimestamp: timestamp(now),
      deletionGracePeriodSeconds: 0,
    },
  };
}

/** The name and namespace of a manifest must be those it is sent to. */
export function checkAddress(key: { namespace: string; name?: string }, metadata: GivenMetadata): void {
  if (key.name !== undefined && metadata.name !== undefined && metadata.name !== key.name)
    throw badRequest(
      `the name of the object (${metadata.name}) does not match the name on the URL (${key.name})`,
    );
  if (metadata.namespace !== undefined && metadata.namespace !== key.namespace)
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
}

function checkIdentity(crd: Crd, current: LoomVideo, { uid, resourceVersion }: GivenMetadata): void {
  const { metadata } = current;
  if (uid !== undefined && uid !== metadata.uid)
    throw conflict(
      crd,
      metadata.name,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${metadata.uid}`,
    );
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion)
    throw conflict(
      crd,
      metadata.name,
      'the object has been modified; please apply your changes to the latest version and try again',
    );
}

/** The name and spec, found to be right. */
function judge(
  crd: Crd,
  metadata: GivenMetadata,
  spec: unknown,
  before: LoomVideoSpec | undefined,
  late: readonly Cause[] = [],
): { name: string; spec: LoomVideoSpec } {
  const causes = [
    ...late,
    ...validateMetadata(metadata),
    ...validate(crd.schema, { metadata: {}, ...(spec !== undefined && { spec }) }, { field: '', inBody: '' }),
  ];
  const { name = '' } = metadata;
  if (causes.some(({ reason }) => BLOCKING.has(reason))) causes.push(RULES_NOT_CHECKED);
  else causes.push(...brokenRules(crd.specSchema, spec, before, 'spec'));
  refuse(crd, name, causes, true);
  // oxlint-disable-next-line no-unsafe-type-assertion -- the schema, of which the type is made, just judged it
  return { name, spec: spec as LoomVideoSpec };
}

function refuse(crd: Crd, name: string, causes: readonly Cause[], complete = false): void {
  if (causes.length === 0) return;
  const blocked = !complete && causes.some(({ reason }) => BLOCKING.has(reason));
  throw invalid(crd.kind, crd.group, name, blocked ? [...causes, RULES_NOT_CHECKED] : causes);
}

/** The fields that no update changes; the generation and the version are set after. */
function fixed(metadata: ObjectMeta): ObjectMeta {
  const { name, generateName, namespace, uid, resourceVersion, generation, creationTimestamp } = metadata;
  const { deletionTimestamp, deletionGracePeriodSeconds } = metadata;
  return {
    name,
    ...(generateName !== undefined && { generateName }),
    namespace,
    uid,
    resourceVersion,
    generation,
    creationTimestamp,
    ...(deletionTimestamp !== undefined && { deletionTimestamp }),
    ...(deletionGracePeriodSeconds !== undefined && { deletionGracePeriodSeconds }),
  };
}

/** The fields that users keep in the metadata. */
function kept({
  labels,
  annotations,
  ownerReferences,
  finalizers,
}: GivenMetadata): Pick<ObjectMeta, 'labels' | 'annotations' | 'ownerReferences' | 'finalizers'> {
  return {
    ...(labels && { labels }),
    ...(annotations && { annotations }),
    ...(ownerReferences && { ownerReferences }),
    ...(finalizers && { finalizers }),
  };
}

function withoutAbsent({
  name,
  ...rest
}: Omit<GivenMetadata, 'name'> & { name: string | undefined }): GivenMetadata {
  return name === undefined ? rest : { ...rest, name };
}

export function keyOf({ metadata: { namespace, name } }: LoomVideo): VideoKey {
  return { namespace, name };
}
