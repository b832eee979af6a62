import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { processTree } from '../../common/memory/processTree.ts';
import { localEmbedder } from '../../jobrunner/adapters/localEmbedder.ts';
import { whisperTranscriber } from '../../jobrunner/adapters/whisper.ts';
import { inChunks, newInference, quiet } from '../support/inference.ts';

const never = new AbortController().signal;

describe('the inference client', () => {
  const inference = newInference();
  const embedder = localEmbedder(inference);
  after(() => inference.close());

  it('says what killed the worker, and starts another for the next request', async () => {
    await embedder.embed(['warm'], { signal: never });
    for (const pid of processTree(process.pid)) if (pid !== process.pid) process.kill(pid, 'SIGKILL');
    // Whether it is noticed before or after the request is sent, the request fails or finds a new worker.
    await embedder.embed(['lost'], { signal: never }).catch((error: unknown) => {
      assert.match(String(error), /SIGKILL/);
    });
    assert.equal((await embedder.embed(['again'], { signal: never })).length, 1);
  });

  it('lets a transcription go on when a query beside it is dropped', async () => {
    const drop = new AbortController();
    let asked = 0;
    const { segments } = await whisperTranscriber(inference).transcribe({
      pcm: inChunks(quiet(120)),
      language: 'en',
      signal: never,
      onProgress() {
        if (asked++ > 0) return;
        const query = embedder.embed(['a query'], { signal: drop.signal });
        drop.abort();
        void assert.rejects(query, { reason: 'Interrupted' });
      },
    });
    assert.deepEqual(segments, []);
    assert.ok(asked >= 4);
  });
});
