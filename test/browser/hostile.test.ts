import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { assertFits, WIDTHS } from './support/browser.ts';
import { searchHostile } from './support/cannedAnswers.ts';
import { hostileVideo, readyVideo, SCRIPTS } from './support/cannedVideos.ts';
import { useWorld } from './support/world.ts';

/** Elements that no view has: whatever made one took text for HTML. */
const FOREIGN =
  'script:not([src]), img, iframe, svg[onload], [onerror], [onclick], object, embed, base, style';

async function assertHarmless(page: Page): Promise<void> {
  assert.equal(await page.evaluate(() => 'injected' in globalThis), false, 'no script ran');
  assert.equal(await page.locator(FOREIGN).count(), 0);
  const targets = await page
    .locator('a[href]')
    .evaluateAll((all) => all.map((link) => (link as HTMLAnchorElement).protocol));
  assert.deepEqual(
    [...new Set(targets)].filter((protocol) => !['http:', 'https:'].includes(protocol)),
    [],
  );
}

describe("other people's text, at its worst", () => {
  const open = useWorld();
  const hostile = hostileVideo();
  const views = [
    { name: 'in the list', address: '#/', shows: '.row' },
    { name: 'on its page', address: `#/videos/default/${hostile.detail.name}`, shows: '.segment' },
    { name: 'in the search', address: '#/search?q=x', shows: '.passage' },
  ];

  for (const { name, address, shows } of views)
    it(`${name} runs no script and does not break the layout`, async (t) => {
      const { page } = await open(t, { videos: [hostile, readyVideo()], search: searchHostile, address });
      await page.locator(shows).first().waitFor();
      for (const width of Object.values(WIDTHS)) {
        await page.setViewportSize({ width, height: 800 });
        await assertFits(page);
      }
      await assertHarmless(page);
      assert.ok((await page.locator('main').innerText()).includes('<script>window.injected = 1</script>'));
    });

  it('as links, words to find, addresses and what the server says, it runs no script either', async (t) => {
    const { page, fixture } = await open(t, {
      videos: [hostile],
      search: searchHostile,
      page: { width: WIDTHS.narrow, expected: /404|414|500/ },
    });
    await page.getByLabel('Add videos').fill(`javascript:window.injected=1\n${SCRIPTS}\n${'W'.repeat(3000)}`);
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.locator('.outcome').first().waitFor();
    await assertFits(page);
    fixture.fail('POST /api/videos', 500, { title: SCRIPTS, status: 500, detail: SCRIPTS });
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByRole('alert').getByText('window.injected = 1').waitFor();
    await assertHarmless(page);
    await page.goto(`/#/videos/default/${hostile.detail.name}`);
    await page.getByLabel('Find in the transcript').fill('<script>');
    await page.locator('.transcript mark').first().waitFor();
    await page.locator('.video-actions').getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').waitFor();
    await assertFits(page);
    await assertHarmless(page);
    for (const address of [
      `#/search?q=${encodeURIComponent(SCRIPTS)}`,
      `#/videos/${encodeURIComponent(SCRIPTS)}/x`,
      '#/videos/..%2F..%2Fapi/%00',
      '#/%E0%A4%A',
      '#javascript:window.injected=1',
      '#/?state=<script>',
    ]) {
      await page.goto(`/${address}`);
      await page.locator('h1').waitFor();
      await assertFits(page);
      await assertHarmless(page);
    }
  });
});
