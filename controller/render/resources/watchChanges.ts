import { expired } from './failures.ts';
import type { Change, Filter, VideoEvent, VideoPage, WatchQuery } from './resourceStore.ts';

/** What a watch reads from. */
export interface WatchSource {
  readonly version: () => number;
  readonly page: (after: string | undefined) => VideoPage;
  readonly after: (version: number, limit: number) => readonly Change[];
  /** Resolves with the next change, after the time or with the signal. */
  readonly changed: (timeoutMs: number | undefined, signal: AbortSignal) => Promise<void>;
}

/** Changes read at once: few enough to give others their turn. */
const BATCH = 64;

/** See ResourceStore.watch. */
export async function* watchChanges(
  source: WatchSource,
  query: WatchQuery,
  signal: AbortSignal,
): AsyncGenerator<VideoEvent, void, undefined> {
  let position = query.after;
  if (position === undefined) {
    position = source.version();
    yield* present(source, signal);
  }
  if (query.initialBookmark) yield { type: 'BOOKMARK', version: position, initial: true };
  let bookmarkAt = nextBookmark(query);
  while (!signal.aborted) {
    const changes = source.after(position, BATCH);
    for (const change of changes) {
      if (signal.aborted) return;
      position = change.version;
      const event = toEvent(change, query);
      if (event) yield event;
    }
    if (changes.length > 0) continue;
    const waitMs = bookmarkAt === undefined ? undefined : bookmarkAt - performance.now();
    if (waitMs !== undefined && waitMs <= 0) {
      yield { type: 'BOOKMARK', version: position, initial: false };
      bookmarkAt = nextBookmark(query);
    } else if (source.version() === position) await source.changed(waitMs, signal);
    else if (source.version() < position)
      throw expired(`too old resource version: ${position} (${source.version()})`);
  }
}

/**
 * What there is, page by page. What changes meanwhile is told again by the changes after: they begin at the version
 * before the first page.
 */
async function* present(
  source: WatchSource,
  signal: AbortSignal,
): AsyncGenerator<VideoEvent, void, undefined> {
  let after: string | undefined;
  do {
    const page: VideoPage = source.page(after);
    for (const video of page.items) {
      if (signal.aborted) return;
      yield { type: 'ADDED', video };
    }
    after = page.continue;
  } while (after !== undefined);
}

function nextBookmark({ bookmarkMs }: WatchQuery): number | undefined {
  return bookmarkMs === undefined ? undefined : performance.now() + bookmarkMs;
}

/** What a change is to one who sees but some of the objects: one that begins to match comes, one that ceases goes. */
function toEvent({ type, video, labelsBefore }: Change, filter: Filter): VideoEvent | undefined {
  const { namespace, name, labels = {} } = video.metadata;
  if (filter.namespace !== undefined && filter.namespace !== namespace) return undefined;
  if (filter.name !== undefined && filter.name !== name) return undefined;
  const matches = filter.labels ?? (() => true);
  const now = type !== 'DELETED' && matches(labels);
  const before = labelsBefore !== undefined && matches(labelsBefore);
  if (now) return { type: before ? 'MODIFIED' : 'ADDED', video };
  return before ? { type: 'DELETED', video } : undefined;
}
