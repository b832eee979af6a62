import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { childEnvironment } from '../../common/childEnvironment.ts';
import { processTree } from '../../common/memory/processTree.ts';
import { ffmpegAudioDecoder } from '../../jobrunner/adapters/ffmpegAudio.ts';
import { localEmbedder } from '../../jobrunner/adapters/localEmbedder.ts';
import { whisperTranscriber } from '../../jobrunner/adapters/whisper.ts';
import { locateFfmpeg } from '../../jobrunner/setup/ffmpeg.ts';
import { recording, silence } from '../sample/index.ts';
import { ROOT } from '../support/cli.ts';
import { newInference } from '../support/inference.ts';

const places = { env: process.env, root: ROOT };
const signal = new AbortController().signal;
const ffmpegPath = (await locateFfmpeg(places)).path;
const decoder = ffmpegAudioDecoder({ ffmpegPath, env: childEnvironment(process.env), threads: 2 });
const pythons = (): number => processTree(process.pid).length;

describe('the inference worker', () => {
  const inference = newInference();
  after(() => inference.close());

  it('embeds a query between two pieces of a transcription', async () => {
    const embedder = localEmbedder(inference);
    assert.equal(embedder.isWarm(), false);
    const order: string[] = [];
    const audio = decoder.decode(recording().path, signal);
    const transcription = whisperTranscriber(inference).transcribe({
      pcm: audio.pcm,
      language: 'auto',
      signal,
      onProgress: (seconds) => {
        order.push(`heard ${seconds}`);
        if (order.length === 2)
          void embedder.embed(['a query'], { signal }).then(() => order.push('embedded'));
      },
    });
    const { segments } = await transcription;
    assert.ok(segments.length > 40);
    const place = order.indexOf('embedded');
    assert.ok(place > 0 && place < order.length - 2, order.join(', '));
    assert.equal(embedder.isWarm(), true);
  });

  it('ends a transcription at once when it is aborted, and starts afresh', async () => {
    const abort = new AbortController();
    const audio = decoder.decode(recording().path, abort.signal);
    const started = whisperTranscriber(inference).transcribe({
      pcm: audio.pcm,
      language: 'auto',
      signal: abort.signal,
      onProgress: () => abort.abort(),
    });
    await assert.rejects(started, { reason: 'Interrupted' });
    await audio.close();
    const quiet = decoder.decode(silence.path, signal);
    const { segments } = await whisperTranscriber(inference).transcribe({
      pcm: quiet.pcm,
      language: 'auto',
      signal,
      onProgress: () => undefined,
    });
    assert.deepEqual(segments, []);
  });

  it('ends when it was idle, and comes back', async () => {
    const shortLived = newInference(200);
    const embedder = localEmbedder(shortLived);
    const before = pythons();
    await embedder.embed(['x'], { signal });
    assert.equal(pythons(), before + 1);
    for (let i = 0; i < 100 && shortLived.running; i++) await sleep(50);
    assert.equal(embedder.isWarm(), false);
    assert.equal((await embedder.embed(['x'], { signal })).length, 1);
    await shortLived.close();
  });
});
