import assert from 'node:assert/strict';
import { Ajv } from 'ajv';
import * as fc from 'fast-check';
import { readReport } from '../../../controller/kubernetes/gather/readReport.ts';
import { decide } from '../../../controller/reconcile/decide.ts';
import type { ContainerState } from '../../../controller/reconcile/observation.ts';
import { readCrd } from '../../../controller/render/resources/crd.ts';
import { validate } from '../../../controller/render/resources/schema/validate.ts';
import { loomVideoSchema } from '../../../crds/generated/schema.ts';
import { decodeReport, encodeReport, MAX_REPORT_BYTES } from '../../../jobrunner/contract/encodeReport.ts';
import { REASONS, type Reason } from '../../../jobrunner/contract/reasons.ts';
import { STAGES, type StageName, type StageReport } from '../../../jobrunner/contract/stageReport.ts';
import { checkStatus } from '../../unit/reconcile/kstatus.ts';
import { job, NOW, observe, pod, video, withStatus } from '../../unit/reconcile/world.ts';
import { bounded } from '../bounded.ts';
import { property, type Target } from '../property.ts';
import { wildJson } from '../texts/json.ts';
import { anyText, mutated } from '../texts/soup.ts';

const text = fc.oneof(
  anyText,
  fc.tuple(anyText, fc.integer({ min: 1, max: 300 })).map(([one, times]) => one.repeat(times)),
);
/** Of a name that a spec may give: 128 characters at most. */
const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 128 });
const count = fc.oneof(fc.nat(10), fc.nat(2 ** 31 - 1));
const time = fc
  .date({ noInvalidDate: true, min: new Date('2000-01-01'), max: new Date('2100-01-01') })
  .map((date) => date.toISOString());
const reasons = Object.keys(REASONS) as Reason[];
const sources = fc.constantFrom('yt-dlp' as const, 'loom-api' as const, 'file' as const);

const facts = {
  startedAt: time,
  finishedAt: time,
  message: text,
  memory: fc.record({ peakMb: count, limitMb: count, afterMb: count }),
  video: fc.record(
    {
      title: text,
      uploader: text,
      durationSeconds: fc.double({ min: 0, max: 86_400, noNaN: true }),
      sizeBytes: count,
      width: count,
      height: count,
      source: sources,
    },
    { requiredKeys: ['title', 'durationSeconds', 'sizeBytes', 'source'] },
  ),
  transcript: fc.record({
    language: fc.constantFrom('en', 'fr'),
    model: fc.constantFrom('tiny', 'captions'),
    segments: count,
    words: count,
  }),
  index: fc.record({
    passages: count,
    model: name,
    dimensions: count,
    vectorStore: fc.constant('pinecone'),
    recordStore: fc.constant('supabase'),
  }),
  purge: fc.record({ vectors: count, records: count }),
};
const FACT = { fetch: 'video', transcribe: 'transcript', index: 'index', purge: 'purge' } as const;

function reportsOf(stage: StageName): fc.Arbitrary<StageReport> {
  const own = FACT[stage];
  const { startedAt, finishedAt, message, memory } = facts;
  const base = { stage: fc.constant(stage), startedAt, finishedAt, message, memory };
  return fc.oneof(
    fc.record({
      ...base,
      outcome: fc.constant('Succeeded' as const),
      reason: fc.constant('Completed' as const),
      retryable: fc.constant(false as const),
      [own]: facts[own],
    }),
    fc.record(
      {
        ...base,
        outcome: fc.constant('Failed' as const),
        reason: fc.constantFrom(...reasons),
        retryable: fc.boolean(),
        retryAfterSeconds: fc.nat(1e6),
      },
      {
        requiredKeys: [
          'stage',
          'startedAt',
          'finishedAt',
          'message',
          'memory',
          'outcome',
          'reason',
          'retryable',
        ],
      },
    ),
  );
}
const reports = fc.constantFrom(...STAGES).chain(reportsOf);

/** A report in which some things are something else. */
const brokenReports = fc
  .tuple(
    reports,
    fc.array(
      fc.tuple(
        fc.constantFrom(
          ...[
            'stage',
            'outcome',
            'reason',
            'message',
            'retryable',
            'retryAfterSeconds',
            'startedAt',
            'finishedAt',
            'memory',
            'video',
            'transcript',
            'index',
            '__proto__',
            'skipped',
          ],
        ),
        fc.constantFrom(
          '',
          '',
          'title',
          'uploader',
          'durationSeconds',
          'sizeBytes',
          'width',
          'source',
          'peakMb',
          'limitMb',
          'segments',
          'model',
          'language',
          'passages',
          'vectorStore',
        ),
        fc.oneof(
          wildJson(),
          fc.constantFrom('toString', 'constructor', '+275760-09-13T00:00:00.000Z', '1', -1e300, 1e300),
        ),
      ),
      { minLength: 1, maxLength: 3 },
    ),
  )
  .map(([report, changes]) => {
    const whole = new Map<string, unknown>(Object.entries(report));
    for (const [field, inner, wild] of changes) {
      const before = whole.get(field);
      whole.set(field, inner === '' || typeof before !== 'object' ? wild : { ...before, [inner]: wild });
    }
    // As it would be written by hand: JSON has 1e999, and JSON.stringify has not.
    return JSON.stringify(Object.fromEntries(whole), (_, value: unknown) =>
      value === Infinity ? '\u0001inf' : value,
    ).replaceAll('"\\u0001inf"', '1e999');
  });
const messages = fc.oneof(
  { weight: 2, arbitrary: reports.map(encodeReport) },
  { weight: 6, arbitrary: brokenReports },
  { weight: 2, arbitrary: mutated(reports.map(encodeReport)) },
  { weight: 1, arbitrary: fc.tuple(reports, reports).map(([a, b]) => encodeReport(a) + encodeReport(b)) },
  { weight: 1, arbitrary: anyText },
);

const { statusSchema } = readCrd();
const fitsStatus = new Ajv({ strict: false }).compile(loomVideoSchema.properties.status);

/** As the apiserver has it: by the same schema, and again by our own API. */
function checkSchema(status: object): void {
  const sent: unknown = JSON.parse(JSON.stringify(status));
  assert.ok(fitsStatus(sent), JSON.stringify(fitsStatus.errors));
  assert.deepEqual(validate(statusSchema, sent, { field: 'status', inBody: '' }), []);
}

const container = fc.record({
  exitCode: fc.constantFrom(0, 0, 10, 20, 30, 40, 1, 137, 143, 255),
  reason: fc.constantFrom('Completed', 'Error', 'OOMKilled', ''),
  message: messages,
  state: fc.constantFrom('terminated', 'terminated', 'terminated', 'running', 'waiting'),
  waiting: fc.oneof(
    fc.constantFrom('PodInitializing', 'ImagePullBackOff', 'CreateContainerConfigError', 'CrashLoopBackOff'),
    anyText,
  ),
});
const worlds = fc.record({
  containers: fc.record({ fetch: container, transcribe: container, index: container }, { requiredKeys: [] }),
  state: fc.constantFrom('active' as const, 'complete' as const, 'failed' as const),
  suspended: fc.boolean(),
  deleting: fc.boolean(),
  failureReason: fc.constantFrom('', 'DeadlineExceeded', 'PodFailurePolicy'),
  words: fc.option(text, { nil: undefined }),
  hasPod: fc.boolean(),
  looks: fc.integer({ min: 1, max: 4 }),
});

function stateOf({
  exitCode,
  reason,
  message,
  state,
  waiting,
}: typeof container extends fc.Arbitrary<infer T> ? T : never): ContainerState {
  if (state === 'running') return { kind: 'running', startedAt: NOW };
  if (state === 'waiting') return { kind: 'waiting', reason: waiting, message };
  return {
    kind: 'terminated',
    reason,
    exitCode,
    startedAt: NOW,
    finishedAt: NOW,
    report: readReport(message),
  };
}

const fetched = {
  stage: 'fetch',
  outcome: 'Failed',
  reason: 'RateLimited',
  message: '',
  retryable: true,
  startedAt: '2026-01-01',
  finishedAt: '2026-01-01',
  memory: { peakMb: 1, limitMb: 1, afterMb: 1 },
};
const BROKEN = [
  ...['"soon"', '-1e300', '1e999', 'null', '{}', '"60"'].map((seconds) =>
    JSON.stringify({ ...fetched, retryAfterSeconds: 0 }).replace(
      '"retryAfterSeconds":0',
      `"retryAfterSeconds":${seconds}`,
    ),
  ),
  JSON.stringify({ ...fetched, reason: 'constructor' }),
  JSON.stringify({ ...fetched, startedAt: '1', finishedAt: '+275760-09-13T00:00:00.000Z' }),
];

export const stageReports: Target = {
  name: 'reports',
  properties: [
    property('a report fits, and says after reading what it said', reports, (report) => {
      const encoded = encodeReport(report);
      assert.ok(Buffer.byteLength(encoded) <= MAX_REPORT_BYTES);
      const read = decodeReport(encoded);
      assert.ok(read);
      assert.equal(encodeReport(read), encoded, 'written again it is the same');
      const { message, video: _, ...rest } = report;
      const { message: readMessage, video: _read, ...readRest } = read;
      assert.deepEqual(readRest, JSON.parse(JSON.stringify(rest)));
      if (readMessage !== message) assert.ok(readMessage === '' || readMessage.endsWith('…'));
    }),
    property(
      'any termination message is read, or is none, within bounds',
      messages,
      (message) => {
        for (const read of [decodeReport(message), readReport(message)]) {
          if (!read) continue;
          assert.ok(Object.hasOwn(REASONS, read.reason) || ['Completed', 'NoSpeech'].includes(read.reason));
          for (const at of [read.startedAt, read.finishedAt]) assert.ok(!Number.isNaN(Date.parse(at)));
          const after: unknown = read.outcome === 'Failed' ? read.retryAfterSeconds : undefined;
          assert.ok(
            after === undefined || (typeof after === 'number' && after >= 0 && Number.isFinite(after)),
          );
        }
      },
      { examples: BROKEN },
    ),
    property(
      'whatever the pods report, the status is one that the apiserver takes and that kstatus understands',
      worlds,
      ({ containers, looks, words, hasPod, ...changes }) => {
        const states = Object.fromEntries(
          Object.entries(containers).map(([stage, one]) => [stage, stateOf(one)]),
        );
        const unit = (state: ContainerState | undefined): boolean => state !== undefined;
        assert.ok(Object.values(states).every(unit));
        let seen = observe({ video: video() });
        const first = decide(seen, NOW);
        const { ledger } = first.status;
        seen = withStatus(seen, first.status);
        for (let look = 0; look < looks; look++) {
          const attempt = (seen.video.status.ledger?.recorded ?? 0) + 1;
          const run = seen.video.status.ledger?.run ?? ledger?.run ?? 1;
          const observed = job({
            ...{ ...changes, run, attempt, failureMessage: words ?? '', podRejection: words },
            pod: hasPod
              ? pod(states, {
                  unschedulable: look === 1 ? words : undefined,
                  disrupted: look === 2 ? words : undefined,
                })
              : undefined,
          });
          seen = { ...seen, jobs: [observed] };
          const { status, requeueAfterSeconds = 0 } = bounded(() => decide(seen, NOW));
          checkSchema(status);
          checkStatus(status, seen.video.generation);
          assert.ok(requeueAfterSeconds >= 0 && requeueAfterSeconds <= 24 * 3600);
          seen = withStatus(seen, status);
        }
      },
      {
        examples: BROKEN.map((message) => ({
          containers: { fetch: { exitCode: 20, reason: 'Error', message, state: 'terminated', waiting: '' } },
          ...{
            state: 'failed' as const,
            suspended: false,
            deleting: false,
            failureReason: '',
            words: undefined,
            hasPod: true,
            looks: 2,
          },
        })),
      },
    ),
  ],
};
