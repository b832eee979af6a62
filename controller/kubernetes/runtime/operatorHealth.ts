import type { Health } from '../telemetry/healthServer.ts';
import type { LoomVideoController } from './loomVideoController.ts';

/** A watch unheard for so long is beyond its own repair (cache/reflector.ts), seconds. */
const STALE_SECONDS = 90;
/** Longer than any reconciliation: each of its few calls ends within half a minute; seconds. */
const STUCK_SECONDS = 300;

/** The health of a replica. One that stands by is well and ready: else a rolling update would wait for it for ever. */
export function operatorHealth(
  leading: () => Pick<LoomVideoController, 'watchAges' | 'longestRunningSeconds' | 'synced'> | undefined,
): Health {
  return {
    problems() {
      const controller = leading();
      if (!controller) return [];
      const stale = [...controller.watchAges()]
        .filter(([, age]) => age > STALE_SECONDS)
        .map(([resource, age]) => `nothing heard of ${resource} for ${Math.round(age)} s`);
      const running = controller.longestRunningSeconds();
      return running > STUCK_SECONDS
        ? [...stale, `a worker has been at one video for ${Math.round(running)} s`]
        : stale;
    },
    notReady() {
      const controller = leading();
      return controller && !controller.synced ? 'not in sync yet' : undefined;
    },
  };
}
