import { isObject } from '../../../common/json.ts';
import type { LoomVideoSpec } from '../../../crds/generated/loomvideo.ts';
import { judgeSpec, parseSpec } from '../../../jobrunner/contract/spec.ts';
import type { Obstacle } from '../../reconcile/observation.ts';

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
  const given = isObject(input) ? input : {};
  const judged = judgeSpec(given);
  if ('spec' in judged) return { spec: judged.spec, fault: undefined };
  const { reason, message, fields } = judged.fault;
  const sound = Object.entries(given).filter(([field]) => !fields.has(field));
  const spec = parseSpec({ ...Object.fromEntries(sound), ...(fields.has('url') && { url: NO_VIDEO }) });
  return { spec, fault: { reason, message: `${message}.` } };
}

/** Stands where no link can be read; nothing is made of a spec at fault but a purge, which follows no link. */
const NO_VIDEO = `https://www.loom.com/share/${'0'.repeat(32)}`;
