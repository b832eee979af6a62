import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { startRender } from '../process/renderServer.ts';
import { silence } from '../sample/index.ts';
import { sandbox } from '../support/cli.ts';
import { startLoom, type Loom } from '../support/loom/server.ts';
import { sampleVideo } from '../support/sampleVideo.ts';
import { openBrowser, openPage, screenshot } from './support/browser.ts';
import { lastFirst } from './support/lastFirst.ts';
import { textsOf, until } from './support/world.ts';

const TOKEN = 'only-those-who-know-this-may-look';

/** A video goes through the whole pipeline in it; milliseconds. */
const DONE_WITHIN_MS = 180_000;

describe('the page of the real server, with the real pipeline', () => {
  let browser: Browser;
  let loom: Loom;
  before(async () => {
    [browser, loom] = await Promise.all([openBrowser(), startLoom()]);
  });
  after(async () => {
    await browser.close();
    await loom.close();
  });

  it('sign in, add, watch, read, search, jump, see a failure, retry, delete, sign out', async (t) => {
    const end = lastFirst(t);
    const box = await sandbox(end);
    const server = await startRender(end, { ...box.env, ...loom.env, LOOMVIDEO_API_TOKEN: TOKEN });
    const sample = sampleVideo();
    const tour = loom.addVideo(sample);
    const secret = loom.addVideo({ ...sample, name: 'Quiet', access: 'private' });
    const page = await openPage(end, browser, { url: server.url });

    await page.goto('/');
    await page.getByLabel('Access token').fill(TOKEN);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'No videos yet' }).waitFor();
    await page.evaluate(() => Object.assign(globalThis, { sameDocument: true }));

    await page.getByLabel('Add videos').fill(`Tour: ${tour.shareUrl}\n${secret.shareUrl}\nnot a link`);
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByText('2 videos added, 1 link not understood').waitFor();
    const title = sample.name ?? '';
    const seen = await watched(page, title);
    assert.ok(seen.stages.has('Downloading') || seen.stages.has('Transcribing'), [...seen.stages].join());
    assert.ok(seen.stages.has('Transcribing') && seen.percents.size > 2, JSON.stringify([...seen.percents]));
    assert.ok(
      [...seen.memory].some((words) => /^[1-9]\d* of 400 MB$/.test(words)),
      [...seen.memory].join(),
    );
    assert.equal(await page.evaluate(() => 'sameDocument' in globalThis), true);
    await screenshot(page, 'real-list');

    await page.getByRole('link', { name: title }).click();
    await page.locator('.segment').first().waitFor();
    const said = (await textsOf(page, '.segment p')).join(' ');
    assert.match(said, /copy of an invoice/);
    const stamp = page.locator('.segment', { hasText: 'invoice' }).first().locator('a.stamp');
    assert.match(
      (await stamp.getAttribute('href')) ?? '',
      new RegExp(`^https://www\\.loom\\.com/share/${tour.id}\\?t=3\\d$`),
    );
    assert.equal((await textsOf(page, '.chapters li')).length, 9);
    assert.deepEqual([...new Set(await textsOf(page, '.checks .hidden'))], ['Yes:']);
    assert.equal(await page.getByRole('region', { name: 'Runs' }).getByRole('meter').count(), 3);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'WebVTT' }).click(),
    ]);
    assert.match(download.suggestedFilename(), /^Product tour.*\.vtt$/);
    await screenshot(page, 'real-video');

    await page.getByLabel('Search all videos').fill('how do I get a copy of an invoice');
    await page.keyboard.press('Enter');
    await page.locator('.passage').first().waitFor();
    const byMeaning = page.getByRole('button', { name: 'Search by meaning' });
    if (await byMeaning.isVisible()) await byMeaning.click();
    await until(
      async () => (await page.locator('.passage mark').count()) > 0 && !(await byMeaning.isVisible()),
      'found by meaning',
    );
    const [heading] = await textsOf(page, '.passage h3');
    assert.equal(heading, 'Export an invoice');
    const jump = page.locator('.passage').first().getByRole('link', { name: 'Open in Loom' });
    assert.match((await jump.getAttribute('href')) ?? '', new RegExp(`/share/${tour.id}\\?t=3\\d$`));
    await screenshot(page, 'real-search');

    await page.getByRole('link', { name: 'LoomVideo' }).click();
    await page.locator('.row', { hasText: 'Failed' }).getByRole('link').click();
    await page.getByRole('heading', { name: 'The video is private' }).waitFor();
    await page.getByText('What to do: Share the video with').waitFor();
    loom.addVideo({
      ...sample,
      id: secret.id,
      name: 'Quiet',
      duration: silence.durationSeconds,
      chapters: '',
      raw: { kind: 'file', source: silence.path },
    });
    await page.getByRole('button', { name: 'Retry' }).click();
    await page.locator('.badge', { hasText: 'Ready' }).waitFor({ timeout: DONE_WITHIN_MS });
    await page.getByText('Nobody speaks in this video, so there is nothing to read').waitFor();
    await until(async () => (await page.locator('.run-head').count()) === 2, 'both runs are told of');

    await page.locator('.video-actions').getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await until(async () => (await page.locator('.row-title').count()) === 1, 'it is gone');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Access token').waitFor();
    const status = await page.evaluate(async () => (await fetch('/api/session')).json() as Promise<unknown>);
    assert.deepEqual(status, { required: true, authenticated: false });
  });
});

interface Seen {
  readonly stages: Set<string>;
  readonly percents: Set<string>;
  readonly memory: Set<string>;
}

/** What the list shows of a video on its way, until it is ready. */
async function watched(page: Page, title: string): Promise<Seen> {
  const seen: Seen = { stages: new Set(), percents: new Set(), memory: new Set() };
  for (const deadline = Date.now() + DONE_WITHIN_MS; Date.now() < deadline;) {
    // In one look: the row changes at any moment.
    const rows = await page.locator('.row').evaluateAll((all) =>
      all.map((row) => ({
        title: row.querySelector('.row-title')?.textContent?.trim() ?? '',
        stage: row.querySelector('.row-state b')?.textContent ?? '',
        state: row.querySelector('.row-state')?.textContent ?? '',
        memory: row.querySelector('[role=meter]')?.ariaValueText ?? '',
      })),
    );
    for (const row of rows) {
      seen.stages.add(row.stage);
      seen.memory.add(row.memory);
      const percent = /\d+ %/.exec(row.state)?.[0];
      if (percent !== undefined) seen.percents.add(percent);
      if (row.title === title && row.stage === 'Ready') return seen;
    }
    await page.waitForTimeout(100);
  }
  throw new Error(`not ready in time: ${JSON.stringify([...seen.stages])}`);
}
