import * as fc from 'fast-check';

/** Any text: ASCII, all of Unicode, control characters, halves of surrogate pairs. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.string({ maxLength: 40 }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 20 })
    .map((units) => String.fromCharCode(...units)),
);

export interface SoupOptions {
  /** Pieces in one text at most; 30 unless told. */
  readonly pieces?: number;
  /** How often a word may stand in a row, which is what slow patterns choke on; 1 unless told. */
  readonly repeat?: number;
}

/** Texts made of a language's own words in any order, a few of them repeated, with anything in between. */
export function soup(
  words: readonly string[],
  { pieces = 30, repeat = 1 }: SoupOptions = {},
): fc.Arbitrary<string> {
  const word = fc.constantFrom(...words);
  const piece = fc.oneof(
    { weight: 20, arbitrary: word },
    { weight: 3, arbitrary: anyText },
    ...(repeat > 1
      ? [
          {
            weight: 1,
            arbitrary: fc
              .tuple(word, fc.integer({ min: 2, max: repeat }))
              .map(([text, times]) => text.repeat(times)),
          },
        ]
      : []),
  );
  return fc.array(piece, { maxLength: pieces }).map((all) => all.join(''));
}

/** A text with a few of its characters taken out, put in, doubled or changed. */
export function mutated(texts: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const change = fc.record({ at: fc.nat(10_000), drop: fc.nat(5), put: fc.oneof(fc.constant(''), anyText) });
  return fc.tuple(texts, fc.array(change, { maxLength: 4 })).map(([text, changes]) =>
    changes.reduce((whole, { at, drop, put }) => {
      const place = whole.length === 0 ? 0 : at % (whole.length + 1);
      return whole.slice(0, place) + put + whole.slice(place + drop);
    }, text),
  );
}
