import type { Server } from 'node:http';
import type { Clock } from '../../common/clock.ts';
import type { Logger } from '../../common/log.ts';
import type { ControllerConfig } from '../config.ts';
import { connect, type Connection } from './api/connect.ts';
import { findAccess } from './api/findAccess.ts';
import type { JobSettings } from './job/settings.ts';
import { runLeader } from './lease/runLeader.ts';
import { whileLeading } from './lease/whileLeading.ts';
import { LoomVideoController } from './runtime/loomVideoController.ts';
import { operatorHealth } from './runtime/operatorHealth.ts';
import { serveHealth } from './telemetry/healthServer.ts';
import { Metrics } from './telemetry/metrics.ts';

export interface OperatorOptions {
  readonly config: ControllerConfig;
  readonly settings: JobSettings;
  readonly clock: Clock;
  /** 0 ≤ n < 1 */
  readonly random: () => number;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/**
 * One replica of the operator: stands by until it leads, then works until the signal. Throws AccessError where nothing says
 * who we are, LeadershipLost when another may have taken over: then the process has to end and begin anew.
 */
export async function runOperator(options: OperatorOptions): Promise<void> {
  const { config, settings, clock, random, log, signal } = options;
  const { qps, burst } = config;
  const source = await findAccess(config.cluster);
  const connection = await connect({
    source,
    userAgent: 'loomvideo-controller',
    clock,
    limits: { ...(qps !== undefined && { qps }), ...(burst !== undefined && { burst }) },
  });
  const metrics = new Metrics();
  let controller: LoomVideoController | undefined;
  const closing = new AbortController();
  try {
    const server = await serveHealth(
      { port: config.port, health: operatorHealth(() => controller), registry: metrics.registry },
      closing.signal,
    );
    const where = config.watchNamespaces?.join(', ') ?? 'all namespaces';
    log.info({ server: connection.server, port: portOf(server) }, `Watching LoomVideos in ${where}.`);
    const lead = async (leading: AbortSignal, leads: () => boolean): Promise<void> => {
      controller = new LoomVideoController({
        api: whileLeading(metrics.counted(connection.changingWhile(leads)), leads),
        ...{ settings, clock, random, log, metrics, signal: leading },
        namespaces: config.watchNamespaces,
        scope: config.scope,
        caps: capsOf(config, settings),
        workers: config.workers,
      });
      metrics.read(controller);
      await controller.ended;
      controller = undefined;
    };
    if (config.leaderElection) await runLeader(leaseOptions(options, connection, metrics), lead);
    else await lead(signal, () => true);
  } finally {
    closing.abort();
    await connection.close();
  }
}

/** The one that was found free, where none was asked for. */
function portOf(server: Server): number | undefined {
  const address = server.address();
  return typeof address === 'object' ? address?.port : undefined;
}

/** The embedded store has one volume, which takes one writer at a time. */
function capsOf(
  { maxConcurrent, maxConcurrentPerNamespace }: ControllerConfig,
  { embedded }: JobSettings,
): { total: number; perNamespace: number } {
  return { total: embedded ? 1 : maxConcurrent, perNamespace: maxConcurrentPerNamespace };
}

function leaseOptions(
  { config, clock, random, log, signal }: OperatorOptions,
  connection: Connection,
  metrics: Metrics,
): Parameters<typeof runLeader>[0] {
  return {
    api: connection,
    namespace: config.namespace ?? connection.namespace ?? 'default',
    name: config.leaseName,
    // A pod that is started anew keeps its name, and its former self may still believe that it leads.
    identity: `${config.podName}_${random().toString(36).slice(2, 10)}`,
    ...{ clock, random, log, signal },
    onLeading: (leads) => metrics.leading(leads),
  };
}
