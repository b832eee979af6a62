import { isDeepStrictEqual } from 'node:util';
import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../../common/clock.ts';
import type { Logger } from '../../../common/log.ts';
import type { LoomVideoStatus } from '../../../crds/generated/loomvideo.ts';
import { toStoreError } from '../../../jobrunner/adapters/sqlite/storeError.ts';
import { inTransaction } from '../../../jobrunner/adapters/sqlite/transaction.ts';
import { ChangeFeed } from './changeFeed.ts';
import { ChangeLog, type LogBounds } from './changeLog.ts';
import type { Crd } from './crd.ts';
import { prepareStatements, type Statements } from './database/statements.ts';
import { DecodingError } from './decodingError.ts';
import { ResourceFailure } from './failure.ts';
import { alreadyExists, badRequest, conflict, expired, invalid, notFound } from './failures.ts';
import { generatedName } from './metadata/generatedName.ts';
import { mergePatch } from './mergePatch.ts';
import { formatContinue, parseContinue } from './pageToken.ts';
import type { LoomVideo, VideoKey } from './resource.ts';
import type {
  Change,
  DeleteOptions,
  Deletion,
  ListQuery,
  ResourceStore,
  VideoEvent,
  VideoPage,
  WatchQuery,
  WriteOptions,
} from './resourceStore.ts';
import {
  beingDeleted,
  changedVideo,
  checkAddress,
  decode,
  keyOf,
  newVideo,
  withStatus,
  type Decoded,
} from './strategy.ts';
import { watchChanges } from './watchChanges.ts';

export interface StoreParts {
  readonly db: DatabaseSync;
  readonly file: string;
  readonly crd: Crd;
  readonly clock: Clock;
  readonly log: Logger;
  readonly bounds: LogBounds;
  readonly newUid: () => string;
}

/** Attempts at a generated name that is free, as kube-apiserver's. */
const NAME_ATTEMPTS = 8;

/** Which half of an object a write is about. */
type Part = 'main' | 'status';

/** LoomVideos in one SQLite file. See {@link ResourceStore} for what it promises. */
export class SqliteResourceStore implements ResourceStore {
  readonly crd: Crd;
  readonly #parts: StoreParts;
  readonly #log: ChangeLog;
  readonly #sql: Statements;
  readonly #feed: ChangeFeed;
  readonly #closed = new AbortController();
  #version: number;
  /** Changes of the transaction that runs. */
  #pending: { readonly change: Change; readonly size: number }[] = [];
  /** Of the transaction that runs. */
  #dryRun = false;

  constructor(parts: StoreParts) {
    this.crd = parts.crd;
    this.#parts = parts;
    this.#feed = new ChangeFeed(parts.log);
    this.#sql = prepareStatements(parts.db);
    this.#log = new ChangeLog(parts.db, parts.bounds);
    this.#version = Number(this.#sql.version.get()?.['version']);
  }

  get version(): number {
    return this.#version;
  }

  create(namespace: string, manifest: unknown, options: WriteOptions = {}): LoomVideo {
    const decoded = this.#decode(manifest, options, (fault) => badRequest(this.#unreadable(fault)));
    checkAddress({ namespace }, decoded.metadata);
    const { name, generateName, resourceVersion } = decoded.metadata;
    if (resourceVersion !== undefined)
      throw badRequest('resourceVersion should not be set on objects to be created');
    return this.#transact(options, () => {
      for (let attempt = 1; ; attempt++) {
        const tried = name ?? (generateName === undefined ? undefined : generatedName(generateName));
        const video = newVideo(this.crd, decoded, {
          name: tried,
          namespace,
          uid: this.#parts.newUid(),
          now: this.#parts.clock.now(),
        });
        if (this.get(keyOf(video)) === undefined) return this.#save('ADDED', video, undefined);
        if (name !== undefined || attempt === NAME_ATTEMPTS)
          throw alreadyExists(this.crd, video.metadata.name);
      }
    });
  }

  get({ namespace, name }: VideoKey): LoomVideo | undefined {
    return this.#guard(() => {
      const row = this.#sql.get.get(namespace, name);
      return row && toVideo(row['object']);
    });
  }

  list(query: ListQuery = {}): VideoPage {
    return this.#page(query, toVideo);
  }

  listJson(query: ListQuery = {}): VideoPage<string> {
    return this.#page(query, (text) => text);
  }

  namespaces(): readonly string[] {
    return this.#guard(() => this.#sql.namespaces.all().map(({ namespace }) => String(namespace)));
  }

  replace(key: VideoKey, manifest: unknown, options: WriteOptions = {}): LoomVideo {
    return this.#replace(key, 'main', manifest, options);
  }

  replaceStatus(key: VideoKey, manifest: unknown, options: WriteOptions = {}): LoomVideo {
    return this.#replace(key, 'status', manifest, options);
  }

  patch(key: VideoKey, patch: unknown, options: WriteOptions = {}): LoomVideo {
    return this.#patch(key, 'main', patch, options);
  }

  patchStatus(key: VideoKey, patch: unknown, options: WriteOptions = {}): LoomVideo {
    return this.#patch(key, 'status', patch, options);
  }

  setStatus(key: VideoKey, uid: string, status: LoomVideoStatus): LoomVideo | undefined {
    return this.#transact({}, () => {
      const current = this.get(key);
      if (current?.metadata.uid !== uid) return undefined;
      return this.#save(
        'MODIFIED',
        withStatus(this.crd, current, this.#decode({ ...current, status }, {}, badRequest)),
        current,
      );
    });
  }

  setFinalizers(key: VideoKey, uid: string, finalizers: readonly string[]): LoomVideo | undefined {
    return this.#transact({}, () => {
      const current = this.get(key);
      if (current?.metadata.uid !== uid) return undefined;
      const manifest = { ...current, metadata: { ...current.metadata, finalizers } };
      return this.#save(
        'MODIFIED',
        changedVideo(this.crd, current, this.#decode(manifest, {}, badRequest)),
        current,
      );
    });
  }

  delete(key: VideoKey, options: DeleteOptions = {}): Deletion {
    const { crd } = this;
    return this.#transact(options, () => {
      const current = this.#existing(key);
      const { uid, resourceVersion, finalizers = [], deletionTimestamp } = current.metadata;
      if (options.uid !== undefined && options.uid !== uid)
        throw conflict(
          crd,
          key.name,
          `the UID in the precondition (${options.uid}) does not match the UID in record (${uid}). The object might have been deleted and then recreated`,
        );
      if (options.resourceVersion !== undefined && options.resourceVersion !== resourceVersion)
        throw conflict(
          crd,
          key.name,
          `the ResourceVersion in the precondition (${options.resourceVersion}) does not match the ResourceVersion in record (${resourceVersion}). The object might have been modified`,
        );
      if (finalizers.length === 0) return { video: this.#save('DELETED', current, current), gone: true };
      if (deletionTimestamp !== undefined) return { video: current, gone: false };
      return {
        video: this.#save('MODIFIED', beingDeleted(current, this.#parts.clock.now()), current),
        gone: false,
      };
    });
  }

  watch(query: WatchQuery, signal: AbortSignal): AsyncIterable<VideoEvent> {
    const source = {
      version: () => this.#version,
      page: (after: string | undefined) =>
        this.list({ ...query, limit: 100, ...(after !== undefined && { continue: after }) }),
      after: (version: number, limit: number) =>
        this.#guard(() => this.#log.after(version, this.#version, limit)),
      changed: (timeoutMs: number | undefined, until: AbortSignal) => this.#feed.next(timeoutMs, until),
    };
    return watchChanges(source, query, AbortSignal.any([signal, this.#closed.signal]));
  }

  subscribe(listener: (change: Change) => void): () => void {
    return this.#feed.subscribe(listener);
  }

  /** Ends the watches; the file is closed by whoever opened it. */
  close(): void {
    this.#closed.abort();
    this.#feed.clear();
  }

  #replace(key: VideoKey, part: Part, manifest: unknown, options: WriteOptions): LoomVideo {
    const decoded = this.#decode(manifest, options, (fault) => badRequest(this.#unreadable(fault)));
    checkAddress(key, decoded.metadata);
    return this.#transact(options, () => {
      const current = this.#existing(key);
      if (decoded.metadata.resourceVersion === undefined)
        throw invalid(this.crd.plural, this.crd.group, key.name, [
          {
            reason: 'FieldValueInvalid',
            message: 'Invalid value: 0: must be specified for an update',
            field: 'metadata.resourceVersion',
          },
        ]);
      return this.#save('MODIFIED', this.#apply(part, current, decoded), current);
    });
  }

  #patch(key: VideoKey, part: Part, patch: unknown, options: WriteOptions): LoomVideo {
    return this.#transact(options, () => {
      const current = this.#existing(key);
      const patched = mergePatch(current, patch);
      const decoded = this.#decode(patched, options, (fault) =>
        invalid('', '', '', [
          {
            reason: 'FieldValueInvalid',
            message: `Invalid value: ${JSON.stringify(JSON.stringify(patched))}: ${fault}`,
            field: 'patch',
          },
        ]),
      );
      checkAddress(key, decoded.metadata);
      return this.#save('MODIFIED', this.#apply(part, current, decoded), current);
    });
  }

  #apply(part: Part, current: LoomVideo, decoded: Decoded): LoomVideo {
    return part === 'main'
      ? changedVideo(this.crd, current, decoded)
      : withStatus(this.crd, current, decoded);
  }

  /** `refusal` words what cannot be read, or is refused under strict validation. */
  #decode(manifest: unknown, options: WriteOptions, refusal: (fault: string) => ResourceFailure): Decoded {
    try {
      const decoded = decode(this.crd, manifest);
      const faults = [...(options.decodingFaults ?? []), ...decoded.unknown];
      if (options.fieldValidation === 'Strict' && faults.length > 0)
        throw refusal(`strict decoding error: ${faults.join(', ')}`);
      if (options.fieldValidation !== 'Ignore') for (const fault of faults) options.onWarning?.(fault);
      return decoded;
    } catch (error) {
      throw error instanceof DecodingError ? refusal(error.message) : error;
    }
  }

  #unreadable(fault: string): string {
    const { kind, version } = this.crd;
    return `${kind} in version "${version}" cannot be handled as a ${kind}: ${fault}`;
  }

  #existing(key: VideoKey): LoomVideo {
    const current = this.get(key);
    if (!current) throw notFound(this.crd, key.name);
    return current;
  }

  /** Writes within a transaction and gives the object with its new version; what changes nothing is not written. */
  #save(type: Change['type'], next: LoomVideo, current: LoomVideo | undefined): LoomVideo {
    if (type === 'MODIFIED' && isDeepStrictEqual(next, current)) return next;
    const { deletionTimestamp, finalizers = [] } = next.metadata;
    const gone = type === 'DELETED' || (deletionTimestamp !== undefined && finalizers.length === 0);
    const version = this.#version + this.#pending.length + 1;
    // What is not stored keeps the version it has; what is new has none.
    const resourceVersion = this.#dryRun ? next.metadata.resourceVersion : String(version);
    const video = { ...next, metadata: { ...next.metadata, resourceVersion } };
    const text = JSON.stringify(video);
    const { namespace, name } = video.metadata;
    if (gone) this.#sql.remove.run(namespace, name);
    else this.#sql.put.run(namespace, name, text);
    const change: Change = {
      version,
      type: gone ? 'DELETED' : type,
      video,
      labelsBefore: current && (current.metadata.labels ?? {}),
    };
    this.#log.write(change, text, this.#parts.clock.now());
    this.#sql.setVersion.run(version);
    this.#pending.push({ change, size: text.length });
    return video;
  }

  #transact<T>({ dryRun = false }: { dryRun?: boolean }, work: () => T): T {
    this.#pending = [];
    this.#dryRun = dryRun;
    const result = this.#guard(() => {
      try {
        return inTransaction(this.#parts.db, () => {
          const value = work();
          if (dryRun) throw new DryRun(value);
          return value;
        });
      } catch (error) {
        // oxlint-disable-next-line no-unsafe-type-assertion -- thrown five lines above
        if (error instanceof DryRun) return error.value as T;
        throw error;
      }
    });
    if (!dryRun) this.#publish(this.#pending);
    return result;
  }

  #publish(changes: readonly { readonly change: Change; readonly size: number }[]): void {
    if (changes.length === 0) return;
    for (const { change, size } of changes) {
      this.#version = change.version;
      this.#log.committed(change, size);
    }
    this.#feed.publish(changes.map(({ change }) => change));
  }

  /** `read` makes an item of an object's JSON. */
  #page<T>(query: ListQuery, read: (text: string) => T): VideoPage<T> {
    const { namespace, name, labels, limit, continue: token } = query;
    const from = token === undefined ? undefined : parseContinue(token);
    // The pages before were of this version: whoever watches from it has to hear what changed meanwhile.
    const version = from?.version ?? this.#version;
    if (from) this.#checkContinue(from.version);
    return this.#guard(() => {
      const bounds = [namespace ?? null, name ?? null, from?.namespace ?? '', from?.name ?? ''] as const;
      const page = { items: [] as T[], resourceVersion: String(version) };
      let last: VideoKey | undefined;
      for (const row of this.#sql.list.iterate(...bounds)) {
        const text = String(row['object']);
        if (labels && !labels(toVideo(text).metadata.labels ?? {})) continue;
        if (last && page.items.length === limit) {
          const remaining = Number(this.#sql.count.get(...bounds)?.['n']) - page.items.length;
          const next = formatContinue({ ...last, version });
          return { ...page, continue: next, ...(!labels && { remaining }) };
        }
        page.items.push(read(text));
        last = { namespace: String(row['namespace']), name: String(row['name']) };
      }
      return page;
    });
  }

  #checkContinue(version: number): void {
    try {
      this.#log.check(version);
    } catch (error) {
      if (!(error instanceof ResourceFailure)) throw error;
      throw expired(
        'The provided continue parameter is too old to display a consistent list result. You must start a new list without the continue parameter.',
      );
    }
  }

  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (error instanceof ResourceFailure) throw error;
      throw toStoreError(error, this.#parts.file);
    }
  }
}

/** Undoes the transaction of a dry run and carries out what it would have given. */
class DryRun extends Error {
  readonly value: unknown;

  constructor(value: unknown) {
    super('dry run');
    this.value = value;
  }
}

function toVideo(object: unknown): LoomVideo {
  // oxlint-disable-next-line no-unsafe-type-assertion -- `save` wrote it
  return JSON.parse(String(object)) as LoomVideo;
}
