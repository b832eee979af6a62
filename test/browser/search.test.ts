import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { searchRecording } from './support/cannedAnswers.ts';
import * as canned from './support/cannedVideos.ts';
import { textsOf, until, useWorld } from './support/world.ts';

describe('search across all videos', () => {
  const open = useWorld();
  const ready = canned.readyVideo();

  it('marks what was found, leads to the second and to the place, and says when words alone decided', async (t) => {
    const { page, fixture } = await open(t, { videos: [ready], search: searchRecording });
    await page.locator('.row-title').first().waitFor();
    await page.keyboard.press('Control+k');
    await page.keyboard.type('invoice');
    await page.keyboard.press('Enter');
    await page.locator('.passage').first().waitFor();
    assert.match(page.url(), /#\/search\?q=invoice$/);
    assert.deepEqual(new Set(await textsOf(page, '.passage mark')), new Set(['invoice']));
    const first = page.locator('.passage').first();
    const loom = first.getByRole('link', { name: 'Open in Loom' });
    assert.equal(await loom.getAttribute('href'), `${ready.detail.url}?t=31`);
    assert.equal(await loom.getAttribute('rel'), 'noopener noreferrer');
    await page.getByText('Found by words alone.').waitFor();
    await page.getByRole('button', { name: 'Search by meaning' }).click();
    await page.getByText('Found by words alone.').waitFor({ state: 'detached' });
    await until(
      () => fixture.asked.some((asked) => /q=invoice.*wait=true/.test(asked)),
      'it is asked by meaning',
    );
    await first.getByRole('link', { name: 'Read in the transcript' }).click();
    await page.locator('.segment.pointed', { hasText: 'a copy of an invoice' }).waitFor();
    await page.goBack();
    await page.locator('.passage').first().waitFor();
    assert.equal(await page.getByLabel('Search all videos').inputValue(), 'invoice');
  });

  it('follows the typing once it is on, in one step of Back, and asks for no half of a word', async (t) => {
    const { page, fixture } = await open(t, { videos: [ready], search: searchRecording });
    await page.locator('.row-title').first().waitFor();
    await page.getByLabel('Search all videos').fill('password');
    await page.keyboard.press('Enter');
    await page.locator('.passage').first().waitFor();
    await page.getByLabel('Search all videos').fill('');
    await page.getByRole('heading', { name: 'Ask in your own words' }).waitFor();
    await page.getByLabel('Search all videos').pressSequentially('webhook', { delay: 10 });
    await page.getByRole('heading', { name: 'Nothing found' }).waitFor();
    const asked = fixture.asked.filter((one) => one.startsWith('GET /api/search'));
    assert.ok(asked.length <= 4, asked.join('\n'));
    assert.match(asked.at(-1) ?? '', /q=webhook&/);
    await page.goBack();
    await page.getByRole('heading', { name: 'Videos', level: 1 }).waitFor();
  });

  it('says what went wrong and tries again when asked', async (t) => {
    const { page, fixture } = await open(t, { search: searchRecording, page: { expected: /503/ } });
    fixture.fail('GET /api/search', 503, {
      title: 'Unavailable',
      status: 503,
      detail: 'The store does not answer.',
    });
    await page.goto('/#/search?q=invoice');
    await page.getByText('The store does not answer.').waitFor();
    fixture.heal();
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.locator('.passage').first().waitFor();
  });

  it('an answer that comes late is not taken for that of the last question', async (t) => {
    const { page } = await open(t, { search: searchRecording });
    await page.route('**/api/search?q=invoice*', async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 600));
      await route.continue().catch(() => undefined);
    });
    await page.goto('/#/search?q=invoice');
    await page.getByText('Searching…').waitFor();
    await page.waitForTimeout(300);
    await page.goto('/#/search?q=password');
    await page.locator('.passage mark').first().waitFor();
    await page.waitForTimeout(600);
    await until(
      async () => new Set(await textsOf(page, '.passage mark')).has('password'),
      'the last is shown',
    );
  });
});
