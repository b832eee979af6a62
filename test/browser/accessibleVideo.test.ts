import * as canned from './support/cannedVideos.ts';
import { describeViews, type View } from './support/describeViews.ts';

const ready = canned.readyVideo();

function viewOf(name: string, video: canned.CannedVideo, shows: string, more: Partial<View> = {}): View {
  const { namespace, name: of } = video.detail;
  return { name, server: { videos: [video] }, address: `#/videos/${namespace}/${of}`, shows, ...more };
}

describeViews('the page of a video', [
  viewOf('ready', canned.memoryVideo(), '.segment'),
  viewOf('find', ready, '.segment mark', {
    address: `#/videos/default/${ready.detail.name}?t=36`,
    first: (page) => page.getByLabel('Find in the transcript').fill('invoice'),
    isOfScreen: true,
  }),
  viewOf('running', canned.runningVideo(), '.stages'),
  viewOf('queued', canned.queuedVideo(), '.situation'),
  viewOf('retrying', canned.retryingVideo(), '.situation'),
  viewOf('failed', canned.failedVideo(), '.situation'),
  viewOf('silent', canned.silentVideo(), '.transcript'),
  viewOf('delete', ready, 'dialog[open]', {
    first: (page) => page.getByRole('button', { name: 'Delete' }).click(),
    isOfScreen: true,
  }),
  viewOf('missing', ready, '.empty', { address: '#/videos/default/not-there', expected: /404/ }),
]);
