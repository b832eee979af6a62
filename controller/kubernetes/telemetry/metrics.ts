import type * as prom from 'prom-client';
import { ApiError, type KubeApi } from '../api/kubeApi.ts';
import type { ReflectorObserver } from '../cache/reflector.ts';
import type { QueueObserver } from '../queue/workQueue.ts';
import { Counter, Gauge, Histogram, Registry } from '../../telemetry/promClient.ts';
import { StageMetrics, type StageEnding } from '../../telemetry/stageMetrics.ts';

/** A purge that is not done after so long is one that somebody should look at, seconds; as the condition says. */
export const PURGE_OVERDUE_SECONDS = 3600;

/** What is read at the moment of a scrape. */
export interface Gauges {
  /** How many videos there are in each phase. */
  phases(): ReadonlyMap<string, number>;
  purgesOverdue(): number;
  queueDepth(): number;
  queueDelayed(): number;
  placesTaken(): number;
  longestRunningSeconds(): number;
  /** Seconds since the apiserver was heard, by resource. */
  watchAges(): ReadonlyMap<string, number>;
}

/** The controller's metrics, named as controller-runtime and client-go name theirs where they have such. */
export class Metrics {
  readonly registry = new Registry();
  readonly #stages = new StageMetrics(this.registry);
  readonly #reconciles: prom.Counter<'controller' | 'result'>;
  readonly #reconcileTime: prom.Histogram<'controller'>;
  readonly #requests: prom.Counter<'code' | 'method'>;
  readonly #adds: prom.Counter<'name'>;
  readonly #retries: prom.Counter<'name'>;
  readonly #waited: prom.Histogram<'name'>;
  readonly #worked: prom.Histogram<'name'>;
  readonly #leading: prom.Gauge<'name'>;
  readonly #lists: prom.Counter<'resource'>;
  readonly #reconnects: prom.Counter<'resource' | 'cause'>;
  readonly #events: prom.Counter<'resource'>;

  constructor() {
    const registers = [this.registry];
    // As controller-runtime's and client-go's.
    const work = [0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
    this.#reconciles = new Counter({
      name: 'controller_runtime_reconcile_total',
      help: 'Reconciliations by their result.',
      labelNames: ['controller', 'result'],
      registers,
    });
    this.#reconcileTime = new Histogram({
      name: 'controller_runtime_reconcile_time_seconds',
      help: 'Time of one reconciliation.',
      labelNames: ['controller'],
      buckets: work,
      registers,
    });
    this.#requests = new Counter({
      name: 'rest_client_requests_total',
      help: 'Requests to the apiserver by status code (0: no answer) and method.',
      labelNames: ['code', 'method'],
      registers,
    });
    this.#adds = new Counter({
      name: 'workqueue_adds_total',
      help: 'Keys that joined the queue.',
      labelNames: ['name'],
      registers,
    });
    this.#retries = new Counter({
      name: 'workqueue_retries_total',
      help: 'Keys tried again after a failure.',
      labelNames: ['name'],
      registers,
    });
    this.#waited = new Histogram({
      name: 'workqueue_queue_duration_seconds',
      help: 'Time a key waits for a worker.',
      labelNames: ['name'],
      buckets: work,
      registers,
    });
    this.#worked = new Histogram({
      name: 'workqueue_work_duration_seconds',
      help: 'Time a worker spends on a key.',
      labelNames: ['name'],
      buckets: work,
      registers,
    });
    this.#leading = new Gauge({
      name: 'leader_election_master_status',
      help: '1 while this replica leads.',
      labelNames: ['name'],
      registers,
    });
    this.#lists = new Counter({
      name: 'loomvideo_watch_lists_total',
      help: 'Times that all objects were listed, the first included.',
      labelNames: ['resource'],
      registers,
    });
    this.#reconnects = new Counter({
      name: 'loomvideo_watch_reconnects_total',
      help: 'Watches begun again, by why: cut, expired, silent, error, ended (in time).',
      labelNames: ['resource', 'cause'],
      registers,
    });
    this.#events = new Counter({
      name: 'loomvideo_watch_events_total',
      help: 'Changes that the watches brought.',
      labelNames: ['resource'],
      registers,
    });
  }

  reconciled(result: 'success' | 'error' | 'requeue_after', seconds: number): void {
    this.#reconciles.inc({ controller: CONTROLLER, result });
    this.#reconcileTime.observe({ controller: CONTROLLER }, seconds);
  }

  stageEnded(ending: StageEnding): void {
    this.#stages.ended(ending);
  }

  leading(leads: boolean): void {
    this.#leading.set({ name: CONTROLLER }, leads ? 1 : 0);
  }

  get queueObserver(): QueueObserver {
    const name = CONTROLLER;
    return {
      added: () => this.#adds.inc({ name }),
      taken: (seconds) => this.#waited.observe({ name }, seconds),
      finished: (seconds) => this.#worked.observe({ name }, seconds),
      retried: () => this.#retries.inc({ name }),
    };
  }

  /** Of the watches of one resource, in whatever namespaces. */
  reflectorObserver(resource: string): ReflectorObserver {
    return {
      relisted: () => this.#lists.inc({ resource }),
      reconnected: (cause) => this.#reconnects.inc({ resource, cause }),
      event: () => this.#events.inc({ resource }),
    };
  }

  /** Counts an API's requests; a watch when it begins or breaks. */
  counted(api: KubeApi): KubeApi {
    const count = async <T>(method: string, success: number, call: Promise<T>): Promise<T> => {
      try {
        const answer = await call;
        this.#requests.inc({ method, code: String(success) });
        return answer;
      } catch (error) {
        this.#requests.inc({ method, code: String(error instanceof ApiError ? error.status : 0) });
        throw error;
      }
    };
    const requests = this.#requests;
    return {
      get: (path, signal) => count('GET', 200, api.get(path, signal)),
      list: (path, query, signal) => count('GET', 200, api.list(path, query, signal)),
      create: (path, body, signal) => count('POST', 201, api.create(path, body, signal)),
      apply: (path, body, options, signal) => count('PATCH', 200, api.apply(path, body, options, signal)),
      mergePatch: (path, body, signal) => count('PATCH', 200, api.mergePatch(path, body, signal)),
      replace: (path, body, signal) => count('PUT', 200, api.replace(path, body, signal)),
      delete: (path, options, signal) => count('DELETE', 200, api.delete(path, options, signal)),
      async *watch(path, query, signal) {
        try {
          yield* api.watch(path, query, signal);
          requests.inc({ method: 'WATCH', code: '200' });
        } catch (error) {
          if (!signal.aborted)
            requests.inc({ method: 'WATCH', code: String(error instanceof ApiError ? error.status : 0) });
          throw error;
        }
      },
    };
  }

  /** Adds the values that are read at each scrape. */
  read(gauges: Gauges): void {
    const registers = [this.registry];
    const number = (
      name: string,
      help: string,
      labels: Record<string, string>,
      value: () => number,
    ): void => {
      const gauge: prom.Gauge = new Gauge({
        name,
        help,
        labelNames: Object.keys(labels),
        registers,
        collect: () => gauge.set(labels, value()),
      });
    };
    const table = (
      name: string,
      help: string,
      label: string,
      values: () => ReadonlyMap<string, number>,
    ): void => {
      const gauge: prom.Gauge = new Gauge({
        name,
        help,
        labelNames: [label],
        registers,
        collect() {
          gauge.reset();
          for (const [key, value] of values()) gauge.set({ [label]: key }, value);
        },
      });
    };
    const queue = { name: CONTROLLER };
    number('workqueue_depth', 'Keys that wait for a worker.', queue, () => gauges.queueDepth());
    number('workqueue_delayed', 'Keys that are added later.', queue, () => gauges.queueDelayed());
    number('workqueue_longest_running_processor_seconds', 'Age of the oldest work under way.', queue, () =>
      gauges.longestRunningSeconds(),
    );
    number('loomvideo_places_taken', 'Attempts that hold a place.', {}, () => gauges.placesTaken());
    number('loomvideo_purges_overdue', 'Deleted videos whose purge is not done after an hour.', {}, () =>
      gauges.purgesOverdue(),
    );
    table('loomvideo_videos', 'LoomVideos by phase.', 'phase', () => gauges.phases());
    table('loomvideo_watch_age_seconds', 'Time since the apiserver was heard.', 'resource', () =>
      gauges.watchAges(),
    );
  }
}

const CONTROLLER = 'loomvideo';
