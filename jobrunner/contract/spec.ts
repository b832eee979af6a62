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
  followsRules.errors = broken ? [{ message: broken.message, params: {} }] : [];
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

/** What is wrong with a spec. */
export interface SpecFault {
  /** `InvalidURL` when it is the link alone. */
  readonly reason: 'InvalidURL' | 'ConfigurationInvalid';
  /** The path of each field at fault, and what it should be. */
  readonly message: string;
  /** The fields of the spec itself in or below which something is wrong. */
  readonly fields: ReadonlySet<string>;
}

/** A spec with its defaults filled in, or what is wrong with it; the input is not changed. */
export function judgeSpec(
  input: unknown,
  { anyUrl = false }: { anyUrl?: boolean } = {},
): { readonly spec: LoomVideoSpec } | { readonly fault: SpecFault } {
  const spec: unknown = withoutNulls(structuredClone(input), specSchema);
  const is = anyUrl ? isSpecOfAnyUrl : isSpec;
  if (is(spec)) return { spec };
  const errors = is.errors ?? [];
  const fields = errors.map(({ instancePath, params }) => {
    const missing: unknown = params['missingProperty'];
    return instancePath.split('/')[1] ?? (typeof missing === 'string' ? missing : '');
  });
  const reason = errors.every(({ instancePath }) => instancePath === '/url')
    ? 'InvalidURL'
    : 'ConfigurationInvalid';
  return { fault: { reason, message: describe(errors), fields: new Set(fields) } };
}

/** As {@link judgeSpec}, but throws StageError with the reason. */
export function parseSpec(input: unknown, options: { anyUrl?: boolean } = {}): LoomVideoSpec {
  const judged = judgeSpec(input, options);
  if ('spec' in judged) return judged.spec;
  throw new StageError(judged.fault.reason, judged.fault.message);
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
