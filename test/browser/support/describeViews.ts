import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { assertAccessible } from './axe.ts';
import { assertFits, openBrowser, openPage, screenshot, WIDTHS } from './browser.ts';
import { startFixture, type Fixture, type FixtureOptions } from './fixtureServer.ts';
import { lastFirst } from './lastFirst.ts';

/** A state of the page that people see. */
export interface View {
  /** Of its screenshots too. */
  readonly name: string;
  readonly server: FixtureOptions;
  /** A hash; the list unless told. */
  readonly address?: string;
  /** Is there once all is. */
  readonly shows: string;
  /** What is done before it is looked at. */
  readonly first?: (page: Page, fixture: Fixture) => Promise<void>;
  /** Where it is longer than a screen: whether what is on the screen is all of interest. */
  readonly isOfScreen?: boolean;
  /** Console errors that it is about. */
  readonly expected?: RegExp;
}

/** Looks at each view in light and dark, at a desk and on a phone, and leaves a picture of each. */
export function describeViews(what: string, views: readonly View[]): void {
  describe(what, () => {
    let browser: Browser;
    before(async () => {
      browser = await openBrowser();
    });
    after(() => browser.close());

    for (const { name, server, address = '#/', shows, first, isOfScreen = false, expected } of views)
      it(`${name}: axe finds nothing, and it fits`, async (t) => {
        const end = lastFirst(t);
        const fixture = await startFixture(end, server);
        const page = await openPage(end, browser, {
          url: fixture.url,
          bypassCSP: true,
          ...(expected && { expected }),
        });
        await page.goto(`/${address}`);
        await first?.(page, fixture);
        await page.locator(shows).first().waitFor();
        await page.evaluate(() => document.fonts.ready.then(() => undefined));
        for (const [place, width] of Object.entries(WIDTHS))
          for (const scheme of ['light', 'dark'] as const) {
            await page.setViewportSize({ width, height: place === 'desk' ? 900 : 844 });
            await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
            await assertFits(page);
            if (place === 'narrow') continue;
            await assertAccessible(page, `${name}, ${place}, ${scheme}`);
            await screenshot(page, `${name}-${width}-${scheme}`, { fullPage: !isOfScreen });
          }
      });
  });
}
