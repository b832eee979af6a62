import { ResourceFailure } from '../resources/failure.ts';

/** How an answer is to be written, after the request's Accept header. */
export interface Format {
  readonly encoding: 'json' | 'yaml';
  readonly as: 'object' | 'table' | 'partial';
  /** Of meta.k8s.io, for tables and partial objects: `v1` or `v1beta1`. */
  readonly metaVersion: string;
}

const META_GROUP = 'meta.k8s.io';

/** The first of the accepted forms that there is. Throws the refusal `NotAcceptable` when there is none. */
export function negotiate(accept: string | undefined): Format {
  for (const clause of (accept?.trim() || '*/*').split(',')) {
    const [type = '', ...words] = clause.split(';').map((word) => word.trim());
    const encoding = encodingOf(type.toLowerCase());
    if (encoding === undefined) continue;
    const parameters = new Map(
      words.map((word): [string, string] => {
        const [name = '', value = ''] = word.split('=', 2);
        return [name, value];
      }),
    );
    const as = parameters.get('as');
    const metaVersion = parameters.get('v') ?? 'v1';
    if (as === undefined) return { encoding, as: 'object', metaVersion };
    if (parameters.get('g') !== META_GROUP || !['v1', 'v1beta1'].includes(metaVersion)) continue;
    if (as === 'Table') return { encoding, as: 'table', metaVersion };
    if (as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList')
      return { encoding, as: 'partial', metaVersion };
  }
  throw new ResourceFailure(
    406,
    'NotAcceptable',
    'only the following media types are accepted: application/json, application/yaml',
  );
}

/** Whether discovery is asked for in one answer; kubectl asks so first. */
export function wantsAggregated(accept: string | undefined): boolean {
  return (accept ?? '').split(',').some((clause) => {
    const words = clause.split(';').map((word) => word.trim());
    return (
      words[0] === 'application/json' && words.includes('as=APIGroupDiscoveryList') && words.includes('v=v2')
    );
  });
}

function encodingOf(type: string): Format['encoding'] | undefined {
  if (['*/*', 'application/*', 'application/json'].includes(type)) return 'json';
  return type === 'application/yaml' ? 'yaml' : undefined;
}
