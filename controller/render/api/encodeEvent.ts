import { apiVersionOf, type Crd } from '../resources/crd.ts';
import type { Format } from './accept.ts';
import { columnsOf, emptyCells, partialOf, tableOf, type TableOptions } from './table.ts';
import { lineOf, textOf, type EncodeEvent } from './watchStream.ts';

/** The annotation that says: from here on it is changes. */
const INITIAL_END = { 'k8s.io/initial-events-end': 'true' };

/** How a watch's events are written in the form that was asked for. */
export function eventEncoder(crd: Crd, { as, metaVersion }: Format, table: () => TableOptions): EncodeEvent {
  // Column definitions come once, with the first event: kubectl keeps them.
  let columns: ReturnType<typeof columnsOf> | null = columnsOf(crd);
  return (event) => {
    if (event.type === 'BOOKMARK') {
      const metadata = {
        resourceVersion: String(event.version),
        ...(event.initial && { annotations: INITIAL_END }),
      };
      return lineOf('BOOKMARK', JSON.stringify(bookmarkOf(metadata)));
    }
    const { type, video } = event;
    if (as === 'object') return lineOf(type, textOf(video));
    if (as === 'partial') return lineOf(type, JSON.stringify(partialOf(video, metaVersion)));
    const { resourceVersion } = video.metadata;
    const row = tableOf(crd, [video], { resourceVersion }, table(), columns);
    columns = null;
    return lineOf(type, JSON.stringify(row));
  };

  function bookmarkOf(metadata: { resourceVersion: string }): object {
    const partial = { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${metaVersion}`, metadata };
    if (as === 'object') return { kind: crd.kind, apiVersion: apiVersionOf(crd), metadata };
    if (as === 'partial') return partial;
    return {
      kind: 'Table',
      apiVersion: `meta.k8s.io/${metaVersion}`,
      metadata: { resourceVersion: metadata.resourceVersion },
      columnDefinitions: null,
      rows: [{ cells: emptyCells(crd), object: partial }],
    };
  }
}
