import { isObject } from '../../../common/json.ts';
import type { LoomVideoSpec } from '../../../crds/generated/loomvideo.ts';
import { parseSpec } from '../../../jobrunner/contract/spec.ts';
import { StageError } from '../../../jobrunner/contract/stageError.ts';
import type { Obstacle } from '../../reconcile/observation.ts';

/** Stands where no link can be read; nothing is made of a spec at fault but a purge, which follows no link. */
const NO_VIDEO = `https://www.loom.com/share/${'0'.repeat(32)}`;

export interface ReadSpec {
  readonly spec: LoomVideoSpec;
  /** What is wrong with it; the fields at fault then have their defaults. */
  readonly fault: Obstacle | undefined;
}

/**
 * The spec with its defaults filled in; never throws. The apiserver checks what is written, but an object may be older
 * than the schema: then the rest of it is read all the same, so that it can still be deleted as it says.
 */
export function readSpec(input: unknown): ReadSpec {
  try {
    return { spec: parseSpec(input), fault: undefined };
  } catch (error) {
    if (!(error instanceof StageError)) throw error;
    const given = isObject(input) ? input : {};
    const url = isSound({ url: given['url'] }) ? given['url'] : NO_VIDEO;
    const sound = Object.entries(given).filter(
      ([field, value]) => field !== 'url' && isSound({ url, [field]: value }),
    );
    return {
      spec: parseSpec({ ...Object.fromEntries(sound), url }),
      fault: {
        reason: error.reason === 'InvalidURL' ? error.reason : 'ConfigurationInvalid',
        message: /[.!?]$/.test(error.message) ? error.message : `${error.message}.`,
      },
    };
  }
}

function isSound(spec: object): boolean {
  try {
    parseSpec(spec);
    return true;
  } catch {
    return false;
  }
}
