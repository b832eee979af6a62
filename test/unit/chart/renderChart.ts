import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { HELM_MODULE } from '../../cluster/build/goModule.ts';
import { buildModule } from '../../cluster/build/goTools.ts';
import { run } from '../../cluster/command.ts';

export const ROOT = join(import.meta.dirname, '..', '..', '..');
export const CHART = join(ROOT, 'charts', 'loomvideo-operator');

/** A Kubernetes object, as far as tests look at every kind. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

/** Runs Helm, built on first use, and gives its stdout; throws with what it said. `values` are handed to it. */
export async function helm(args: readonly string[], values?: object): Promise<string> {
  const folder = await buildModule(HELM_MODULE);
  return run(join(folder, 'helm'), [...args, ...(values ? ['--values=-'] : [])], {
    ...(values && { input: JSON.stringify(values) }),
  });
}

export const IMAGE = 'registry.example.com/loomvideo-operator';

export interface Release {
  readonly namespace?: string;
}

/** The chart's objects for these values, on top of the one that is required; the release is named `loomvideo`. */
export async function renderChart(
  values: Readonly<Record<string, unknown>> = {},
  { namespace = 'operators' }: Release = {},
): Promise<Manifest[]> {
  const text = await helm(['template', 'loomvideo', CHART, `--namespace=${namespace}`], {
    image: { repository: IMAGE },
    ...values,
  });
  return parseAllDocuments(text).flatMap((document) => {
    const object = document.toJS() as Manifest | null;
    return object === null ? [] : [object];
  });
}

/** The one object of a kind; throws where there is none, or more. */
export function only(objects: readonly Manifest[], kind: string): Manifest {
  const found = objects.filter((object) => object.kind === kind);
  const [object] = found;
  if (!object || found.length > 1) throw new Error(`${found.length} of ${kind}`);
  return object;
}
