import { isObject } from '../../../common/json.ts';
import type { Crd, PrinterColumn } from '../resources/crd.ts';
import type { LoomVideo } from '../resources/resource.ts';
import { humanDuration } from './humanDuration.ts';

/** What `kubectl get` prints: https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables */

/** What a row carries of its object, as asked by `includeObject`. */
export type IncludedObject = 'Metadata' | 'Object' | 'None';

export interface TableOptions {
  readonly metaVersion: string;
  readonly include: IncludedObject;
  readonly now: Date;
}

export interface ColumnDefinition {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  readonly priority: number;
}

export function tableOf(
  crd: Crd,
  videos: readonly LoomVideo[],
  listMeta: object,
  options: TableOptions,
  columns: readonly ColumnDefinition[] | null = columnsOf(crd),
): object {
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${options.metaVersion}`,
    metadata: listMeta,
    columnDefinitions: columns,
    rows: videos.map((video) => ({ cells: cellsOf(crd, video, options.now), ...included(video, options) })),
  };
}

export function columnsOf(crd: Crd): ColumnDefinition[] {
  return [
    {
      name: 'Name',
      type: 'string',
      format: 'name',
      description: 'Unique within the namespace.',
      priority: 0,
    },
    ...crd.columns.map(({ name, type, jsonPath, description }) => ({
      name,
      type,
      format: '',
      description: description ?? `Custom resource definition column (in JSONPath format): ${jsonPath}`,
      priority: 0,
    })),
  ];
}

/** A bookmark has a row too, with nothing in it but how far the watch is. */
export function emptyCells(crd: Crd): (string | null)[] {
  return ['', ...crd.columns.map(() => null)];
}

/** An object's metadata and no more. */
export function partialOf({ metadata }: Pick<LoomVideo, 'metadata'>, metaVersion: string): object {
  return { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${metaVersion}`, metadata };
}

function included(video: LoomVideo, { include, metaVersion }: TableOptions): object {
  if (include === 'None') return {};
  return { object: include === 'Object' ? video : partialOf(video, metaVersion) };
}

function cellsOf(crd: Crd, video: LoomVideo, now: Date): unknown[] {
  return [video.metadata.name, ...crd.columns.map((column) => cellOf(column, video, now))];
}

function cellOf({ jsonPath, type }: PrinterColumn, video: LoomVideo, now: Date): unknown {
  let value: unknown = video;
  for (const name of jsonPath.split('.').slice(1)) value = isObject(value) ? value[name] : undefined;
  if (value === undefined) return null;
  if (type !== 'date') return value;
  const since = Date.parse(typeof value === 'string' ? value : '');
  return Number.isNaN(since) ? '<invalid>' : humanDuration((now.getTime() - since) / 1000);
}
