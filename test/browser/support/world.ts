import { after, before } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { openBrowser, openPage, type PageOptions } from './browser.ts';
import { startFixture, type Fixture, type FixtureOptions } from './fixtureServer.ts';
import { lastFirst, type TestEnd } from './lastFirst.ts';

export interface World {
  readonly fixture: Fixture;
  readonly page: Page;
}

export interface WorldOptions extends FixtureOptions {
  readonly page?: Omit<PageOptions, 'url'>;
  /** A hash; the list unless told. */
  readonly address?: string;
}

/** A browser for the tests of a `describe`; gives how a test opens the page in front of canned data. */
export function useWorld(): (t: TestEnd, options?: WorldOptions) => Promise<World> {
  let browser: Browser;
  before(async () => {
    browser = await openBrowser();
  });
  after(() => browser.close());
  return async (t, { page: pageOptions, address = '#/', ...options } = {}) => {
    const end = lastFirst(t);
    const fixture = await startFixture(end, options);
    const page = await openPage(end, browser, { url: fixture.url, ...pageOptions });
    await page.goto(`/${address}`);
    return { fixture, page };
  };
}

/** Resolves when it holds; for what the page's locators cannot wait for. */
export async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (const end = Date.now() + 15_000; !(await holds());) {
    if (Date.now() > end) throw new Error(`not within 15 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

/** The texts of what a selector finds, each in one line. */
export async function textsOf(page: Page, selector: string): Promise<string[]> {
  const texts = await page.locator(selector).allInnerTexts();
  return texts.map((text) => text.replaceAll(/\s+/g, ' ').trim());
}

/** What has the focus, as a user would name it. */
export function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const { activeElement } = document;
    return activeElement?.getAttribute('aria-label') ?? activeElement?.id ?? '';
  });
}
