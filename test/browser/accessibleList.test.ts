import { searchRecording } from './support/cannedAnswers.ts';
import * as canned from './support/cannedVideos.ts';
import { describeViews } from './support/describeViews.ts';

const ready = canned.readyVideo();
const server = {
  videos: [
    ready,
    canned.runningVideo(),
    canned.queuedVideo(),
    canned.retryingVideo(),
    canned.failedVideo(),
    canned.memoryVideo(),
    canned.silentVideo(),
  ],
  search: searchRecording,
};

describeViews('signing in, the list and the search', [
  { name: 'sign-in', server: { token: 'a-token-of-some-length' }, shows: '#token' },
  { name: 'empty', server: {}, shows: '.steps-intro' },
  { name: 'list', server, shows: '.row-title' },
  {
    name: 'added',
    server,
    shows: '.outcomes',
    first: async (page) => {
      await page
        .getByLabel('Add videos')
        .fill(`${ready.detail.url}\nhttps://www.loom.com/share/${canned.idOf(9999)}\nnonsense`);
      await page.getByRole('button', { name: 'Add', exact: true }).click();
    },
  },
  {
    name: 'lost',
    server: { videos: [ready] },
    shows: '.banner',
    first: async (page, fixture) => {
      await page.locator('.row-title').waitFor();
      await fixture.goDown();
    },
    expected: /ERR_/,
  },
  { name: 'search', server, address: '#/search?q=invoice', shows: '.passage' },
  { name: 'search-idle', server, address: '#/search', shows: '.empty' },
  { name: 'search-nothing', server, address: '#/search?q=xylophone', shows: '.empty' },
]);
