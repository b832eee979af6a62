import * as fc from 'fast-check';
import type { StructuralSchema } from '../../../controller/render/resources/schema/structuralSchema.ts';
import { wildJson } from './json.ts';

/** Values that follow a schema's words, if not its rules. */
export function bySchema(schema: StructuralSchema): fc.Arbitrary<unknown> {
  const { type, enum: choice, properties = {}, required = [], minimum = -1e6, maximum = 1e6 } = schema;
  if (choice) return fc.constantFrom(...choice);
  switch (type) {
    case 'string':
      return textBy(schema);
    case 'integer':
      return fc.oneof(fc.integer({ min: minimum, max: maximum }), fc.constantFrom(minimum, maximum));
    case 'number':
      return fc.double({ min: minimum, max: maximum, noNaN: true });
    case 'boolean':
      return fc.boolean();
    case 'array':
      return fc.array(bySchema(schema.items ?? { type: 'string' }), { maxLength: 3 });
    default:
      return fc.record(
        Object.fromEntries(Object.entries(properties).map(([name, child]) => [name, bySchema(child)])),
        { requiredKeys: [...required], noNullPrototype: true },
      );
  }
}

function textBy({ pattern, minLength = 0, maxLength = 20 }: StructuralSchema): fc.Arbitrary<string> {
  if (pattern === undefined) return fc.string({ unit: 'grapheme', minLength, maxLength });
  return fc
    .stringMatching(new RegExp(pattern))
    .filter((text) => text.length <= maxLength && text.length >= minLength);
}

/** A value with one thing in it replaced by something wild, or with something wild put beside it. */
export function withOneMutation(
  values: fc.Arbitrary<unknown>,
  schema: StructuralSchema,
): fc.Arbitrary<unknown> {
  const paths = pathsOf(schema);
  return fc
    .tuple(values, fc.constantFrom(...paths), wildJson(Object.keys(schema.properties ?? {})))
    .map(([value, path, wild]) => replaced(value, path, wild));
}

function pathsOf({ properties = {} }: StructuralSchema): string[][] {
  return [
    [],
    ...['__proto__', 'unknown'].map((name) => [name]),
    ...Object.entries(properties).flatMap(([name, child]) => pathsOf(child).map((path) => [name, ...path])),
  ];
}

function replaced(value: unknown, [name, ...rest]: readonly string[], wild: unknown): unknown {
  if (name === undefined) return wild;
  const fields = new Map(typeof value === 'object' && value !== null ? Object.entries(value) : []);
  return Object.fromEntries(fields.set(name, replaced(fields.get(name), rest, wild)));
}
