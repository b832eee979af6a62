import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { StructuralSchema } from './schema/structuralSchema.ts';

/** What the API needs of crds/loomvideos.yaml. */
export interface Crd {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly listKind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly columns: readonly PrinterColumn[];
  /** Of the whole object. */
  readonly schema: StructuralSchema;
  readonly specSchema: StructuralSchema;
  readonly statusSchema: StructuralSchema;
}

/** A column of `kubectl get`. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: string;
  /** Dots between names, such as `.status.phase`. */
  readonly jsonPath: string;
  readonly description?: string;
}

interface CrdFile {
  readonly spec: {
    readonly group: string;
    readonly names: Pick<Crd, 'kind' | 'listKind' | 'plural' | 'singular' | 'shortNames' | 'categories'>;
    readonly versions: readonly {
      readonly name: string;
      readonly additionalPrinterColumns: readonly PrinterColumn[];
      readonly schema: { readonly openAPIV3Schema: StructuralSchema };
    }[];
  };
}

/** Reads the CRD that a cluster is given, so that both judge and show a LoomVideo alike. Blocks; about 10 ms. */
export function readCrd(): Crd {
  const text = readFileSync(new URL('../../../crds/loomvideos.yaml', import.meta.url), 'utf8');
  // oxlint-disable-next-line no-unsafe-type-assertion -- our own file, and a wrong shape fails below at once
  const { spec } = parse(text) as CrdFile;
  const version = spec.versions[0];
  const schema = version?.schema.openAPIV3Schema;
  const specSchema = schema?.properties?.['spec'];
  const statusSchema = schema?.properties?.['status'];
  if (!version || !schema || !specSchema || !statusSchema)
    throw new Error('crds/loomvideos.yaml has no version with a spec and a status');
  return {
    ...spec.names,
    group: spec.group,
    version: version.name,
    columns: version.additionalPrinterColumns,
    schema,
    specSchema,
    statusSchema,
  };
}

export function apiVersionOf({ group, version }: Crd): string {
  return `${group}/${version}`;
}
