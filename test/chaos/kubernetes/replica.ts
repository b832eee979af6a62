import type { Clock } from '../../../common/clock.ts';
import type { Logger } from '../../../common/log.ts';
import type { Caps } from '../../../controller/reconcile/admission.ts';
import type { JobSettings } from '../../../controller/kubernetes/job/settings.ts';
import { LeadershipLost } from '../../../controller/kubernetes/lease/keepLease.ts';
import { runLeader } from '../../../controller/kubernetes/lease/runLeader.ts';
import { whileLeading } from '../../../controller/kubernetes/lease/whileLeading.ts';
import { LoomVideoController } from '../../../controller/kubernetes/runtime/loomVideoController.ts';
import type { Metrics } from '../../../controller/kubernetes/telemetry/metrics.ts';
import type { FakeCluster } from '../../unit/kubernetes/fakeCluster.ts';
import type { History } from '../history.ts';
import type { Random } from '../random.ts';
import { CALM, Line, type Weather } from './line.ts';

export interface ReplicaOptions {
  readonly name: string;
  readonly cluster: FakeCluster;
  readonly random: Random;
  readonly history: History;
  readonly settings: JobSettings;
  readonly caps: Caps;
  readonly namespaces: readonly string[] | undefined;
  readonly metrics: Metrics;
  readonly log: Logger;
  /** The process ended for a reason that is none. */
  readonly onFault: (error: unknown) => void;
}

/** A process of the operator as its Deployment keeps it: it dies, and another begins in its place. */
export class Replica {
  readonly #options: ReplicaOptions;
  #line: Line | undefined;
  #stop: AbortController | undefined;
  #lives = 0;
  #retired = false;
  weather: Weather = CALM;
  /** So much its clock is wrong; milliseconds. */
  clockOffMs = 0;
  leads = false;

  constructor(options: ReplicaOptions) {
    this.#options = options;
    this.#begin();
  }

  get line(): Line | undefined {
    return this.#line;
  }

  setWeather(weather: Weather): void {
    this.weather = weather;
    if (this.#line) this.#line.weather = weather;
  }

  /** As by SIGKILL. */
  kill(): void {
    this.#line?.die();
  }

  /** As by SIGTERM. */
  stop(): void {
    this.#stop?.abort(new Error('SIGTERM'));
  }

  /** Stops, and nothing begins in its place. */
  retire(): void {
    this.#retired = true;
    this.stop();
  }

  #begin(): void {
    if (this.#retired) return;
    const { cluster, random, history, settings, caps, namespaces, metrics, log, onFault } = this.#options;
    const name = `${this.#options.name}.${++this.#lives}`;
    const stop = new AbortController();
    let over = false;
    const ended = (why: string): void => {
      if (over) return;
      over = true;
      history.note(`${name} ended: ${why}`);
      this.#line = undefined;
      this.leads = false;
      setTimeout(() => this.#begin(), random.whole(100, 20_000));
    };
    const onDeath = (): void => {
      ended('killed');
      // What it still holds is let go; it reaches nobody.
      stop.abort(new Error('the process is gone'));
    };
    const line = new Line({ name, cluster, random, history, onDeath });
    line.weather = this.weather;
    this.#line = line;
    this.#stop = stop;
    const clock: Clock = { now: () => new Date(Date.now() + this.clockOffMs) };
    const { api } = line;
    void runLeader(
      {
        ...{ api, clock, log, namespace: 'default', name: 'loomvideo-controller', identity: name },
        random: random.next,
        signal: stop.signal,
        onLeading: (leads) => {
          if (over) return;
          this.leads = leads;
          history.note(`${name} ${leads ? 'leads' : 'leads no more'}`);
        },
      },
      async (signal, leads) => {
        const controller = new LoomVideoController({
          api: whileLeading(metrics.counted(api), leads),
          ...{ settings, caps, namespaces, clock, log, metrics, signal },
          ...{ scope: 'chaos', workers: 4, random: random.next },
        });
        await controller.ended;
      },
    ).then(
      () => ended('stopped'),
      (error: unknown) => {
        if (!over && !(error instanceof LeadershipLost)) onFault(error);
        ended(String(error));
      },
    );
  }
}
