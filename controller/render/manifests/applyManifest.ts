import type { JsonObject } from '../../../common/json.ts';
import { ResourceFailure } from '../resources/failure.ts';
import type { LoomVideo } from '../resources/resource.ts';
import type { ResourceStore } from '../resources/resourceStore.ts';
import { isManaged, lastApplied, marked } from './marks.ts';
import type { Judge, Manifest } from './parseManifests.ts';
import { threeWayPatch } from './threeWayPatch.ts';

/** `adopted`: somebody else had made it. `leaving`: it is being deleted, and is made anew when it is gone. */
export type Applied = 'created' | 'configured' | 'adopted' | 'unchanged' | 'leaving';

const STRICT = { fieldValidation: 'Strict' } as const;

/** Judges as the resource API judges what is new, with strict validation. */
export function judgeOf(videos: ResourceStore): Judge {
  return (namespace, value) => {
    try {
      videos.create(namespace, value, { ...STRICT, dryRun: true });
      return undefined;
    } catch (error) {
      if (!(error instanceof ResourceFailure)) throw error;
      // It is right, and there already.
      return error.reason === 'AlreadyExists' ? undefined : error;
    }
  };
}

/** Brings an object to what its manifest says, in one write or none. Throws the API's refusals. */
export function applyManifest(videos: ResourceStore, { key, value }: Manifest, file: string): Applied {
  const wanted = marked(value, file);
  const current = videos.get(key);
  if (!current) {
    videos.create(key.namespace, wanted, STRICT);
    return 'created';
  }
  if (current.metadata.deletionTimestamp !== undefined) return 'leaving';
  const patch = threeWayPatch(lastApplied(current), wanted, asJson(current));
  if (Object.keys(patch).length === 0) return 'unchanged';
  const { metadata } = patchOf(videos, current, patch);
  if (metadata.resourceVersion === current.metadata.resourceVersion) return 'unchanged';
  return isManaged(current) ? 'configured' : 'adopted';
}

function patchOf(videos: ResourceStore, { metadata }: LoomVideo, patch: JsonObject): LoomVideo {
  try {
    return videos.patch(metadata, patch, STRICT);
  } catch (error) {
    if (!(error instanceof ResourceFailure) || error.details?.causes?.[0]?.field !== 'spec.url') throw error;
    const { code, reason, message, details } = error;
    const advice = `Another video is another LoomVideo: give it another metadata.name, and ${metadata.name} is pruned.`;
    throw new ResourceFailure(code, reason, `${message}. ${advice}`, details);
  }
}

function asJson(video: LoomVideo): JsonObject {
  return { ...video };
}
