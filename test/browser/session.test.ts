import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as canned from './support/cannedVideos.ts';
import { useWorld } from './support/world.ts';

const TOKEN = 'a-token-of-some-length';

describe('signing in', () => {
  const open = useWorld();

  it('asks for the token before anything else, says when it is wrong, and goes on to what was asked for', async (t) => {
    const ready = canned.readyVideo();
    const { page, fixture } = await open(t, {
      videos: [ready],
      token: TOKEN,
      address: `#/videos/default/${ready.detail.name}`,
      page: { expected: /401|429/ },
    });
    const token = page.getByLabel('Access token');
    await token.waitFor();
    assert.equal(await token.evaluate((element) => element === document.activeElement), true);
    assert.deepEqual([...new Set(fixture.asked)], ['GET /api/session']);
    await token.fill('something else');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('That is not the token of this server.').waitFor();
    fixture.fail(
      'POST /api/session',
      429,
      { title: 'Too many', status: 429, detail: '' },
      { 'retry-after': '12' },
    );
    await token.fill('again');
    await page.keyboard.press('Enter');
    await page.getByText('Too many tries. Try again in 12 seconds.').waitFor();
    fixture.heal();
    await token.fill(TOKEN);
    await page.keyboard.press('Enter');
    await page.locator('.segment').first().waitFor();
    assert.ok(!JSON.stringify(await page.context().storageState()).includes(TOKEN));
    assert.ok(!(await page.content()).includes(TOKEN));
  });

  it('shows nothing any more once signed out, or once the server forgot', async (t) => {
    const { page, fixture } = await open(t, {
      videos: [canned.readyVideo()],
      token: TOKEN,
      page: { expected: /401/ },
    });
    const signIn = async (): Promise<void> => {
      await page.getByLabel('Access token').fill(TOKEN);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.locator('.row-title').first().waitFor();
    };
    await signIn();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Access token').waitFor();
    assert.equal(await page.locator('.row-title').count(), 0);
    await signIn();
    await page.context().clearCookies();
    fixture.put(canned.failedVideo());
    await page.getByLabel('Access token').waitFor();
  });

  it('asks for nothing where the server asks for nothing', async (t) => {
    const { page } = await open(t, {});
    await page.getByRole('heading', { name: 'No videos yet' }).waitFor();
    assert.equal(await page.getByRole('button', { name: 'Sign out' }).count(), 0);
  });

  it('says so where the server does not answer, and goes on when it does', async (t) => {
    const { page, fixture } = await open(t, { page: { expected: /500/ } });
    fixture.fail('GET /api/session', 500, {});
    await page.reload();
    await page.getByRole('heading', { name: 'The server does not answer' }).waitFor();
    fixture.heal();
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('heading', { name: 'No videos yet' }).waitFor();
  });
});
