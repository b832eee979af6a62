import type { Clock } from '../../../common/clock.ts';
import type { AccessSource } from './access.ts';
import { currentLine } from './currentLine.ts';
import { exchanger } from './exchange.ts';
import type { KubeApi } from './kubeApi.ts';
import { kubeClient } from './kubeClient.ts';
import { tokenBucket } from './tokenBucket.ts';

export interface ConnectOptions {
  /** See findAccess. */
  readonly source: AccessSource;
  /** Also the field manager of what is created. */
  readonly userAgent: string;
  readonly clock: Clock;
  readonly limits?: Partial<ConnectionLimits>;
}

export interface ConnectionLimits {
  /** Requests per second in the long run; Infinity: no limit. */
  readonly qps: number;
  /** Requests at once. */
  readonly burst: number;
  /** For one request and its whole answer, milliseconds; a watch only begins within it. */
  readonly timeoutMs: number;
  /** Longest answer taken, bytes. */
  readonly maxBytes: number;
}

/**
 * No limit of our own, as in controller-runtime from 0.21 on: the workers bound what is under way, and the apiserver's
 * priority and fairness guards it (a limit of 50 a second made 1,000 videos take minutes). A burst for those who set a
 * limit. An answer's size: a page of 500 objects of 64 KiB, far above any of ours (etcd holds up to 1.5 MiB for one).
 */
const LIMITS: ConnectionLimits = {
  ...{ qps: Infinity, burst: 100 },
  ...{ timeoutMs: 30_000, maxBytes: 32 * 1024 * 1024 },
};

export interface Connection extends KubeApi {
  /** The apiserver's base URL, for the log. */
  readonly server: string;
  /** Ours, unless told otherwise: the pod's, or the context's. */
  readonly namespace: string | undefined;
  /** The same, but what changes something goes out only while `may` says so; else NotSent is thrown. */
  changingWhile(may: () => boolean): KubeApi;
  /** Breaks what is under way. */
  close(): Promise<void>;
}

/**
 * A client of the apiserver over shared, kept connections. Sends nothing yet, but obtains the credentials: throws
 * AccessError where there are none.
 */
export async function connect({ source, userAgent, clock, limits }: ConnectOptions): Promise<Connection> {
  const { qps, burst, timeoutMs, maxBytes } = { ...LIMITS, ...limits };
  const line = currentLine(source, clock);
  const { access } = await line.get();
  const exchange = exchanger({ line, userAgent, turn: tokenBucket({ qps, burst, clock }) });
  return {
    ...kubeClient({ exchange, timeoutMs, maxBytes }),
    changingWhile: (may) =>
      kubeClient({
        exchange: (call) => exchange(call.method === 'GET' ? call : { ...call, maySend: may }),
        ...{ timeoutMs, maxBytes },
      }),
    server: access.server,
    namespace: source.namespace,
    close: async () => line.close(),
  };
}
