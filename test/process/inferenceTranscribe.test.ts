import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { whisperTranscriber } from '../../jobrunner/adapters/whisper.ts';
import type { Segment } from '../../jobrunner/artifacts.ts';
import type { Inference } from '../../jobrunner/inference/inference.ts';
import type { TranscribeResult } from '../../jobrunner/ports.ts';
import { french, recording, silence } from '../sample/index.ts';
import { BYTES_PER_SECOND, inChunks, newInference, quiet, soundOf } from '../support/inference.ts';
import { wordErrorRate } from '../support/wordErrorRate.ts';

const never = new AbortController().signal;
const known = recording();
const sound = await soundOf(known.path);

const textOf = (segments: readonly Segment[]): string => segments.map(({ text }) => text).join(' ');

/** The first `seconds` of the recording, over and over if need be. */
function speech(seconds: number): Buffer {
  const bytes = seconds * BYTES_PER_SECOND;
  return Buffer.concat(Array(Math.ceil(bytes / sound.length)).fill(sound)).subarray(0, bytes);
}

async function peakMb(inference: Inference): Promise<number> {
  // oxlint-disable-next-line no-unsafe-type-assertion -- the worker's own answer
  return ((await inference.request({ op: 'info' }, never)) as { peakMb: number }).peakMb;
}

describe('transcription', () => {
  const inference = newInference();
  after(() => inference.close());

  const transcribe = (
    pcm: Buffer,
    { language = 'auto', chunk = 65_536, by = inference } = {},
  ): Promise<TranscribeResult> =>
    whisperTranscriber(by).transcribe({
      pcm: inChunks(pcm, chunk),
      language,
      signal: never,
      onProgress: () => undefined,
    });

  it('hears the bundled recording: its words, and when each sentence is said', async () => {
    const { segments, language, model } = await transcribe(sound);
    assert.equal(language, 'en');
    assert.match(model, /^tiny/);
    const errors = wordErrorRate(known.text, textOf(segments));
    assert.ok(errors <= 0.05, `word error rate ${errors}`);

    let before = 0;
    for (const { start, end } of segments) {
      assert.ok(start >= before && end >= start, `${start}–${end} after ${before}`);
      before = end;
    }
    const sentences = known.topics.flatMap((topic) => topic.sentences);
    const late = sentences.filter(
      ({ start }) => !segments.some((segment) => Math.abs(segment.start - start) <= 0.6),
    );
    assert.ok(late.length <= 2, `no segment begins with: ${late.map(({ text }) => text).join(' | ')}`);
  });

  it('hears the same whatever the size of the chunks, odd ones too', async () => {
    const part = speech(60);
    const whole = await transcribe(part);
    assert.ok(whole.segments.length > 5);
    assert.deepEqual(await transcribe(part, { chunk: 99_999 }), whole);
  });

  it('keeps the times right behind long silences', async () => {
    const part = speech(14);
    const apart = Buffer.concat([quiet(150), part, quiet(45), part]);
    const { segments } = await transcribe(apart);
    const { start = 0 } = known.topics[0]?.sentences[0] ?? {};
    for (const from of [150, 209]) {
      const first = segments.find((segment) => segment.start >= from);
      assert.ok(
        Math.abs((first?.start ?? 0) - from - start) < 0.6,
        `${first?.start} is not ${from} + ${start}`,
      );
      assert.match(first?.text ?? '', /^Hello and welcome/);
    }
    assert.ok(segments.every(({ end }) => end <= 223.1));
  });

  it('hears nothing in silence, in no sound at all, and in tones', async () => {
    const tones = Buffer.alloc(20 * BYTES_PER_SECOND);
    for (let at = 0; at < tones.length / 2; at++)
      tones.writeInt16LE(Math.round(4000 * (Math.sin(at / 12) + Math.sin(at / 9.5))), 2 * at);
    for (const pcm of [await soundOf(silence.path), Buffer.alloc(0), tones])
      assert.deepEqual((await transcribe(pcm)).segments, []);
  });

  it('hears French as French, or says that its model cannot', async () => {
    const pcm = await soundOf(french.path);
    try {
      const { model, language } = await transcribe(pcm);
      assert.equal(model, 'tiny');
      assert.equal(language, 'fr');
    } catch (error) {
      assert.ok(error instanceof Error && 'reason' in error);
      assert.equal(error.reason, 'LanguageUnsupported');
      assert.match(error.message, /tiny\.en/);
    }
  });

  it('asks for no sound when it does not know the language', async () => {
    let pulled = false;
    async function* pcm(): AsyncGenerator<Buffer> {
      pulled = true;
      yield quiet(1);
    }
    const failing = whisperTranscriber(inference).transcribe({
      pcm: pcm(),
      language: 'xx',
      signal: never,
      onProgress: () => undefined,
    });
    await assert.rejects(failing, { reason: 'LanguageUnsupported' });
    assert.equal(pulled, false);
  });

  // The same sentences once and twice: it is the length that must cost nothing, and some sentences cost more than others.
  it('needs no more memory for ten minutes than for five', async () => {
    const fresh = newInference();
    after(() => fresh.close());
    await transcribe(speech(300), { by: fresh, language: 'en' });
    const short = await peakMb(fresh);
    await transcribe(speech(600), { by: fresh, language: 'en' });
    const long = await peakMb(fresh);
    assert.ok(long - short <= 20, `${short} MB, then ${long} MB`);
    assert.ok(long <= 260, `${long} MB`);
  });

  it('is free for the next when one was stopped while it waited for sound', async () => {
    const stop = new AbortController();
    async function* stalled(): AsyncGenerator<Buffer> {
      yield quiet(30);
      stop.abort();
      throw new Error('no more sound');
    }
    const stopped = whisperTranscriber(inference).transcribe({
      pcm: stalled(),
      language: 'en',
      signal: stop.signal,
      onProgress: () => undefined,
    });
    await assert.rejects(stopped);
    assert.deepEqual((await transcribe(quiet(2))).segments, []);
  });
});
