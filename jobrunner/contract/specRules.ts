import { parseDuration, parseThousandths } from '../../common/quantity.ts';

/**
 * The CEL rules of crds/loomvideos.yaml that look at one value, by their text, as the apiserver judges them. Values that
 * do not match their pattern are judged by that alone. A rule on changes needs the old object: only the API has it.
 */
const RULES: Readonly<Record<string, (value: string) => boolean>> = {
  'self == oldSelf': () => true,
  "duration(self) > duration('0s')": (value) => parseDuration(value) > 0,
  "quantity(self).isGreaterThan(quantity('0'))": (value) => parseThousandths(value) > 0n,
  "!quantity(self).isLessThan(quantity('64Mi'))": (value) =>
    parseThousandths(value) >= parseThousandths('64Mi'),
};

export interface SpecRule {
  readonly rule: string;
  readonly message: string;
}

/** The first rule a value breaks. Throws RangeError for a rule that is not mirrored here. */
export function brokenRule(rules: readonly SpecRule[], value: string): SpecRule | undefined {
  return rules.find(({ rule }) => {
    const holds = RULES[rule];
    if (!holds) throw new RangeError(`crds/loomvideos.yaml has a rule without its mirror: ${rule}`);
    try {
      return !holds(value);
    } catch {
      // Not a duration or quantity: the pattern says so already.
      return false;
    }
  });
}
