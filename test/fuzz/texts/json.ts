import * as fc from 'fast-check';
import { anyText } from './soup.ts';

/** Names that mean something to JavaScript. */
const TRAPS = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'length', ''];

/** Numbers at the edges, with what `JSON.parse` makes of 1e999. */
const EDGES = [0, -0, 1, -1, 0.5, 1e-320, 2 ** 31 - 1, 2 ** 31, 2 ** 53, -(2 ** 53), 1e308, -1e308];

const scalar = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.constantFrom(...EDGES, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
  fc.integer(),
  fc.double({ noNaN: true }),
  anyText,
);

/** Any value that `JSON.parse` can give: own fields called `__proto__`, infinite numbers and deep nesting included. */
export function wildJson(names: readonly string[] = []): fc.Arbitrary<unknown> {
  const name = fc.oneof(fc.constantFrom(...TRAPS, ...names), anyText);
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      scalar,
      fc.array(tie('value'), { maxLength: 4 }),
      fc.array(fc.tuple(name, tie('value')), { maxLength: 5 }).map(objectOf),
    ),
  }));
  const deep = fc
    .tuple(fc.integer({ min: 1, max: 900 }), fc.boolean())
    .map(([depth, list]) => nested(depth, list));
  return fc.oneof({ weight: 20, arbitrary: value }, { weight: 1, arbitrary: deep });
}

/** With own fields, whatever they are called. */
export function objectOf(entries: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  return Object.fromEntries(entries);
}

function nested(depth: number, list: boolean): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = list ? [value] : { a: value };
  return value;
}
