import type { Clock } from '../../../common/clock.ts';
import type { Logger } from '../../../common/log.ts';
import { oneLine } from '../../../common/oneLine.ts';
import type { Notice } from '../../reconcile/decision.ts';
import type { KubeApi } from '../api/kubeApi.ts';
import { hashOf } from '../../specHashes.ts';
import { MANAGER } from '../job/labels.ts';
import type { LoomVideoObject } from '../objects.ts';
import { API_VERSION, eventsPath, KIND } from '../paths.ts';

/** The same words about the same video are told once in this time; milliseconds. */
const ONCE_IN_MS = 600_000;
/** Texts remembered for that, and Events that may wait to be sent; more are dropped. */
const MOST = 1000;

export interface AnnouncerOptions {
  readonly api: Pick<KubeApi, 'create'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Tells notices as Kubernetes Events, one after another, aside from the work: what cannot be told is only logged. */
export class Announcer {
  readonly #options: AnnouncerOptions;
  /** When each text was last told, oldest first. */
  readonly #told = new Map<string, number>();
  #backlog = 0;
  #sent: Promise<void> = Promise.resolve();

  constructor(options: AnnouncerOptions) {
    this.#options = options;
  }

  announce(object: LoomVideoObject, notices: readonly Notice[]): void {
    for (const notice of notices) {
      if (!this.#isNews(object, notice) || this.#backlog >= MOST) continue;
      this.#backlog++;
      this.#sent = this.#sent.then(() => this.#send(object, notice));
    }
  }

  /** Resolves when all that was announced so far is sent or given up. */
  idle(): Promise<void> {
    return this.#sent;
  }

  #isNews({ metadata }: LoomVideoObject, { reason, message }: Notice): boolean {
    const now = this.#options.clock.now().getTime();
    const text = hashOf([metadata.uid, reason, message]);
    const before = this.#told.get(text);
    if (before !== undefined && now - before < ONCE_IN_MS) return false;
    this.#told.delete(text);
    this.#told.set(text, now);
    const [oldest] = this.#told.keys();
    if (this.#told.size > MOST && oldest !== undefined) this.#told.delete(oldest);
    return true;
  }

  async #send({ metadata }: LoomVideoObject, { type, reason, message }: Notice): Promise<void> {
    const { api, clock, log, signal } = this.#options;
    const { name, namespace = '', uid, resourceVersion } = metadata;
    const now = clock.now().toISOString();
    try {
      await api.create(
        eventsPath(namespace),
        {
          apiVersion: 'v1',
          kind: 'Event',
          metadata: { namespace, name: `${cut(name)}.${hashOf([uid, reason, message, now])}` },
          involvedObject: { apiVersion: API_VERSION, kind: KIND, name, namespace, uid, resourceVersion },
          type,
          reason,
          message: oneLine(message, 1000),
          source: { component: MANAGER },
          reportingComponent: MANAGER,
          // RFC 3339 to the second: metav1.Time.
          firstTimestamp: now.replace(/\.\d+Z$/, 'Z'),
          lastTimestamp: now.replace(/\.\d+Z$/, 'Z'),
          count: 1,
        },
        signal,
      );
    } catch (error) {
      const why = oneLine(error instanceof Error ? error.message : String(error));
      log.warn({ video: `${namespace}/${name}`, reason }, `An Event could not be written: ${why}`);
    } finally {
      this.#backlog--;
    }
  }
}

/** Leaves room for the rest within a name's 253 characters. */
function cut(name: string): string {
  return name.slice(0, 230).replace(/[-.]+$/, '');
}
