import type { LoomVideo, VideoKey } from '../../resources/resource.ts';
import type { VideoEvent } from '../../resources/resourceStore.ts';
import type { VideoProgress } from '../../runtime/progress.ts';
import { summaryOf } from '../videos/summary.ts';

/** Server-Sent Events as text: https://html.spec.whatwg.org/multipage/server-sent-events.html */

/** JSON has no line breaks of its own, so one line of data holds it. */
function eventOf(event: string, data: object, id?: string): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** Written before anything else: how long a client waits before it comes again, milliseconds. */
export const HELLO = 'retry: 2000\n\n';

/** An event without data is not told to the page, but moves the place from which it would go on. */
export function beatOf(version: number): string {
  return `: still here\nid: ${version}\n\n`;
}

export function resetOf(version: number): string {
  return eventOf('reset', { resourceVersion: String(version) }, String(version));
}

export function progressOf(
  { namespace, name }: VideoKey,
  uid: string | undefined,
  progress: VideoProgress | undefined,
): string {
  return eventOf('progress', {
    namespace,
    name,
    ...(uid !== undefined && { uid }),
    progress: progress ?? null,
  });
}

/** Writes changes; the recent ones are shared objects, and each is put into words once for all who hear of it. */
export function changeEncoder(
  progressNow: (key: VideoKey) => VideoProgress | undefined,
): (event: Exclude<VideoEvent, { type: 'BOOKMARK' }>) => string {
  const texts = new WeakMap<LoomVideo, string>();
  return ({ type, video }) => {
    const known = texts.get(video);
    if (known !== undefined) return known;
    const { namespace, name, uid, resourceVersion } = video.metadata;
    const text =
      type === 'DELETED'
        ? eventOf('deleted', { namespace, name, uid }, resourceVersion)
        : eventOf('video', summaryOf(video, progressNow(video.metadata)), resourceVersion);
    texts.set(video, text);
    return text;
  };
}
