/** The operator's entry: `node controller/main.ts`, on the current kubeconfig or in a cluster. */
import { systemClock } from '../common/clock.ts';
import { createLogger } from '../common/log.ts';
import { onShutdown } from '../common/shutdown.ts';
import { EXIT } from '../jobrunner/contract/exitCodes.ts';
import { answerCommandLine, wordsOf } from './commandLine.ts';
import { ConfigError, readControllerConfig } from './config.ts';
import { readJobSettings } from './kubernetes/job/readSettings.ts';
import { runOperator } from './kubernetes/operator.ts';

const HELP = `LoomVideo operator

  main.ts    makes each LoomVideo searchable, by one Job per video, until it is stopped

It works on the cluster of KUBECONFIG, of the pod it runs in, or of the current kubeconfig context. Environment:

  IMAGE                         image of the Jobs; required unless the settings name one
  JOB_SETTINGS_FILE             JSON or YAML: how Jobs are made (the chart's values under "job")
  WATCH_NAMESPACES              such as team-a,team-b; empty: all
  MAX_CONCURRENT                videos at once (5); 0: no cap
  MAX_CONCURRENT_PER_NAMESPACE  … in one namespace (0: no cap)
  SCOPE                         name of the cluster in the keys of what is stored (kubernetes)
  POD_NAMESPACE, POD_NAME       of this replica, for the Lease
  LEADER_ELECTION               on or off (on); off only where there is one replica
  LEASE_NAME                    (loomvideo-operator)
  WORKERS                       videos reconciled at once (8)
  KUBE_API_QPS, KUBE_API_BURST  limits of requests to the apiserver (none)
  METRICS_PORT                  of /healthz, /readyz and /metrics (8080)
  LOG_LEVEL, LOG_FORMAT         info; json or plain

Exit codes: 0 stopped as asked, 1 failed (or leads no more: start it again), 2 wrong command line, 40 configuration.
`;

process.exitCode = await main(process.argv.slice(2), process.env);

async function main(args: string[], env: NodeJS.ProcessEnv): Promise<number> {
  const answered = answerCommandLine(args, HELP);
  if (answered !== undefined) return answered;
  try {
    const config = readControllerConfig(env);
    const settings = await readJobSettings({ file: config.jobSettingsFile, image: config.image });
    using shutdown = onShutdown();
    await runOperator({
      config,
      settings,
      clock: systemClock,
      random: Math.random,
      log: createLogger({ level: config.logLevel, format: config.logFormat }),
      signal: shutdown.signal,
    });
    return EXIT.done;
  } catch (error) {
    process.stderr.write(`${wordsOf(error)}\n`);
    return isConfiguration(error) ? EXIT.configuration : 1;
  }
}

function isConfiguration(error: unknown): boolean {
  return (
    error instanceof ConfigError ||
    error instanceof RangeError ||
    (error instanceof Error && error.name === 'AccessError')
  );
}
