import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as canned from './support/cannedVideos.ts';
import { textsOf, until, useWorld } from './support/world.ts';

const linkTo = (number: number): string => `https://www.loom.com/share/${canned.idOf(number)}`;

describe('the list of videos', () => {
  const open = useWorld();

  it('takes links in whatever they are pasted, says what became of each, and keeps those to correct', async (t) => {
    const known = canned.readyVideo();
    const { page, fixture } = await open(t, { videos: [known] });
    await page.getByRole('link', { name: known.detail.title ?? '' }).waitFor();
    await page
      .getByLabel('Add videos')
      .fill(
        `- [A demo](${linkTo(1)}), [again](${linkTo(1)})\nDemo: ${linkTo(2)}?sid=1.\n${known.detail.url}\nnonsense`,
      );
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByText('2 videos added, 1 already there, 1 link not understood').waitFor();
    assert.deepEqual(await textsOf(page, '.outcome-words'), [
      'Added',
      'Added',
      'Already there',
      'Not the share or embed link of a Loom video: "nonsense"',
    ]);
    assert.equal(await page.getByLabel('Add videos').inputValue(), 'nonsense');
    await until(
      async () => (await page.locator('.row-title').count()) === 3,
      'the new videos are in the list',
    );
    assert.equal((await textsOf(page, '.row-title')).at(-1), known.detail.title);
    assert.equal(fixture.asked.filter((asked) => asked === 'POST /api/videos').length, 1);
    await page.getByRole('button', { name: 'Close the results' }).click();
    assert.equal(await page.locator('.outcomes').count(), 0);
  });

  it('asks for a link where there is none, and keeps all where the server fails', async (t) => {
    const { page, fixture } = await open(t, { page: { expected: /503/ } });
    await page.getByRole('heading', { name: 'No videos yet' }).waitFor();
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByText('Paste at least one Loom link.').waitFor();
    fixture.fail('POST /api/videos', 503, { title: 'Unavailable', status: 503, detail: 'The disk is full.' });
    await page.getByLabel('Add videos').fill(linkTo(1));
    await page.keyboard.press('Control+Enter');
    await page.getByText('The disk is full.').waitFor();
    assert.equal(await page.getByLabel('Add videos').inputValue(), linkTo(1));
    fixture.heal();
    await page.keyboard.press('Control+Enter');
    await page.getByText('1 video added').waitFor();
    assert.equal(await page.getByLabel('Add videos').inputValue(), '');
  });

  it('shows stage, percent and memory as they come, without a reload', async (t) => {
    const running = canned.runningVideo();
    const { page, fixture } = await open(t, { videos: [running] });
    await page.getByText('42 %').waitFor();
    await page.evaluate(() => Object.assign(globalThis, { sameDocument: true }));
    fixture.progress(running.detail, { stage: 'transcribe', percent: 87, memoryMb: 333, limitMb: 400 });
    await page.getByText('87 %').waitFor();
    assert.equal(await page.getByRole('progressbar').getAttribute('value'), '87');
    const meter = page.getByRole('meter', { name: 'Memory now' });
    assert.equal(await meter.getAttribute('aria-valuetext'), '333 of 400 MB');
    assert.match((await meter.getAttribute('class')) ?? '', /high/);
    fixture.progress(running.detail, { stage: 'index', memoryMb: 190, limitMb: 400 });
    await page.getByText('Indexing').waitFor();
    fixture.progress(running.detail, null);
    const { progress: _progress, ...rest } = running.detail;
    fixture.put({
      detail: { ...rest, phase: 'Ready', passages: 12, language: 'de', peakMb: 251, limitMb: 400 },
    });
    await page.getByText('Ready · 12 passages · German').waitFor();
    assert.equal(await page.getByRole('progressbar').count(), 0);
    assert.equal(await page.evaluate(() => 'sameDocument' in globalThis), true);
  });

  it('narrows to a state by a link of its own, keeps it as videos change, and counts', async (t) => {
    const failed = canned.failedVideo();
    const { page, fixture } = await open(t, { videos: [failed, canned.readyVideo(), canned.memoryVideo()] });
    const filters = page.getByRole('navigation', { name: 'Videos by state' });
    await filters.getByRole('link', { name: 'Failed' }).click();
    await until(async () => (await page.locator('.row-title').count()) === 1, 'one failed video');
    assert.match(page.url(), /#\/\?state=failed$/);
    assert.deepEqual(await textsOf(page, '.filters a'), ['All 3', 'Ready 2', 'Failed 1']);
    fixture.put({ detail: { ...failed.detail, phase: 'Ready' } });
    await page.getByText('No video is failed').waitFor();
    fixture.put(failed);
    await until(async () => (await page.locator('.row-title').count()) === 1, 'it is back');
    await page.goBack();
    await until(async () => (await page.locator('.row-title').count()) === 3, 'all are shown');
  });

  it('shows 300 videos page by page; what is new comes on top, and what is further down stays there', async (t) => {
    const many = canned.manyVideos(300);
    const { page, fixture } = await open(t, { videos: many });
    await page.getByText('50 of 300 videos').waitFor();
    assert.deepEqual((await textsOf(page, '.row-title')).slice(0, 2), ['Recording 300', 'Recording 299']);
    const [oldest] = many;
    if (oldest) fixture.put(oldest);
    fixture.put(canned.queuedVideo(44, 1));
    await page.getByText('51 of 301 videos').waitFor();
    assert.equal((await textsOf(page, '.row-state'))[0], 'Queued');
    await page.getByRole('button', { name: 'Show more' }).click();
    await page.getByText(/10\d of 301 videos/).waitFor();
    const titles = await textsOf(page, '.row-title');
    assert.equal(new Set(titles).size, titles.length);
    for (let clicks = 0; clicks < 4; clicks++) {
      const before = await page.locator('.row-title').count();
      await page.getByRole('button', { name: 'Show more' }).click();
      await until(async () => (await page.locator('.row-title').count()) > before, 'more');
    }
    await page.getByText('301 videos', { exact: true }).waitFor();
    assert.equal(await page.getByRole('button', { name: 'Show more' }).count(), 0);
  });

  it('says when the connection is lost, and has caught up when it is back', async (t) => {
    const { page, fixture } = await open(t, {
      videos: [canned.readyVideo()],
      page: { expected: /Failed to load resource|ERR_/ },
    });
    await page.locator('.row-title').first().waitFor();
    await fixture.goDown();
    await page.getByText('Connection lost.').waitFor();
    fixture.put(canned.failedVideo());
    await fixture.comeBack();
    await page.getByText('Connection lost.').waitFor({ state: 'detached' });
    await until(async () => (await page.locator('.row-title').count()) === 2, 'what was missed is there');
  });

  it('lists again where the server does not know any more what was missed', async (t) => {
    const { page, fixture } = await open(t, { videos: [canned.readyVideo()] });
    await page.locator('.row-title').first().waitFor();
    const lists = (): number => fixture.asked.filter((asked) => asked.includes('limit=50')).length;
    await until(() => fixture.asked.some((asked) => asked.startsWith('GET /api/events')), 'it listens');
    const before = lists();
    fixture.reset();
    await until(() => lists() > before, 'the list is asked for again');
  });

  it('says so where the list cannot be had, and tries again by itself', async (t) => {
    const { page, fixture } = await open(t, {
      videos: [canned.readyVideo()],
      page: { expected: /500/ },
      address: '#/search',
    });
    await page.getByRole('heading', { name: 'Search', exact: true }).waitFor();
    fixture.fail('GET /api/videos', 500, {
      title: 'Broken',
      status: 500,
      detail: 'The store does not answer.',
    });
    await page.reload();
    await page.getByRole('link', { name: 'LoomVideo' }).click();
    await page.getByText('The store does not answer.').waitFor();
    fixture.heal();
    await page.locator('.row-title').first().waitFor();
  });
});
