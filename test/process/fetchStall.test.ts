import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { runFetch } from '../support/fetchRun.ts';
import { fetchWorld, file, type FetchWorld } from '../support/fetchWorld.ts';

describe('fetch with the default limits', () => {
  let world: FetchWorld;
  before(async () => {
    world = await fetchWorld();
  });
  after(() => world.loom.close());

  it('gives up on a stalled transfer after 60 s', async () => {
    const { loom, tools, media } = world;
    const { shareUrl } = loom.addVideo({
      raw: file(media.plain),
      faults: [{ on: 'media', stallAfter: 100_000 }],
    });
    const result = await runFetch(loom, { tools, url: shareUrl });
    assert.equal(result.error?.reason, 'DownloadTimeout');
    assert.equal(result.error.retryable, true);
    assert.deepEqual(result.files, []);
    assert.deepEqual(result.orphans, []);
    assert.ok(result.seconds > 59 && result.seconds < 66, `took ${result.seconds} s`);
  });
});
