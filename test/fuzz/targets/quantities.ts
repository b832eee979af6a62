import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { parseDuration, parseQuantity } from '../../../common/quantity.ts';
import { loomVideoSchema } from '../../../crds/generated/schema.ts';
import { brokenRule } from '../../../jobrunner/contract/specRules.ts';
import { bounded } from '../bounded.ts';
import { property, type Target } from '../property.ts';
import { mutated, soup } from '../texts/soup.ts';

const { limits, memory } = loomVideoSchema.properties.spec.properties;
const { maxFileSize, maxDuration } = limits.properties;

const quantityPattern = new RegExp(maxFileSize.pattern, 'u');
const quantities = fc.oneof(
  fc.stringMatching(new RegExp(maxFileSize.pattern)),
  mutated(fc.stringMatching(new RegExp(maxFileSize.pattern))),
  soup(
    [
      '0',
      '1',
      '64',
      '67108864',
      '.',
      '999',
      'k',
      'M',
      'G',
      'Ki',
      'Mi',
      'Gi',
      'Ti',
      'm',
      'e3',
      '-',
      '+',
      ' ',
      '\n',
      '٣',
    ],
    { pieces: 6, repeat: 3000 },
  ),
);
const durationPattern = new RegExp(maxDuration.pattern, 'u');
const durations = fc.oneof(
  fc.stringMatching(new RegExp(maxDuration.pattern)),
  mutated(fc.stringMatching(new RegExp(maxDuration.pattern))),
  soup(['0', '1', '99', 'h', 'm', 's', 'ms', '.', '-', ' ', '\n', '٣'], { pieces: 8, repeat: 3000 }),
);

const SCALE: Record<string, bigint> = {
  k: 1000n,
  M: 1000n ** 2n,
  G: 1000n ** 3n,
  Ki: 1024n,
  Mi: 1024n ** 2n,
  Gi: 1024n ** 3n,
};

const SECONDS: Record<string, number> = { h: 3600, m: 60, s: 1 };

/** Thousandths of a byte, exactly; Kubernetes' own reading of the numbers that the CRD allows (apimachinery, resource.Quantity). */
function exactly(text: string): bigint {
  const [, whole = '', fraction = '', suffix = ''] = /^(\d+)(?:\.(\d+))?([a-zA-Z]*)$/.exec(text) ?? [];
  return BigInt(whole + fraction.padEnd(3, '0')) * (SCALE[suffix] ?? 1n);
}

function parsed(parse: (text: string) => number, text: string): number | undefined {
  try {
    return bounded(() => parse(text));
  } catch (error) {
    assert.ok(error instanceof RangeError);
    return undefined;
  }
}

export const quantitiesTarget: Target = {
  name: 'quantities',
  properties: [
    property(
      'a quantity is what the CRD takes, and as many bytes as Kubernetes says',
      quantities,
      (text) => {
        const bytes = parsed(parseQuantity, text);
        assert.equal(bytes !== undefined, quantityPattern.test(text));
        if (bytes === undefined) return;
        // Quantity.Value() rounds up.
        const value = (exactly(text) + 999n) / 1000n;
        if (value <= BigInt(Number.MAX_SAFE_INTEGER)) assert.equal(BigInt(bytes), value);
        else assert.ok(Math.abs(bytes / Number(value) - 1) < 1e-12);
        if (bytes <= 999_999_999_999) assert.equal(parseQuantity(String(bytes)), bytes);
      },
      { examples: ['0.4', '67108863.5', '67108.864k', '0.001Ki', '1.001k', '999999999999.999Gi'] },
    ),
    property(
      "the CRD's rules on quantities are judged as the apiserver does",
      quantities,
      (text) => {
        if (!quantityPattern.test(text)) return;
        const value = exactly(text);
        assert.equal(brokenRule(maxFileSize['x-kubernetes-validations'], text) === undefined, value > 0n);
        assert.equal(
          brokenRule(memory.properties.limit['x-kubernetes-validations'], text) === undefined,
          value >= 64n * 1024n ** 2n * 1000n,
        );
      },
      {
        examples: [
          '0.4',
          '67108863.5',
          '67108863.999',
          '67108.864k',
          '67.109M',
          '65535.999Ki',
          '0.000',
          '63.999Mi',
        ],
      },
    ),
    property('a duration is what the CRD takes, and as long as Go says', durations, (text) => {
      const seconds = parsed(parseDuration, text);
      // The pattern is met by the empty text, which its minLength refuses.
      assert.equal(seconds !== undefined, durationPattern.test(text) && text.length >= maxDuration.minLength);
      if (seconds === undefined) return;
      // time.ParseDuration: a sequence of numbers with units.
      const parts = [...text.matchAll(/(\d+)([hms])/g)];
      const sum = parts.reduce(
        (all, [, number, unit = '']) => all + Number(number) * (SECONDS[unit] ?? 0),
        0,
      );
      assert.equal(seconds, sum);
      assert.ok(Number.isSafeInteger(seconds));
      if (seconds <= 999_999) assert.equal(parseDuration(`${seconds}s`), seconds);
    }),
  ],
};
