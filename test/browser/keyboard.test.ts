import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import * as canned from './support/cannedVideos.ts';
import { until, useWorld } from './support/world.ts';

/** Goes on with Tab until what has the focus is this, and shows that it has it. */
async function tabTo(page: Page, name: string | RegExp, key = 'Tab'): Promise<void> {
  const seen: string[] = [];
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press(key);
    const { text, isVisible } = await page.evaluate(() => {
      const element = document.activeElement;
      const label =
        element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement
          ? element.labels?.[0]?.textContent
          : undefined;
      // Some show their focus around what they stand in.
      const outlines = [element, element?.parentElement].flatMap((one) =>
        one ? [getComputedStyle(one), getComputedStyle(one, '::after')] : [],
      );
      return {
        text: (label ?? element?.ariaLabel ?? element?.textContent ?? '').replaceAll(/\s+/g, ' ').trim(),
        isVisible: outlines.some(
          ({ outlineStyle, outlineWidth }) => outlineStyle !== 'none' && outlineWidth !== '0px',
        ),
      };
    });
    seen.push(text);
    if (isIt(text, name)) {
      assert.ok(isVisible, `the focus on ${text} is not seen`);
      return;
    }
  }
  assert.fail(`Tab does not come to ${name}: ${seen.join(' | ')}`);
}

function isIt(text: string, name: string | RegExp): boolean {
  return typeof name === 'string' ? text === name : name.test(text);
}

describe('with the keyboard alone', () => {
  const open = useWorld();

  it('a video is added, opened, found in, and deleted; the focus is always seen and never lost', async (t) => {
    const ready = canned.readyVideo(77);
    const { page, fixture } = await open(t, {});
    await page.getByRole('heading', { name: 'No videos yet' }).waitFor();
    await tabTo(page, 'Skip to content');
    await page.keyboard.press('Enter');
    await tabTo(page, 'Add videos');
    await page.keyboard.type(ready.detail.url);
    await tabTo(page, 'Add');
    await page.keyboard.press('Enter');
    await page.getByText('1 video added').waitFor();
    await page.locator('.row-title').first().waitFor();
    await tabTo(page, 'Close the results');
    await page.keyboard.press('Enter');
    await tabTo(page, /^loom\.com\/share\/0000004d/);
    await page.keyboard.press('Enter');
    await page.getByText('It waits for its turn').waitFor();
    await until(
      () => page.evaluate(() => document.activeElement?.tagName === 'H1'),
      'the heading has the focus',
    );
    const { uid } = (await (
      await fetch(`${fixture.url}/api/videos/default/${ready.detail.name}`)
    ).json()) as { uid: string };
    fixture.put({ ...ready, detail: { ...ready.detail, uid } });
    await page.locator('.segment').first().waitFor();
    await tabTo(page, 'Find in the transcript');
    await page.keyboard.type('invoice');
    await page.keyboard.press('Enter');
    await page.getByText(/2 of \d/).waitFor();
    await tabTo(page, 'Delete', 'Shift+Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    assert.equal(await page.evaluate(() => document.activeElement?.textContent?.trim()), 'Keep it');
    await tabTo(page, 'Delete');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'No videos yet' }).waitFor();
    await until(() => page.evaluate(() => document.activeElement?.tagName === 'H1'), 'the focus is not lost');
  });
});
