import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { exitCodeOf } from '../../jobrunner/contract/exitCodes.ts';
import type { StageReport } from '../../jobrunner/contract/stageReport.ts';
import { WorkFolder } from '../../jobrunner/workFolder.ts';
import { sandbox } from '../support/cli.ts';
import { nan, quotaExceeded, wrongDimensions } from '../support/services/openai/faults.ts';
import { serviceVideo, type ServiceVideo, type Stored } from '../support/services/serviceWorld.ts';
import type { Fault } from '../support/services/standIn.ts';
import { startServices, type Services } from '../support/services/startServices.ts';

/** 30 s a passage: 21 sentences of ten seconds make 7 passages, 9 make 3. */
const LONG = 21;
const SHORT = 9;
/** Milliseconds that a stage has where a service stays broken. */
const DEADLINE_MS = 1500;
/** Milliseconds after which nothing may be under way any more: the deadline, and the request that it ends. */
const BOUND_MS = 4000;

/** A call of a stage to a service. */
interface Call {
  readonly service: 'openai' | 'pinecone' | 'supabase';
  readonly operation: string;
}

const INDEX_CALLS: readonly Call[] = [
  { service: 'pinecone', operation: 'describeIndex' },
  { service: 'openai', operation: 'embed' },
  { service: 'pinecone', operation: 'upsert' },
  { service: 'supabase', operation: 'rpc:loomvideo_save_video' },
  { service: 'pinecone', operation: 'delete' },
  { service: 'pinecone', operation: 'list' },
];
const PURGE_CALLS: readonly Call[] = [
  { service: 'pinecone', operation: 'describeIndex' },
  { service: 'pinecone', operation: 'list' },
  { service: 'pinecone', operation: 'fetch' },
  { service: 'pinecone', operation: 'delete' },
  { service: 'supabase', operation: 'rpc:loomvideo_purge_video' },
];

const unavailable = ({ service }: Call): string =>
  service === 'openai' ? 'EmbeddingUnavailable' : 'StoreUnavailable';
const limited = ({ service }: Call): string =>
  service === 'openai' ? 'EmbeddingRateLimited' : 'StoreUnavailable';

/** What heals by itself, and the reason where it does not. */
const PASSING: readonly (readonly [what: string, fault: Fault, reason: (call: Call) => string])[] = [
  ['429', { status: 429 }, limited],
  ['429 with Retry-After', { status: 429, headers: { 'retry-after': '1' } }, limited],
  ['500', { status: 500 }, unavailable],
  ['503', { status: 503 }, unavailable],
  ['a connection that hangs', { hang: true }, unavailable],
  ['a connection that is cut before the answer', { cutAfter: 0 }, unavailable],
  ['a connection that is cut inside the answer', { cutAfter: 10, takesEffect: true }, unavailable],
  ['an answer that is lost when the work is done', { cutAfter: 0, takesEffect: true }, unavailable],
  ["a proxy's page instead of an answer", { rawBody: '<html>Bad gateway</html>' }, unavailable],
];

/** What nobody but the user heals. */
const LASTING: readonly (readonly [what: string, fault: Fault, reason: string])[] = [
  ['401', { status: 401, body: { message: 'Invalid API key' } }, 'CredentialsRejected'],
  ['403', { status: 403, body: { message: 'Forbidden' } }, 'CredentialsRejected'],
];

describe('services in trouble', () => {
  let services: Services;
  let expected: Stored;
  before(async () => {
    services = await startServices();
  });
  after(() => services.close());

  async function video(t: TestContext): Promise<ServiceVideo> {
    const box = await sandbox(t);
    const made = serviceVideo(services, new WorkFolder(join(box.workDir, 'demo')));
    t.after(async () => {
      services.pinecone.clearFaults();
      services.openai.clearFaults();
      services.supabase.clearFaults();
      await made.close();
      for (const key of services.keys) assert.ok(!made.messages.join('\n').includes(key), 'no key is shown');
    });
    return made;
  }

  const assertSame = async (actual: ServiceVideo): Promise<void> =>
    assert.deepEqual(await actual.stored(), expected);
  const NOTHING: Stored = { vectors: [], passages: 0, videos: 0, transcripts: 0 };

  it('index as they should when there is none', async (t) => {
    const calm = await video(t);
    const report = await calm.index(SHORT);
    assert.equal(report.outcome, 'Succeeded');
    expected = await calm.stored();
    assert.equal(expected.vectors.length, 3);
    assert.deepEqual([expected.passages, expected.videos, expected.transcripts], [3, 1, 1]);
  });

  it('embed ten minutes of speech in a third as many requests as there are passages', async (t) => {
    const calm = await video(t);
    const asked = services.openai.count('embed');
    const report = await calm.index(60);
    assert.equal(report.index?.passages, 20);
    assert.equal(services.openai.count('embed') - asked, Math.ceil(20 / 3));
  });

  for (const call of INDEX_CALLS)
    describe(`index: ${call.service} ${call.operation}`, () => {
      for (const [what, fault] of PASSING)
        it(`waits out ${what}, doubles nothing and drops the tail of a longer run`, async (t) => {
          const one = await video(t);
          await one.index(LONG);
          services[call.service].fault(call.operation, fault);
          const started = Date.now();
          const report = await one.index(SHORT);
          assert.equal(report.outcome, 'Succeeded', report.message);
          if (fault.headers) assert.ok(Date.now() - started >= 1000, 'it waited as long as it was asked to');
          await assertSame(one);
        });

      for (const [what, fault, reason] of PASSING.filter(([name]) =>
        ['429', '503', 'a connection that hangs'].includes(name),
      ))
        it(`gives up at the deadline when ${what} lasts, and the next run completes`, async (t) => {
          const one = await video(t);
          await one.index(LONG);
          services[call.service].fault(call.operation, { ...fault, times: Infinity });
          await assertFails(() => one.index(SHORT, DEADLINE_MS), reason(call), 20);
          services[call.service].clearFaults();
          assert.equal((await one.index(SHORT)).outcome, 'Succeeded');
          await assertSame(one);
        });

      for (const [what, fault, reason] of LASTING)
        it(`fails at once on ${what}, and the next run completes`, async (t) => {
          const one = await video(t);
          const earlier = services[call.service].count(call.operation);
          services[call.service].fault(call.operation, { ...fault, times: Infinity });
          await assertFails(() => one.index(SHORT), reason, 40);
          const asked = services[call.service].count(call.operation) - earlier;
          // Two batches may be under way side by side.
          assert.ok(asked <= (call.service === 'openai' ? 2 : 1), `${asked} requests`);
          services[call.service].clearFaults();
          assert.equal((await one.index(SHORT)).outcome, 'Succeeded');
          await assertSame(one);
        });
    });

  for (const [what, fault, reason, exit] of [
    ['vectors of another length', wrongDimensions(512), 'EmbeddingFailed', 10],
    ['NaN', nan(), 'EmbeddingFailed', 10],
    ['a quota that is used up', quotaExceeded(), 'EmbeddingQuotaExceeded', 40],
  ] as const)
    it(`index fails on ${what} from OpenAI before anything is stored, and the next run completes`, async (t) => {
      const one = await video(t);
      services.openai.fault('embed', fault);
      await assertFails(() => one.index(SHORT), reason, exit);
      assert.deepEqual(await one.stored(), NOTHING);
      services.openai.clearFaults();
      await one.index(SHORT);
      await assertSame(one);
    });

  it('index refuses an index of another dimension, naming both numbers, before anything is embedded', async (t) => {
    const one = await video(t);
    const embedded = services.openai.count('embed');
    services.pinecone.change({ dimension: 768 });
    const report = await one.index(SHORT);
    services.pinecone.change({ dimension: 1536 });
    assert.equal(report.reason, 'StoreMisconfigured');
    assert.match(report.message, /768/);
    assert.match(report.message, /1536/);
    assert.equal(services.openai.count('embed'), embedded);
  });

  for (const call of PURGE_CALLS)
    describe(`purge: ${call.service} ${call.operation}`, () => {
      for (const [what, fault] of PASSING)
        it(`waits out ${what} and leaves nothing`, async (t) => {
          const one = await video(t);
          await one.index(SHORT);
          const next = await fresh(t, one);
          services[call.service].fault(call.operation, fault);
          const report = await next.purge();
          assert.equal(report.outcome, 'Succeeded', report.message);
          assert.deepEqual(await one.stored(), NOTHING);
        });

      it('gives up at the deadline when it stays down, and the next run leaves nothing', async (t) => {
        const one = await video(t);
        await one.index(SHORT);
        const next = await fresh(t, one);
        services[call.service].fault(call.operation, { status: 503, times: Infinity });
        await assertFails(() => next.purge(DEADLINE_MS), 'StoreUnavailable', 20);
        services[call.service].clearFaults();
        assert.equal((await next.purge()).outcome, 'Succeeded');
        assert.deepEqual(await one.stored(), NOTHING);
      });

      for (const [what, fault, reason] of LASTING)
        it(`fails at once on ${what}, and the next run leaves nothing`, async (t) => {
          const one = await video(t);
          await one.index(SHORT);
          const next = await fresh(t, one);
          services[call.service].fault(call.operation, { ...fault, times: Infinity });
          await assertFails(() => next.purge(), reason, 40);
          services[call.service].clearFaults();
          assert.equal((await next.purge()).outcome, 'Succeeded');
          assert.deepEqual(await one.stored(), NOTHING);
        });
    });

  describe('search', () => {
    const QUERY = 'sentence that speaks of topic 4';
    for (const [call, reason] of [
      [{ service: 'pinecone', operation: 'query' }, 'StoreUnavailable'],
      [{ service: 'supabase', operation: 'rpc:loomvideo_search_passages' }, 'StoreUnavailable'],
      [{ service: 'supabase', operation: 'rpc:loomvideo_find_passages' }, 'StoreUnavailable'],
    ] as const)
      for (const [what, fault] of PASSING)
        it(`says that ${call.service} is in trouble at ${call.operation}: ${what}`, async (t) => {
          const one = await video(t);
          await one.index(SHORT);
          services[call.service].fault(call.operation, fault);
          await assert.rejects(one.search(QUERY), { reason });
          assert.ok((await one.search(QUERY)).results.length > 0);
        });

    for (const [what, fault] of PASSING)
      it(`answers by words alone while OpenAI is in trouble: ${what}`, async (t) => {
        const one = await video(t);
        await one.index(SHORT);
        services.openai.fault('embed', fault);
        const { ranking, results } = await one.search(QUERY);
        assert.equal(ranking, 'lexical');
        assert.ok(results.length > 0);
      });

    it('fails on a rejected key rather than hide it behind words alone', async (t) => {
      const one = await video(t);
      services.openai.fault('embed', { status: 401, times: Infinity });
      await assert.rejects(one.search(QUERY), { reason: 'CredentialsRejected' });
    });
  });

  /** The same video in another process: what an adapter remembers (the index's address) is asked again. */
  async function fresh(t: TestContext, one: ServiceVideo): Promise<ServiceVideo> {
    const box = await sandbox(t);
    const other = one.again(new WorkFolder(join(box.workDir, 'demo')));
    t.after(() => other.close());
    return other;
  }
});

async function assertFails(work: () => Promise<StageReport>, reason: string, exit: number): Promise<void> {
  const started = Date.now();
  const report = await work();
  assert.equal(report.reason, reason, report.message);
  assert.ok(report.outcome === 'Failed');
  assert.equal(exitCodeOf(report.reason), exit);
  const took = Date.now() - started;
  assert.ok(took < BOUND_MS, `took ${took} ms`);
}
