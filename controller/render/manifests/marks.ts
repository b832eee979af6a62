import { isObject, parseObject, type JsonObject } from '../../../common/json.ts';
import type { LoomVideo } from '../resources/resource.ts';

/** Marks what the folder applied, and so what it may prune. */
export const MANAGED_BY = { label: 'qudemo.dev/managed-by', value: 'manifests' } as const;

/** Which file of the folder it came from. */
const FILE = 'qudemo.dev/manifest';

/** kubectl's own, so that objects go from the one to the other and back. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** The manifest with what is remembered of it: written together with it, or not at all. */
export function marked(manifest: JsonObject, file: string): JsonObject {
  const metadata = isObject(manifest['metadata']) ? manifest['metadata'] : {};
  const { [LAST_APPLIED]: _, ...annotations } = isObject(metadata['annotations'])
    ? metadata['annotations']
    : {};
  const given = { ...manifest, metadata: { ...metadata, annotations } };
  return {
    ...manifest,
    metadata: {
      ...metadata,
      labels: {
        ...(isObject(metadata['labels']) && metadata['labels']),
        [MANAGED_BY.label]: MANAGED_BY.value,
      },
      annotations: { ...annotations, [FILE]: file, [LAST_APPLIED]: `${JSON.stringify(sorted(given))}\n` },
    },
  };
}

/** What was applied last, by the folder or by kubectl. */
export function lastApplied({ metadata: { annotations = {} } }: LoomVideo): JsonObject {
  return parseObject(annotations[LAST_APPLIED] ?? '') ?? {};
}

export function isManaged({ metadata: { labels = {} } }: LoomVideo): boolean {
  return labels[MANAGED_BY.label] === MANAGED_BY.value;
}

export function fileOf({ metadata: { annotations = {} } }: LoomVideo): string | undefined {
  return annotations[FILE];
}

/** With its fields in order of their names, as kubectl writes it: the same manifest is the same text. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, child]) => [name, sorted(child)]),
  );
}
