import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StageError } from '../../jobrunner/contract/stageError.ts';
import { isLoomHost, parseLoomUrl } from '../../jobrunner/loomUrl.ts';

const ID = '0123456789abcdef0123456789abcdef';
const SHARE = `https://www.loom.com/share/${ID}`;

describe('parseLoomUrl', () => {
  for (const text of [
    SHARE,
    `http://loom.com/share/${ID}`,
    `https://WWW.Loom.com/embed/${ID}`,
    `${SHARE}/`,
    `${SHARE}?sid=11111111-2222-3333-4444-555555555555`,
    `https://www.loom.com/share/Our-demo_of-May-${ID}?t=12#top`,
    `https://www.loom.com:443/share/${ID}`,
  ])
    it(`puts ${text} into its one form`, () => assert.deepEqual(parseLoomUrl(text), { id: ID, url: SHARE }));

  for (const text of [
    '',
    'loom.com',
    ID,
    `https://www.loom.com/share/${ID}0`,
    `https://www.loom.com/share/${ID.slice(1)}`,
    `https://www.loom.com/share/${ID.toUpperCase()}`,
    `https://www.loom.com/share/folder/${ID}`,
    `https://www.loom.com/share/${ID}/../../looms`,
    `https://www.loom.com/looms/${ID}`,
    `https://www.loom.com:8443/share/${ID}`,
    `https://www.loom.com.example.org/share/${ID}`,
    `https://notloom.com/share/${ID}`,
    `https://www.loom.com@example.org/share/${ID}`,
    `https://somebody:secret@www.loom.com/share/${ID}`,
    `ftp://www.loom.com/share/${ID}`,
    `file:///share/${ID}`,
    ` ${SHARE}`,
    `${SHARE}\n--exec=id`,
    `https:\\\\www.loom.com\\share\\${ID}`,
    `${SHARE}?${'x'.repeat(3000)}`,
  ])
    it(`refuses ${JSON.stringify(text.slice(0, 80))}`, () => {
      assert.throws(
        () => parseLoomUrl(text),
        (error: unknown) =>
          error instanceof StageError &&
          error.reason === 'InvalidURL' &&
          !error.message.includes('\n') &&
          !error.message.includes('secret'),
      );
    });
});

describe('isLoomHost', () => {
  for (const [url, expected] of [
    ['https://cdn.loom.com/sessions/raw/x.mp4?Policy=y', true],
    ['https://luna.loom.com/id/x/playlist.m3u8', true],
    ['http://cdn.loom.com/x.mp4', false],
    ['https://cdn.loom.com:444/x.mp4', false],
    ['https://cdn.loom.com.example.org/x.mp4', false],
    ['https://evilloom.com/x.mp4', false],
    ['http://169.254.169.254/', false],
    ['nonsense', false],
  ] as const)
    it(`${url}: ${expected}`, () => assert.equal(isLoomHost(url), expected));
});
