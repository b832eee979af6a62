import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as canned from './support/cannedVideos.ts';
import { focused, textsOf, until, useWorld } from './support/world.ts';

const of = ({ detail: { namespace, name } }: canned.CannedVideo, query = ''): string =>
  `#/videos/${namespace}/${name}${query}`;

describe('the page of a video', () => {
  const open = useWorld();

  it('leads from each sentence to its second in Loom, in a new tab that knows nothing of ours', async (t) => {
    const ready = canned.readyVideo();
    const { page } = await open(t, { videos: [ready], address: of(ready) });
    const sentence = page.locator('.segment', { hasText: 'Go to your account' });
    const stamp = sentence.getByRole('link');
    assert.equal(await stamp.getAttribute('href'), `${ready.detail.url}?t=35`);
    assert.equal(await stamp.getAttribute('target'), '_blank');
    assert.equal(await stamp.getAttribute('rel'), 'noopener noreferrer');
    assert.match((await stamp.textContent()) ?? '', /^0:35/);
    assert.equal(await page.locator('.segment').count(), ready.transcript?.segments.length);
    assert.match(await page.title(), /^Product tour: nine things teams ask about · LoomVideo$/);
  });

  it('leads from a chapter to its place in the transcript, and from an address with a moment too', async (t) => {
    const ready = canned.readyVideo();
    const { page } = await open(t, { videos: [ready], address: of(ready, '?t=62') });
    const pointed = page.locator('.segment.pointed');
    await until(async () => pointed.isVisible(), 'the moment is pointed at');
    assert.match(await pointed.innerText(), /Many people work late/);
    await page
      .getByRole('navigation', { name: 'Chapters' })
      .getByRole('link', { name: 'Seats and billing' })
      .click();
    await page.locator('.segment.pointed', { hasText: 'a few words about money' }).waitFor();
    const inView = (): Promise<boolean> =>
      pointed.evaluate((element) => {
        const { top, bottom } = element.getBoundingClientRect();
        return top > 0 && bottom < innerHeight;
      });
    await until(inView, 'it is in view');
    // Once more, after the reader went elsewhere.
    await page.evaluate(() => scrollTo(0, 0));
    await page.getByRole('link', { name: 'Seats and billing' }).click();
    await until(inView, 'it is in view again');
  });

  it('finds words inside the transcript, also over the end of a sentence, and steps through them', async (t) => {
    const ready = canned.readyVideo();
    const { page } = await open(t, { videos: [ready], address: of(ready) });
    const find = page.getByLabel('Find in the transcript');
    await find.fill('INVOICE');
    const marks = page.locator('.transcript mark');
    assert.deepEqual(
      new Set((await marks.allInnerTexts()).map((text) => text.toLowerCase())),
      new Set(['invoice']),
    );
    const count = await marks.count();
    await page.getByText(`1 of ${count}`).waitFor();
    await find.press('Enter');
    await page.getByText(`2 of ${count}`).waitFor();
    assert.equal(await page.locator('mark[aria-current=true]').count(), 1);
    await find.press('Shift+Enter');
    await find.press('Shift+Enter');
    await page.getByText(`${count} of ${count}`).waitFor();
    await page.getByRole('button', { name: 'Next match' }).click();
    await page.getByText(`1 of ${count}`).waitFor();
    await find.fill('product. first');
    assert.deepEqual(await marks.allInnerTexts(), ['product.', 'First']);
    await find.fill('c++ (xylophone');
    await page.getByText('None').waitFor();
    await find.press('Escape');
    assert.equal(await find.inputValue(), '');
    assert.equal(await marks.count(), 0);
  });

  it('offers the transcript as files', async (t) => {
    const ready = canned.readyVideo();
    const { page } = await open(t, { videos: [ready], address: of(ready) });
    const links = page.locator('.exports a');
    await links.first().waitFor();
    const path = `/api/videos/default/${ready.detail.name}/transcript`;
    assert.deepEqual(
      await links.evaluateAll((all) =>
        all.map((link) => [link.getAttribute('href'), link.hasAttribute('download')]),
      ),
      ['txt', 'vtt', 'srt', 'json'].map((ending) => [`${path}.${ending}`, true]),
    );
  });

  it("shows each run's memory against its limit, and the checks in plain words", async (t) => {
    const video = canned.memoryVideo();
    const { page } = await open(t, { videos: [video], address: of(video) });
    const runs = page.getByRole('region', { name: 'Runs' });
    const meters = runs.getByRole('meter');
    await meters.first().waitFor();
    assert.deepEqual(
      await meters.evaluateAll((all) => all.map((meter) => `${meter.ariaLabel}: ${meter.ariaValueText}`)),
      [
        'Peak memory of Transcribe: 371 of 400 MB',
        'Peak memory of Index: 190 of 400 MB',
        'Peak memory of Download: 160 of 400 MB',
        'Peak memory of Transcribe: 398 of 400 MB',
      ],
    );
    assert.match(await runs.innerText(), /Run 1 failed: Memory limit exceeded/);
    assert.deepEqual(await textsOf(page, '.check-words'), [
      'Downloaded from Loom',
      'A playable video with sound',
      'Speech transcribed',
      'Stored and searchable',
      'Temporary files removed',
      'Memory stayed within its limit',
    ]);
  });

  it('goes from progress to transcript without a reload', async (t) => {
    const ready = canned.readyVideo();
    const running = { detail: { ...canned.runningVideo(42).detail, uid: ready.detail.uid } };
    const { page, fixture } = await open(t, { videos: [running], address: of(running) });
    await page.getByText('Transcribing42 %').or(page.getByText('42 %')).first().waitFor();
    await page.getByText('The transcript appears here by itself').waitFor();
    fixture.put(ready);
    await page.locator('.segment').first().waitFor();
    await page.locator('.badge', { hasText: 'Ready' }).waitFor();
    assert.equal(await page.locator('.stages').count(), 0);
  });

  it('says why it failed and what to do, and tries again when asked', async (t) => {
    const failed = canned.failedVideo();
    const { page, fixture } = await open(t, {
      videos: [failed],
      address: of(failed),
      page: { expected: /409/ },
    });
    await page.getByRole('heading', { name: 'The video is private' }).waitFor();
    await page
      .getByText('What to do: Share the video with "anyone with the link" in Loom, then retry.')
      .waitFor();
    const path = `/api/videos/default/${failed.detail.name}/retry`;
    fixture.fail(`POST ${path}`, 409, { title: 'Conflict', status: 409, detail: 'The video is under way.' });
    await page.getByRole('button', { name: 'Retry' }).click();
    await page.getByText('The video is under way.').waitFor();
    fixture.heal();
    await page.getByRole('button', { name: 'Retry' }).click();
    await page.locator('.badge', { hasText: 'Queued' }).waitFor();
    await page.getByText('It waits for its turn').waitFor();
    assert.equal(await page.getByRole('heading', { name: 'The video is private' }).count(), 0);
  });

  it('is deleted after a question, and not by mistake', async (t) => {
    const ready = canned.readyVideo();
    const { page, fixture } = await open(t, { videos: [ready, canned.failedVideo()], address: of(ready) });
    const button = page.locator('.video-actions').getByRole('button', { name: 'Delete' });
    await button.click();
    const dialog = page.getByRole('dialog', { name: 'Delete this video?' });
    await dialog.getByText(ready.detail.title ?? '').waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    assert.equal(await button.evaluate((element) => element === document.activeElement), true);
    assert.ok(!fixture.asked.some((asked) => asked.startsWith('DELETE')));
    await button.click();
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await page.getByText('The video is being deleted.').waitFor();
    await page.getByRole('heading', { name: 'Videos', level: 1 }).waitFor();
    await until(async () => (await page.locator('.row-title').count()) === 1, 'it is gone');
  });

  it('says so when somebody else deletes it while it is read', async (t) => {
    const ready = canned.readyVideo();
    const { page, fixture } = await open(t, { videos: [ready], address: of(ready) });
    await page.locator('.segment').first().waitFor();
    fixture.remove(ready.detail.uid);
    await page.getByRole('heading', { name: 'This video is not here' }).waitFor();
  });

  it('gives the focus to the heading, and back to where it came from', async (t) => {
    const { page } = await open(t, { videos: canned.manyVideos(60) });
    const link = page.getByRole('link', { name: 'Recording 25', exact: true });
    await link.click();
    await page.getByRole('heading', { name: 'Recording 25', level: 1 }).waitFor();
    await until(
      () => page.evaluate(() => document.activeElement?.tagName === 'H1'),
      'the heading has the focus',
    );
    await until(() => page.evaluate(() => scrollY === 0), 'it begins at the top');
    await page.goBack();
    await until(
      () => link.evaluate((element) => element === document.activeElement),
      'the link has the focus',
    );
    assert.ok((await page.evaluate(() => scrollY)) > 0);
    assert.equal(await focused(page), '');
  });
});
