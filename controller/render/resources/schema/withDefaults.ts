import { isObject } from '../../../../common/json.ts';
import type { StructuralSchema } from './structuralSchema.ts';

/** The value with the schema's defaults where it has nothing, those of a defaulted object's own fields included. */
export function withDefaults(schema: StructuralSchema, value: unknown): unknown {
  if (Array.isArray(value) && schema.items) {
    const { items } = schema;
    return value.map((item) => withDefaults(items, item));
  }
  if (!isObject(value) || !schema.properties) return value;
  const filled: Record<string, unknown> = { ...value };
  for (const [name, child] of Object.entries(schema.properties)) {
    const present = filled[name] === undefined ? structuredClone(child.default) : filled[name];
    if (present !== undefined) filled[name] = withDefaults(child, present);
  }
  return filled;
}
