import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stepConditions } from '../../jobrunner/contract/conditions.ts';
import { decodeReport, encodeReport, MAX_REPORT_BYTES } from '../../jobrunner/contract/encodeReport.ts';
import { EXIT, exitCodeOf, isRetryable } from '../../jobrunner/contract/exitCodes.ts';
import { factsOf, REASONS, type Reason } from '../../jobrunner/contract/reasons.ts';
import { abortError, StageError } from '../../jobrunner/contract/stageError.ts';
import type { StageReport } from '../../jobrunner/contract/stageReport.ts';

const base = {
  startedAt: '2026-11-23T10:00:00.000Z',
  finishedAt: '2026-11-23T10:00:05.000Z',
  memory: { peakMb: 210, limitMb: 400, afterMb: 60 },
};
const succeeded = (stage: StageReport['stage']): StageReport => ({
  ...base,
  stage,
  outcome: 'Succeeded',
  reason: 'Completed',
  message: 'done',
  retryable: false,
});
const failed = (stage: StageReport['stage'], reason: Reason): StageReport => ({
  ...base,
  stage,
  outcome: 'Failed',
  reason,
  message: 'why',
  retryable: isRetryable(reason),
});

describe('reasons', () => {
  for (const reason of Object.keys(REASONS) as Reason[])
    it(`${reason} is a condition reason with advice and an exit code`, () => {
      assert.match(reason, /^[A-Z][A-Za-z]+$/);
      assert.match(factsOf(reason).advice, /^[A-Z].*[.]$/);
      assert.equal(exitCodeOf(reason), EXIT[factsOf(reason).class]);
      assert.equal(isRetryable(reason), factsOf(reason).class === 'transient');
    });
});

describe('encodeReport', () => {
  const video = { title: 'A demo', durationSeconds: 270, sizeBytes: 1_500_000, source: 'yt-dlp' } as const;

  it('comes back as it was', () => {
    const report = { ...succeeded('fetch'), video };
    assert.deepEqual(decodeReport(encodeReport(report)), report);
  });

  for (const [what, title] of [
    ['10 kB of letters', 'x'.repeat(10_000)],
    ['10 kB of emoji', '😀'.repeat(2500)],
    ['what JSON has to escape', '"\\\u0001'.repeat(3000)],
  ] as const)
    it(`never exceeds its bytes: a title and message of ${what}`, () => {
      const text = encodeReport({
        ...failed('fetch', 'InvalidFile'),
        message: title,
        video: { ...video, title, uploader: title },
      });
      assert.ok(Buffer.byteLength(text) <= MAX_REPORT_BYTES);
      const report = decodeReport(text);
      assert.equal(report?.reason, 'InvalidFile');
      assert.ok(report.message.isWellFormed());
    });

  const whole = encodeReport(succeeded('index'));
  for (const [what, text] of [
    ['nothing', undefined],
    ['empty', ''],
    ['cut off', whole.slice(0, -10)],
    ['a log line', 'panic: out of memory'],
    ['null', 'null'],
    ['an array', '[]'],
    ['an unknown stage', whole.replace('"index"', '"deploy"')],
    ['an unknown reason', whole.replace('"Completed"', '"<script>"')],
    ['a time that is none', whole.replace('2026-11-23T10:00:00.000Z', 'yesterday')],
    ['a number that is none', whole.replace('210', '"210"')],
    ['facts of another shape', whole.replace(/}$/, ',"video":{"title":1}}')],
    ['endless', whole + ' '.repeat(100_000)],
  ] as const)
    it(`reads ${what} as no report`, () => assert.equal(decodeReport(text), undefined));
});

describe('stepConditions', () => {
  const summary = (reports: StageReport[], cleanedUp?: boolean): string =>
    stepConditions(reports, cleanedUp)
      .map(({ type, status, reason }) => `${type}=${status}${status === 'False' ? `(${reason})` : ''}`)
      .join(' ');

  for (const [what, reports, cleanedUp, expected] of [
    [
      'nothing ran',
      [],
      undefined,
      'Downloaded=Unknown Validated=Unknown Transcribed=Unknown Embedded=Unknown CleanedUp=Unknown MemoryStable=Unknown',
    ],
    [
      'all done',
      [succeeded('fetch'), succeeded('transcribe'), succeeded('index')],
      true,
      'Downloaded=True Validated=True Transcribed=True Embedded=True CleanedUp=True MemoryStable=True',
    ],
    [
      'a file that is no video was downloaded all the same',
      [failed('fetch', 'InvalidFile')],
      true,
      'Downloaded=True Validated=False(InvalidFile) Transcribed=Unknown Embedded=Unknown CleanedUp=True MemoryStable=True',
    ],
    [
      'memory shows on its own condition',
      [succeeded('fetch'), failed('transcribe', 'TranscribeOOMKilled')],
      true,
      'Downloaded=True Validated=True Transcribed=Unknown Embedded=Unknown CleanedUp=True MemoryStable=False(TranscribeOOMKilled)',
    ],
    [
      'an interruption shows on the step it interrupted',
      [succeeded('fetch'), failed('transcribe', 'Interrupted')],
      false,
      'Downloaded=True Validated=True Transcribed=False(Interrupted) Embedded=Unknown CleanedUp=False(CleanupFailed) MemoryStable=True',
    ],
    [
      'a store that is away',
      [succeeded('fetch'), succeeded('transcribe'), failed('index', 'StoreUnavailable')],
      true,
      'Downloaded=True Validated=True Transcribed=True Embedded=False(StoreUnavailable) CleanedUp=True MemoryStable=True',
    ],
  ] as const)
    it(what, () => assert.equal(summary([...reports], cleanedUp), expected));
});

describe('abortError', () => {
  it('is the reason itself when that says more', () => {
    const reason = new StageError('MemoryLimitExceeded', 'too much', { killsAtOnce: true });
    assert.equal(abortError(AbortSignal.abort(reason)), reason);
    assert.equal(reason.killsAtOnce, true);
  });
  it('is an interruption otherwise', () => {
    const error = abortError(AbortSignal.abort(new Error('received SIGTERM')));
    assert.equal(error.reason, 'Interrupted');
    assert.equal(error.retryable, true);
  });
});
