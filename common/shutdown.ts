/** Signals that ask us to stop. */
const STOPPING = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

export interface ShutdownSignal extends Disposable {
  /** Aborted by the first SIGTERM, SIGINT or SIGHUP; its reason is an Error with the signal's name. */
  readonly signal: AbortSignal;
}

/**
 * Turns the process's stop signals into an AbortSignal. A second one ends the process at once, since whoever sends it
 * does not want to wait; children go with it (common/childProcess.ts).
 */
export function onShutdown(): ShutdownSignal {
  const controller = new AbortController();
  const stop = (name: NodeJS.Signals): void => {
    // 128 + signal number is how a shell tells a process that a signal ended; 130 stands for "interrupted".
    if (controller.signal.aborted) process.exit(130);
    controller.abort(new Error(`received ${name}`));
  };
  for (const name of STOPPING) process.on(name, stop);
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      for (const name of STOPPING) process.off(name, stop);
    },
  };
}
