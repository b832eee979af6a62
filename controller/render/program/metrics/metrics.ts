import { monitorEventLoopDelay } from 'node:perf_hooks';
import type * as prom from 'prom-client';
import type { MemorySource } from '../../../../common/memory/source.ts';
import { Gauge, Histogram, Registry } from '../../../telemetry/promClient.ts';
import { StageMetrics, type StageEnding } from '../../../telemetry/stageMetrics.ts';

/** What is read at the moment of a scrape. */
export interface Gauges {
  readonly memory: MemorySource;
  /** How many videos there are in each phase. */
  readonly phases: () => ReadonlyMap<string, number>;
  readonly eventStreams: () => number;
}

/** Between two looks at the event loop, milliseconds. */
const LOOP_LOOK_MS = 20;
const NANOSECONDS = 1e9;

/** Render mode's metrics, named as the controller's (controller/kubernetes/telemetry) where they are the same thing. */
export class Metrics {
  readonly registry = new Registry();
  readonly #stages = new StageMetrics(this.registry);
  readonly #loop = monitorEventLoopDelay({ resolution: LOOP_LOOK_MS });
  readonly #requests: prom.Histogram<'method' | 'route' | 'code'>;
  readonly #searches: prom.Histogram<'ranking'>;

  constructor(gauges: Gauges) {
    const registers = [this.registry];
    this.#requests = new Histogram({
      name: 'http_request_duration_seconds',
      help: 'Time of a request to the program API by route and status code; streams of events are left out.',
      labelNames: ['method', 'route', 'code'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers,
    });
    this.#searches = new Histogram({
      name: 'loomvideo_search_duration_seconds',
      help: 'Time of a search by how it was ranked (hybrid, lexical), or failed.',
      labelNames: ['ranking'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5],
      registers,
    });
    this.#read(gauges);
    this.#loop.enable();
  }

  requestEnded(labels: { method: string; route: string; code: number }, seconds: number): void {
    this.#requests.observe({ ...labels, code: String(labels.code) }, seconds);
  }

  searchEnded(ranking: 'hybrid' | 'lexical' | 'failed', seconds: number): void {
    this.#searches.observe({ ranking }, seconds);
  }

  stageEnded(ending: StageEnding): void {
    this.#stages.ended(ending);
  }

  close(): void {
    this.#loop.disable();
  }

  #read({ memory, phases, eventStreams }: Gauges): void {
    const registers = [this.registry];
    const number = (name: string, help: string, value: () => number | undefined): void => {
      const gauge: prom.Gauge = new Gauge({
        name,
        help,
        registers,
        collect: () => {
          const now = value();
          // What is not known is left out rather than told as nothing.
          if (now === undefined) gauge.remove();
          else gauge.set(now);
        },
      });
    };
    const videos: prom.Gauge<'phase'> = new Gauge({
      name: 'loomvideo_videos',
      help: 'LoomVideos by phase.',
      labelNames: ['phase'],
      registers,
      collect: () => {
        videos.reset();
        for (const [phase, count] of phases()) videos.set({ phase }, count);
      },
    });
    number(
      'loomvideo_memory_working_set_bytes',
      'What the whole process tree has in memory: its own pages and the files that it maps.',
      () => memory.sample().residentBytes,
    );
    number(
      'loomvideo_memory_limit_bytes',
      'What the container may use; absent where nothing bounds it.',
      () => memory.limitBytes,
    );
    number('loomvideo_event_streams', 'Clients that follow /api/events.', eventStreams);
    // From here on as prom-client names its own.
    number('process_resident_memory_bytes', 'Of this process alone.', () => process.memoryUsage.rss());
    number('process_start_time_seconds', 'Since the epoch.', () => Math.round(performance.timeOrigin) / 1000);
    number('nodejs_heap_size_total_bytes', 'Of this process alone.', () => process.memoryUsage().heapTotal);
    number('nodejs_external_memory_bytes', 'Of this process alone.', () => process.memoryUsage().external);
    number('nodejs_heap_size_used_bytes', 'Of this process alone.', () => process.memoryUsage().heapUsed);
    number('nodejs_eventloop_lag_p99_seconds', 'Since the last scrape.', () =>
      lag(this.#loop.percentile(99)),
    );
    number('nodejs_eventloop_lag_max_seconds', 'Since the last scrape.', () => {
      const longest = lag(this.#loop.max);
      // The last of the two to be read.
      this.#loop.reset();
      return longest;
    });
  }
}

/** Seconds beyond the time between two looks, which is in what is measured. */
function lag(nanoseconds: number): number {
  return Math.max(0, nanoseconds / NANOSECONDS - LOOP_LOOK_MS / 1000);
}
