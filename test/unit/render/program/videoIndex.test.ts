import assert from 'node:assert/strict';
import { it } from 'node:test';
import { VideoIndex } from '../../../../controller/render/program/videos/videoIndex.ts';
import { seededRandom } from '../../../support/seededRandom.ts';
import { manifest, resourceWorld } from '../resourceWorld.ts';

it('is at any time what a fresh look at the store gives', (t) => {
  const world = resourceWorld(t);
  const { videos, clock } = world;
  const index = new VideoIndex(videos);
  const random = seededRandom(7);
  const next = (below: number): number => Math.floor(random() * below);
  const phases = ['Queued', 'Running', 'Ready', 'Failed'];
  for (let step = 0; step < 400; step++) {
    const name = `v${next(40)}`;
    const key = { namespace: ['default', 'team-a'][next(2)] ?? '', name };
    const video = videos.get(key);
    if (!video) videos.create(key.namespace, manifest(name));
    else if (next(3) === 0) videos.delete(key);
    else videos.setStatus(key, video.metadata.uid, { phase: phases[next(4)] ?? '' });
    if (next(3) === 0) clock.pass(1000);
    if (step % 20 !== 0) continue;

    const fresh = new VideoIndex(videos);
    for (const filter of [
      {},
      { phase: 'Ready' },
      { namespace: 'team-a' },
      { namespace: 'default', phase: 'Failed' },
    ]) {
      const seen = index.page({ ...filter, limit: 200 });
      assert.deepEqual(seen, fresh.page({ ...filter, limit: 200 }));
      const present = videos
        .list('namespace' in filter ? { namespace: filter.namespace } : {})
        .items.filter(({ status }) => !('phase' in filter) || status?.phase === filter.phase);
      assert.equal(seen.total, present.length);
      assert.deepEqual(
        new Set(seen.videos.map(({ metadata }) => metadata.resourceVersion)),
        new Set(present.map(({ metadata }) => metadata.resourceVersion)),
      );
    }
    assert.deepEqual(index.phases, fresh.phases);
    assert.equal(index.size, fresh.size);
    fresh.close();
  }
  index.close();
});
