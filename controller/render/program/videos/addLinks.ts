import { setImmediate as turn } from 'node:timers/promises';
import { oneLine } from '../../../../common/oneLine.ts';
import { StageError } from '../../../../jobrunner/contract/stageError.ts';
import { parseLoomUrl, type LoomLink } from '../../../../jobrunner/loomUrl.ts';
import { apiVersionOf } from '../../resources/crd.ts';
import { ResourceFailure } from '../../resources/failure.ts';
import type { ResourceStore } from '../../resources/resourceStore.ts';

/** What became of one link. */
export interface AddedLink {
  /** As it was given. */
  readonly link: string;
  readonly outcome: 'created' | 'exists' | 'invalid';
  readonly namespace?: string;
  readonly name?: string;
  readonly message?: string;
}

/**
 * Declares a video for each link, in order. A video has one name, whatever the form of its link: given again it is the
 * same. Throws StageError where the store refuses; what was declared before that stays, and is found to exist next time.
 */
export async function addLinks(
  videos: ResourceStore,
  links: readonly string[],
  namespace: string,
): Promise<AddedLink[]> {
  const results: AddedLink[] = [];
  for (const link of links) {
    results.push(addLink(videos, link, namespace));
    // Each is written to the disk: others get their turn in between.
    await turn();
  }
  return results;
}

function addLink(videos: ResourceStore, link: string, namespace: string): AddedLink {
  const parsed = tryParse(link);
  if (typeof parsed === 'string') return { link, outcome: 'invalid', message: parsed };
  const key = { namespace, name: `loom-${parsed.id}` };
  const existing = videos.get(key);
  if (existing)
    return {
      link,
      outcome: 'exists',
      ...key,
      ...(existing.metadata.deletionTimestamp !== undefined && {
        message: 'This video is being deleted: add it again once it is gone.',
      }),
    };
  try {
    videos.create(namespace, {
      apiVersion: apiVersionOf(videos.crd),
      kind: videos.crd.kind,
      metadata: { name: key.name },
      spec: { url: parsed.url },
    });
    return { link, outcome: 'created', ...key };
  } catch (error) {
    if (error instanceof ResourceFailure)
      return { link, outcome: 'invalid', message: oneLine(error.message, 500) };
    throw error;
  }
}

/** The link, or what is wrong with it. */
function tryParse(link: string): LoomLink | string {
  try {
    return parseLoomUrl(link.trim());
  } catch (error) {
    if (error instanceof StageError) return error.message;
    throw error;
  }
}
