import { Ajv, type ErrorObject } from 'ajv';
import type { LoomVideoSpec } from '../crds/generated/loomvideo.ts';
import { loomVideoSchema } from '../crds/generated/schema.ts';
import { StageError } from './contract/stageError.ts';

const specSchema = loomVideoSchema.properties.spec;
/** The command line also takes files and media links (in development): whoever downloads judges them. */
const anyUrlSchema = {
  ...specSchema,
  properties: { ...specSchema.properties, url: { type: 'string', minLength: 1, maxLength: 4096 } },
};

const ajv = new Ajv({ useDefaults: true, allErrors: true });
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
  const spec: unknown = structuredClone(input);
  const is = anyUrl ? isSpecOfAnyUrl : isSpec;
  if (is(spec)) return spec;
  const errors = is.errors ?? [];
  const reason = errors.every(({ instancePath }) => instancePath === '/url')
    ? 'InvalidURL'
    : 'ConfigurationInvalid';
  throw new StageError(reason, describe(errors));
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
