import { createHash } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../../../common/clock.ts';
import type { Logger } from '../../../common/log.ts';
import { oneLine } from '../../../common/oneLine.ts';
import { ResourceFailure } from '../resources/failure.ts';
import type { LoomVideo, VideoKey } from '../resources/resource.ts';
import type { ResourceStore } from '../resources/resourceStore.ts';
import { applyManifest, judgeOf } from './applyManifest.ts';
import { findFiles, wordsOf, type Listing } from './findFiles.ts';
import { fileOf, MANAGED_BY } from './marks.ts';
import { parseManifests, type Manifest, type ParsedFile } from './parseManifests.ts';
import { readManifest } from './readManifest.ts';
import type { ManifestFault, ManifestsStatus } from './status.ts';

/** For so long a manifest has to be gone before its video is pruned: checkouts take files away and bring them back. */
export const PRUNE_AFTER_MS = 10_000;
/** Of all files together, in characters. */
const MAX_TEXT = 16 * 1024 * 1024;

export interface FolderOptions {
  readonly folder: string;
  readonly videos: ResourceStore;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What a pass found. */
export interface Passed {
  readonly status: ManifestsStatus;
  /** To watch until the next; undefined: the folder could not be read. */
  readonly folders: readonly string[] | undefined;
  /** Something is to be looked at again soon: a file that may be half written, a manifest that may come back. */
  readonly isUnsettled: boolean;
}

/** A file as it is now. */
interface ReadFile {
  readonly file: string;
  readonly text: string;
  /** Of the text; empty where it could not be read. */
  readonly hash: string;
  readonly parsed: ParsedFile;
  readonly faults: ManifestFault[];
}

/** Looks through the folder again and again; what is known of a file is kept while its text is the same. */
export class Folder {
  readonly #options: FolderOptions;
  #known = new Map<string, ReadFile>();
  #status: ManifestsStatus;
  /** Since when what has our mark has had no manifest; by uid. */
  #missing = new Map<string, number>();
  /** Faults that were logged, so that each is told once. */
  #told = new Set<string>();
  /** `namespace/name` of all that has a manifest. */
  #named: ReadonlySet<string> = new Set();

  constructor(options: FolderOptions) {
    this.#options = options;
    this.#status = { folder: options.folder, files: [] };
  }

  /** Whether the folder declares it. */
  declares(key: VideoKey): boolean {
    return this.#named.has(nameOf(key));
  }

  /** Applies what is there and prunes what is gone. Stops between two objects when the signal is aborted. */
  async pass(signal: AbortSignal): Promise<Passed> {
    const { folder } = this.#options;
    let listing: Listing;
    try {
      listing = await findFiles(folder);
    } catch (error) {
      return this.#unreadable(`The folder cannot be read: ${wordsOf(error)}`);
    }
    const { files, skipped } = await this.#read(listing, signal);
    if (signal.aborted) return { status: this.#status, folders: undefined, isUnsettled: false };
    const once = this.#withoutDoubles(files);
    for (const { file, manifest } of once) {
      if (signal.aborted) break;
      this.#apply(file, manifest);
      // Each is a write to the disk: others have their turn in between.
      await turn();
    }
    this.#named = new Set(files.flatMap(({ parsed }) => parsed.named.map(nameOf)));
    const held = signal.aborted ? 'stopping' : (listing.incomplete ?? skipped ?? this.#emptiness(listing));
    const isPruningDue = held === undefined && this.#prune(files, listing);
    const message = held === 'stopping' ? undefined : held;
    const refused = listing.refused.map(({ file, message: why }) => ({
      file,
      documents: 0,
      errors: [{ message: why }],
    }));
    this.#status = {
      folder,
      ...(message !== undefined && { message }),
      files: [
        ...files.map(({ file, parsed, faults }) => ({ file, documents: parsed.documents, errors: faults })),
        ...refused,
      ].sort((a, b) => (a.file < b.file ? -1 : 1)),
    };
    this.#tell();
    const isBroken = listing.refused.length > 0 || files.some(({ parsed }) => !parsed.isReadable);
    return { status: this.#status, folders: listing.folders, isUnsettled: isPruningDue || isBroken };
  }

  #unreadable(message: string): Passed {
    this.#status = { ...this.#status, message };
    this.#missing.clear();
    this.#tell();
    return { status: this.#status, folders: undefined, isUnsettled: true };
  }

  /** `skipped`: why not all was read. */
  async #read(
    listing: Listing,
    signal: AbortSignal,
  ): Promise<{ files: ReadFile[]; skipped: string | undefined }> {
    const { videos } = this.#options;
    const judge = judgeOf(videos);
    const files: ReadFile[] = [];
    let skipped: string | undefined;
    let length = 0;
    for (const { file, path } of listing.files) {
      if (signal.aborted) break;
      let text = '';
      let parsed: ParsedFile | undefined;
      try {
        text = await readManifest(path);
        length += text.length;
      } catch (error) {
        parsed = notRead(wordsOf(error));
      }
      if (length > MAX_TEXT) {
        skipped = `The manifests have more than ${MAX_TEXT} characters together.`;
        break;
      }
      const hash = parsed ? '' : createHash('sha256').update(text).digest('base64');
      const known = this.#known.get(file);
      parsed ??= known?.hash === hash ? known.parsed : undefined;
      parsed ??= await parseManifests(text, videos.crd, judge);
      files.push({ file, text, hash, parsed, faults: [...parsed.faults] });
      await turn();
    }
    this.#known = new Map(files.map((one) => [one.file, one]));
    return { files, skipped };
  }

  /** What stands in one place only; the others are told of each other. */
  #withoutDoubles(files: readonly ReadFile[]): { file: ReadFile; manifest: Manifest }[] {
    const all = files.flatMap((file) => file.parsed.manifests.map((manifest) => ({ file, manifest })));
    const byName = Map.groupBy(all, ({ manifest }) => nameOf(manifest.key));
    return all.filter(({ file, manifest }) => {
      const object = nameOf(manifest.key);
      const others = (byName.get(object) ?? []).filter((one) => one.manifest !== manifest);
      if (others.length === 0) return true;
      const places = others.map(
        ({ file: { file: name }, manifest: { document, line } }) =>
          `${name}, document ${document} (line ${line})`,
      );
      const { document, line } = manifest;
      file.faults.push({
        document,
        line,
        object,
        message: `LoomVideo ${object} is declared more than once, also in ${places.join(' and ')}: neither is applied.`,
      });
      return false;
    });
  }

  #apply({ file, faults }: ReadFile, manifest: Manifest): void {
    const { videos, log } = this.#options;
    const { key, document, line } = manifest;
    const object = nameOf(key);
    try {
      const applied = applyManifest(videos, manifest, file);
      if (applied === 'unchanged' || applied === 'leaving') return;
      const whose = applied === 'adopted' ? ': it had been made by somebody else' : '';
      log.info(
        { video: object, manifest: file },
        `Manifest ${oneLine(file)}: LoomVideo ${object} ${applied}${whose}`,
      );
    } catch (error) {
      // What the disk refuses is for the next pass.
      if (!(error instanceof ResourceFailure))
        log.error({ err: error, video: object }, 'A manifest could not be applied');
      faults.push({ document, line, object, message: wordsOf(error) });
    }
  }

  /** Whatever empties a folder, a mount that failed as well as a commit, looks alike: nothing is pruned for it. */
  #emptiness({ files, refused }: Listing): string | undefined {
    if (files.length > 0 || refused.length > 0) return undefined;
    return this.#marked().length === 0
      ? undefined
      : 'There is no manifest in it: what it once applied is kept. To prune the last too, leave a manifest that holds a comment and nothing else, or delete them by hand.';
  }

  /** Whether something is to be pruned soon. */
  #prune(files: readonly ReadFile[], { refused }: Listing): boolean {
    const { videos, clock, log } = this.#options;
    const unclear = new Map(refused.map(({ file }) => [file, '']));
    for (const { file, text, parsed } of files) if (!parsed.isReadable) unclear.set(file, text);
    const now = clock.now().getTime();
    const missing = new Map<string, number>();
    for (const { metadata } of this.#marked().filter((video) => !this.#isKept(video, unclear))) {
      const since = this.#missing.get(metadata.uid) ?? now;
      if (now - since < PRUNE_AFTER_MS) missing.set(metadata.uid, since);
      else {
        const { namespace, name, uid } = metadata;
        videos.delete({ namespace, name }, { uid });
        const video = nameOf(metadata);
        log.info({ video }, `LoomVideo ${video} pruned: its manifest is gone`);
      }
    }
    this.#missing = missing;
    return missing.size > 0;
  }

  /** `unclear`: the texts of files of which nobody knows what they declare. */
  #isKept(video: LoomVideo, unclear: ReadonlyMap<string, string>): boolean {
    const { metadata } = video;
    if (this.#named.has(nameOf(metadata)) || metadata.deletionTimestamp !== undefined) return true;
    const file = fileOf(video);
    if (file !== undefined && unclear.has(file)) return true;
    return [...unclear.values()].some((text) => text.includes(metadata.name));
  }

  #marked(): readonly LoomVideo[] {
    const { videos } = this.#options;
    return videos.list({ labels: (labels) => labels[MANAGED_BY.label] === MANAGED_BY.value }).items;
  }

  #tell(): void {
    const { folder, message, files } = this.#status;
    const told = new Set<string>();
    const tell = (text: string): void => {
      if (!this.#told.has(text)) this.#options.log.warn(text);
      told.add(text);
    };
    if (message !== undefined) tell(`Manifests in ${oneLine(folder)}: ${oneLine(message, 500)}`);
    for (const { file, errors } of files)
      for (const { document, line, message: why } of errors) {
        const where = document === undefined ? '' : `, document ${document}`;
        const at = line === undefined ? '' : ` (line ${line})`;
        tell(`Manifest ${oneLine(file)}${where}${at}: ${oneLine(why, 1000)}`);
      }
    this.#told = told;
  }
}

function notRead(message: string): ParsedFile {
  return { documents: 0, manifests: [], named: [], faults: [{ message }], isReadable: false };
}

function nameOf({ namespace, name }: VideoKey): string {
  return `${namespace}/${name}`;
}
