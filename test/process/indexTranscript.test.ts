import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { readOrderedTranscript } from '../../jobrunner/stages/orderedTranscript.ts';
import { WorkFolder } from '../../jobrunner/workFolder.ts';
import { sandbox } from '../support/cli.ts';

async function folderWith(t: TestContext, text: string | undefined): Promise<WorkFolder> {
  const folder = new WorkFolder(join((await sandbox(t)).workDir, 'demo'));
  await folder.create();
  if (text !== undefined) await writeFile(folder.file('transcript.json'), text);
  return folder;
}

const withSegments = (segments: string): string =>
  `{"language":"en","model":"tiny.en","durationSeconds":60,"segments":[${segments}]}`;
const segment = (start: number | string, end: number | string, text = 'Words.'): string =>
  `{"start":${start},"end":${end},"text":${JSON.stringify(text)}}`;

describe('the transcript that index reads', () => {
  for (const [what, text, fault] of [
    ['is absent', undefined, /missing: transcribe has to run/],
    ['is empty', '', /not a transcript/],
    ['is cut', withSegments(segment(0, 1)).slice(0, -3), /not a transcript/],
    ['has NaN', withSegments(segment('NaN', 1)), /not a transcript/],
    ['has no number', withSegments(segment('"0"', 1)), /not a transcript/],
    ['has an endless time', withSegments(segment(0, '1e999')), /not a transcript/],
    ['has a negative time', withSegments(segment(-1, 1)), /not a transcript/],
    ['ends before it starts', withSegments(segment(5, 1)), /ends before it starts \(segment 0\)/],
    ['overlaps', withSegments(`${segment(0, 10)},${segment(5, 15)}`), /overlapping \(segment 1\)/],
    ['is out of order', withSegments(`${segment(20, 30)},${segment(0, 10)}`), /out of order/],
    ['has 10 MB', withSegments(segment(0, 1, 'x'.repeat(10_000_000))), /10000\d+ bytes, more than/],
    ['is nested without end', '['.repeat(1_000_000), /not a transcript/],
  ] as const)
    it(`is refused when it ${what}`, async (t) => {
      const folder = await folderWith(t, text);
      await assert.rejects(readOrderedTranscript(folder), {
        name: 'StageError',
        reason: 'InvalidFile',
        message: fault,
      });
    });

  it('may overlap by the rounding of times', async (t) => {
    const folder = await folderWith(t, withSegments(`${segment(0, 10.01)},${segment(10, 15)}`));
    assert.equal((await readOrderedTranscript(folder)).segments.length, 2);
  });
});
