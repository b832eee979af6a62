import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { ROOT } from '../../support/cli.ts';
import { findChromium } from './chromium.ts';
import type { TestEnd } from './lastFirst.ts';

export const SCREENSHOTS = join(ROOT, '.cache', 'screenshots');

/** A desk, a phone, and the narrowest that has to do (WCAG 2.2, 1.4.10). Pixels. */
export const WIDTHS = { desk: 1280, phone: 390, narrow: 320 } as const;

/** For whatever a test waits for on a page, milliseconds. */
const PATIENCE_MS = 15_000;

export interface PageOptions {
  /** Of the server; no other host may be asked. */
  readonly url: string;
  readonly width?: number;
  readonly height?: number;
  readonly scheme?: 'light' | 'dark';
  /** For axe alone, whose script is put into the page: everybody else is held to the page's own policy. */
  readonly bypassCSP?: boolean;
  /** Console errors that the test brings about. */
  readonly expected?: RegExp;
}

/** One browser for a file of tests. */
export async function openBrowser(): Promise<Browser> {
  const { executablePath, env } = await findChromium();
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--font-render-hinting=none',
      // No name leads anywhere but to this machine.
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
    ],
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...env },
  });
}

/**
 * A page in a profile of its own. At the end of the test it is asserted that the page logged no error, threw none, broke
 * no rule of its policy, and asked no host but the server.
 */
export async function openPage(t: TestEnd, browser: Browser, options: PageOptions): Promise<Page> {
  const { url, width = WIDTHS.desk, height = 900, scheme = 'light', bypassCSP = false, expected } = options;
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: scheme,
    reducedMotion: 'reduce',
    locale: 'en-US',
    timezoneId: 'UTC',
    bypassCSP,
    baseURL: url,
    hasTouch: width < 600,
  });
  context.setDefaultTimeout(PATIENCE_MS);
  const problems: string[] = [];
  await context.route(
    (asked) => asked.origin !== new URL(url).origin && asked.protocol !== 'data:',
    async (route) => {
      problems.push(`asked another host: ${route.request().url()}`);
      await route.abort();
    },
  );
  const page = await context.newPage();
  page.on('pageerror', (error) => problems.push(`threw: ${error.stack ?? error.message}`));
  page.on('console', (message) => {
    const text = message.text();
    if (!['error', 'warning'].includes(message.type()) || expected?.test(text)) return;
    problems.push(`logged: ${text} (${message.location().url})`);
  });
  page.on('dialog', (dialog) => {
    problems.push(`opened a dialog of the browser: ${dialog.message()}`);
    void dialog.dismiss();
  });
  t.after(async () => {
    await context.close();
    assert.deepEqual(problems, []);
  });
  return page;
}

/** Writes how it looks, for people. */
export async function screenshot(page: Page, name: string, { fullPage = true } = {}): Promise<void> {
  await mkdir(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage });
}

/** That nothing sticks out: a page that scrolls sideways is broken. */
export async function assertFits(page: Page): Promise<void> {
  const { inner, outer } = await page.evaluate(() => ({
    inner: document.documentElement.scrollWidth,
    outer: document.documentElement.clientWidth,
  }));
  assert.ok(inner <= outer, `${inner} px of content in ${outer} px: ${await tooWide(page)}`);
}

/** Which elements reach beyond the right edge. */
function tooWide(page: Page): Promise<string> {
  return page.evaluate(() =>
    [...document.querySelectorAll('body *')]
      .filter((element) => element.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
      .map((element) => `${element.tagName}.${element.className}`)
      .slice(0, 10)
      .join(', '),
  );
}
