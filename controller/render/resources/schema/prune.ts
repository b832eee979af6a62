import { isObject } from '../../../../common/json.ts';
import type { StructuralSchema } from './structuralSchema.ts';

/**
 * The value without the fields that the schema does not know, each of which is told with its path, and without nulls: no
 * field of ours may be null, so it stands for the default or for nothing. What has the wrong type is left for the
 * validation.
 */
export function prune(
  schema: StructuralSchema,
  value: unknown,
  path: string,
  onUnknown: (path: string) => void,
): unknown {
  const { properties, items } = schema;
  if (Array.isArray(value))
    return items ? value.map((item, index) => prune(items, item, `${path}[${index}]`, onUnknown)) : value;
  if (!isObject(value) || !properties) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, child]) => {
      const known = Object.hasOwn(properties, name) ? properties[name] : undefined;
      if (!known) onUnknown(`${path}.${name}`);
      if (!known || child === null) return [];
      return [[name, prune(known, child, `${path}.${name}`, onUnknown)]];
    }),
  );
}
