import { Ajv, type ErrorObject, type SchemaValidateFunction } from 'ajv';
import { isObject } from '../../common/json.ts';
import type { LoomVideoSpec } from '../../crds/generated/loomvideo.ts';
import { loomVideoSchema } from '../../crds/generated/schema.ts';
import { brokenRule, type SpecRule } from './specRules.ts';
import { StageError } from './stageError.ts';

const specSchema = loomVideoSchema.properties.spec;
/** The command line also takes files and media links (in development): whoever downloads judges them. */
const anyUrlSchema = {
  ...specSchema,
  properties: { ...specSchema.properties, url: { type: 'string', minLength: 1, maxLength: 4096 } },
};

const ajv = new Ajv({ useDefaults: true, allErrors: true });
const followsRules: SchemaValidateFunction = (rules: readonly SpecRule[], value: string) => {
  const broken = brokenRule(rules, value);
  followsRules.errors = broken ? [{ message: broken.message }] : [];
  return !broken;
};
ajv.addKeyword({
  keyword: 'x-kubernetes-validations',
  type: 'string',
  schemaType: 'array',
  validate: followsRules,
});
const isSpec = ajv.compile<LoomVideoSpec>(specSchema);
const isSpecOfAnyUrl = ajv.compile<LoomVideoSpec>(anyUrlSchema);

/** What a query is embedded with: as a spec that says no more than this would be. */
export function embeddingOf(given: { model?: string; dimensions?: number }): LoomVideoSpec['embedding'] {
  return parseSpec({ url: 'query:', embedding: { ...given } }, { anyUrl: true }).embedding;
}

/**
 * A spec with its defaults filled in; the input is not changed. Throws `InvalidURL` when it is the link that is wrong,
 * else `ConfigurationInvalid`, with the path of each field at fault.
 */
export function parseSpec(input: unknown, { anyUrl = false }: { anyUrl?: boolean } = {}): LoomVideoSpec {
  const spec: unknown = withoutNulls(structuredClone(input), specSchema);
  const is = anyUrl ? isSpecOfAnyUrl : isSpec;
  if (is(spec)) return spec;
  const errors = is.errors ?? [];
  const reason = errors.every(({ instancePath }) => instancePath === '/url')
    ? 'InvalidURL'
    : 'ConfigurationInvalid';
  throw new StageError(reason, describe(errors));
}

interface Node {
  readonly properties?: Readonly<Record<string, object>>;
  readonly required?: readonly string[];
}

/**
 * As the apiserver does: a null is no value, as templates write `limits:` and no more. A null where a value is required
 * stays, so that the field itself is named as the one at fault.
 */
function withoutNulls(value: unknown, schema: Node): unknown {
  const { properties, required = [] } = schema;
  if (!isObject(value) || !properties) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, child]) => {
      const node = properties[name];
      if (child === null && node && !required.includes(name)) return [];
      return [[name, node ? withoutNulls(child, node) : child]];
    }),
  );
}

function describe(errors: readonly ErrorObject[]): string {
  return errors
    .map(({ instancePath, message }) =>
      instancePath === '/url'
        ? 'spec.url is not the link of one Loom video, such as https://www.loom.com/share/<32 hexadecimal digits>'
        : `spec${instancePath.replaceAll('/', '.')} ${message ?? 'is not valid'}`,
    )
    .join('; ');
}
