import { isDeepStrictEqual } from 'node:util';
import { isObject, type JsonObject } from '../../../common/json.ts';

/**
 * The JSON merge patch (RFC 7386) that brings `current` to what `wanted` says, as kubectl apply makes it: fields that
 * `wanted` names are set, those that `before` named and `wanted` does not are removed, all others are let alone. Lists are
 * replaced as a whole. Empty where there is nothing to do.
 */
export function threeWayPatch(before: JsonObject, wanted: JsonObject, current: JsonObject): JsonObject {
  const patch: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(wanted)) {
    const present = Object.hasOwn(current, name) ? current[name] : undefined;
    if (isObject(value) && isObject(present)) {
      const was = Object.hasOwn(before, name) ? before[name] : undefined;
      const inner = threeWayPatch(isObject(was) ? was : {}, value, present);
      if (Object.keys(inner).length > 0) patch[name] = inner;
    } else if (!isDeepStrictEqual(value ?? undefined, present)) patch[name] = value;
  }
  for (const name of Object.keys(before))
    if (!Object.hasOwn(wanted, name) && Object.hasOwn(current, name)) patch[name] = null;
  return patch;
}
