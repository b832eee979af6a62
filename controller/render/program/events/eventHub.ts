import type { ServerResponse } from 'node:http';
import { ResourceFailure } from '../../resources/failure.ts';
import type { VideoKey } from '../../resources/resource.ts';
import type { ResourceStore } from '../../resources/resourceStore.ts';
import { textOf, type ProgressBoard, type VideoProgress } from '../../runtime/progress.ts';
import { beatOf, changeEncoder, HELLO, progressOf, resetOf } from './encodeEvents.ts';
import { EventStream } from './eventStream.ts';
import { ProgressFeed } from './progressFeed.ts';

export interface EventHubOptions {
  readonly videos: ResourceStore;
  readonly board: ProgressBoard;
  /** Milliseconds between signs of life; 15,000 unless told. */
  readonly beatMs?: number;
  /** Clients at once; 250 unless told: each costs some 30 kB and a connection. */
  readonly maxStreams?: number;
}

export interface Subscription {
  /** Tells what came after this version; undefined: after now. Not a number: the client's place is unknown. */
  readonly after: number | undefined;
  readonly namespace?: string;
}

interface Client {
  readonly stream: EventStream;
  readonly ended: AbortController;
  readonly namespace: string | undefined;
  /** How far it is. */
  version: number;
}

/**
 * The clients of `/api/events`. Changes are read from the store's log by each at its own pace, progress is told to all as
 * it comes: a slow client costs what lies in its socket and no more.
 */
export class EventHub {
  readonly #videos: ResourceStore;
  readonly #clients = new Set<Client>();
  readonly #maxStreams: number;
  readonly #encode: ReturnType<typeof changeEncoder>;
  readonly #progress: ProgressFeed;
  readonly #beatMs: number;
  readonly #beat: NodeJS.Timeout;
  #closed = false;

  constructor({ videos, board, beatMs = 15_000, maxStreams = 250 }: EventHubOptions) {
    this.#videos = videos;
    this.#maxStreams = maxStreams;
    this.#beatMs = beatMs;
    this.#encode = changeEncoder((key) => board.of(key));
    this.#progress = new ProgressFeed(board, (video, progress) => this.#tellProgress(video, progress));
    this.#beat = setInterval(() => {
      for (const { stream, version } of this.#clients) stream.beat(beatOf(version));
    }, beatMs).unref();
  }

  /** Clients now. */
  get size(): number {
    return this.#clients.size;
  }

  get isFull(): boolean {
    return this.#closed || this.#clients.size >= this.#maxStreams;
  }

  /** Sends events, the headers being sent, until the client goes or the hub is closed. */
  async serve(raw: ServerResponse, { after, namespace }: Subscription): Promise<void> {
    const ended = new AbortController();
    const stream = new EventStream(raw, {
      signal: ended.signal,
      onStalled: () => ended.abort(),
    });
    const client: Client = { stream, ended, namespace, version: after ?? this.#videos.version };
    raw.once('close', () => ended.abort());
    this.#clients.add(client);
    try {
      await stream.send(HELLO);
      await this.#follow(client);
    } finally {
      this.#clients.delete(client);
      stream.end();
    }
  }

  /** Ends all streams. */
  close(): void {
    this.#closed = true;
    clearInterval(this.#beat);
    this.#progress.close();
    for (const { ended } of this.#clients) ended.abort();
  }

  async #follow(client: Client): Promise<void> {
    const { stream, ended, namespace } = client;
    for (;;)
      try {
        // Ends with the client, or with the store.
        await this.#sendChanges(client, namespace);
        return;
      } catch (error) {
        if (ended.signal.aborted) return;
        // The log forgot what it missed, or never had it: the client lists again, and goes on from now.
        if (!(error instanceof ResourceFailure)) throw error;
        client.version = this.#videos.version;
        await stream.send(resetOf(client.version));
      }
  }

  async #sendChanges(client: Client, namespace: string | undefined): Promise<void> {
    const { stream, ended } = client;
    const query = {
      after: client.version,
      // Of changes elsewhere it hears nothing, but how far they are: so far it need not look again.
      ...(namespace !== undefined && { namespace, bookmarkMs: this.#beatMs }),
    };
    for await (const event of this.#videos.watch(query, ended.signal)) {
      if (event.type === 'BOOKMARK') client.version = event.version;
      else {
        client.version = Number(event.video.metadata.resourceVersion);
        await stream.send(this.#encode(event));
      }
    }
  }

  #tellProgress(video: VideoKey, progress: VideoProgress | undefined): void {
    if (this.#clients.size === 0) return;
    const text = progressOf(video, this.#videos.get(video)?.metadata.uid, progress);
    for (const { stream, namespace } of this.#clients)
      if (namespace === undefined || namespace === video.namespace) stream.tell(textOf(video), text);
  }
}
