import type { LoomVideo, VideoKey } from '../../resources/resource.ts';
import type { Change, ResourceStore } from '../../resources/resourceStore.ts';
import { comparePlaces, type Place } from './pageToken.ts';
import { phaseOf } from './summary.ts';

/** A video's place in the list and what lists are filtered by: some 300 bytes, where a whole video takes ten times that. */
interface Entry extends Place, VideoKey {
  readonly phase: string;
}

export interface IndexQuery {
  readonly namespace?: string;
  readonly phase?: string;
  /** The last of the page before. */
  readonly after?: Place;
  readonly limit: number;
}

export interface IndexPage {
  /** As they are now, newest first. */
  readonly videos: readonly LoomVideo[];
  /** Of the last, where more come after it. */
  readonly end?: Place;
  /** How many there are on all pages. */
  readonly total: number;
}

/** Videos read at once when the index is made. */
const SEED_PAGE = 500;
/** Videos kept as objects: the pages that everybody looks at. Some 3 kB each. */
const KEPT = 256;

/**
 * All videos of a store in the order of lists, kept up with its changes. A page costs the reading of its own videos,
 * however many there are; filtering costs a look at each entry (20,000: a millisecond).
 */
export class VideoIndex {
  readonly #videos: ResourceStore;
  readonly #unsubscribe: () => void;
  /** In the order of {@link comparePlaces}. */
  readonly #entries: Entry[] = [];
  readonly #byUid = new Map<string, Entry>();
  readonly #phases = new Map<string, number>();
  /** The videos that were read last, the latest at the end. */
  readonly #kept = new Map<string, LoomVideo>();

  /** Reads all videos: blocks for some 20 ms per 1,000. */
  constructor(videos: ResourceStore) {
    this.#videos = videos;
    this.#unsubscribe = videos.subscribe((change) => this.#follow(change));
    let next: string | undefined;
    do {
      const page = videos.list({ limit: SEED_PAGE, ...(next !== undefined && { continue: next }) });
      for (const video of page.items) this.#add(entryOf(video));
      next = page.continue;
    } while (next !== undefined);
    this.#entries.sort(comparePlaces);
  }

  get size(): number {
    return this.#entries.length;
  }

  /** How many videos are in each phase that there is. */
  get phases(): ReadonlyMap<string, number> {
    return this.#phases;
  }

  page({ namespace, phase, after, limit }: IndexQuery): IndexPage {
    const filtered = namespace !== undefined || phase !== undefined;
    const entries = filtered
      ? this.#entries.filter(
          (entry) =>
            (namespace === undefined || entry.namespace === namespace) &&
            (phase === undefined || entry.phase === phase),
        )
      : this.#entries;
    const start = after === undefined ? 0 : placeAfter(entries, after);
    const wanted = entries.slice(start, start + limit);
    const last = wanted.at(-1);
    return {
      videos: wanted.flatMap((entry) => this.#read(entry) ?? []),
      total: entries.length,
      ...(last && start + limit < entries.length && { end: last }),
    };
  }

  close(): void {
    this.#unsubscribe();
  }

  #read({ uid, namespace, name }: Entry): LoomVideo | undefined {
    const kept = this.#kept.get(uid) ?? this.#videos.get({ namespace, name });
    if (kept) this.#keep(kept);
    return kept;
  }

  #keep(video: LoomVideo): void {
    const { uid } = video.metadata;
    this.#kept.delete(uid);
    this.#kept.set(uid, video);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= KEPT) break;
      this.#kept.delete(oldest);
    }
  }

  #follow({ type, video }: Change): void {
    const { uid } = video.metadata;
    const before = this.#byUid.get(uid);
    if (type === 'DELETED') {
      this.#kept.delete(uid);
      if (before) this.#remove(before);
      return;
    }
    if (this.#kept.has(uid)) this.#keep(video);
    const entry = entryOf(video);
    if (before && before.phase === entry.phase) return;
    if (before) this.#replace(before, entry);
    else this.#insert(entry);
  }

  #add(entry: Entry): void {
    this.#entries.push(entry);
    this.#byUid.set(entry.uid, entry);
    this.#count(entry.phase, 1);
  }

  #insert(entry: Entry): void {
    this.#entries.splice(placeAfter(this.#entries, entry), 0, entry);
    this.#byUid.set(entry.uid, entry);
    this.#count(entry.phase, 1);
  }

  #replace(before: Entry, entry: Entry): void {
    this.#entries[placeAfter(this.#entries, before) - 1] = entry;
    this.#byUid.set(entry.uid, entry);
    this.#count(before.phase, -1);
    this.#count(entry.phase, 1);
  }

  #remove(entry: Entry): void {
    this.#entries.splice(placeAfter(this.#entries, entry) - 1, 1);
    this.#byUid.delete(entry.uid);
    this.#count(entry.phase, -1);
  }

  #count(phase: string, by: number): void {
    const count = (this.#phases.get(phase) ?? 0) + by;
    if (count === 0) this.#phases.delete(phase);
    else this.#phases.set(phase, count);
  }
}

function entryOf(video: LoomVideo): Entry {
  const { uid, namespace, name, creationTimestamp } = video.metadata;
  return { uid, namespace, name, createdAt: creationTimestamp, phase: phaseOf(video) };
}

/** How many entries come before or at this place. */
function placeAfter(entries: readonly Entry[], place: Place): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const entry = entries[middle];
    if (entry && comparePlaces(entry, place) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
