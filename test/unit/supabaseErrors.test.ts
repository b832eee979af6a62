import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { SupabaseOptions } from '../../jobrunner/adapters/supabase/callSupabase.ts';
import { supabaseRecordStore } from '../../jobrunner/adapters/supabase/supabaseRecordStore.ts';
import type { Reason } from '../../jobrunner/contract/reasons.ts';
import { StageError } from '../../jobrunner/contract/stageError.ts';
import type { RecordStore } from '../../jobrunner/ports.ts';
import { videoRecord } from '../contract/recordStore.suite.ts';
import { projectOptions } from '../support/services/supabase/client.ts';
import { supabaseFaults as faults } from '../support/services/supabase/faults.ts';
import { startSupabase, type Supabase } from '../support/services/supabase/supabase.ts';
import type { Fault } from '../support/services/standIn.ts';

const signal = new AbortController().signal;
const owner = { key: 'suite.default.video', uid: 'uid' };
const record = videoRecord(owner, ['one thing', 'another thing']);
const SAVE = 'rpc:loomvideo_save_video';

/** Each call of the store, by the operation of its one request. */
const CALLS: Readonly<Record<string, (store: RecordStore) => Promise<unknown>>> = {
  [SAVE]: (store) => store.save(record, { signal }),
  'rpc:loomvideo_find_video': (store) => store.find(owner.key, { signal }),
  'rpc:loomvideo_purge_video': (store) => store.purge(owner, { signal }),
  'rpc:loomvideo_search_passages': (store) => store.searchText('thing', 5, { signal }),
  'rpc:loomvideo_find_passages': (store) => store.passages([{ id: `${owner.key}#0`, owner }], { signal }),
};

async function failureOf(work: Promise<unknown>): Promise<StageError> {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof StageError, String(error));
    return error;
  }
  return assert.fail('it should have failed');
}

describe('the failures of Supabase', () => {
  let project: Supabase;
  before(async () => {
    project = await startSupabase();
  });
  beforeEach(async () => {
    project.clearFaults();
    await project.sql('delete from loomvideo_videos');
  });
  after(() => project.close());

  const open = (
    key: Parameters<typeof projectOptions>[1] = 'secret',
    changes: Partial<SupabaseOptions> = {},
  ): RecordStore => supabaseRecordStore(projectOptions(project, key, changes));

  describe('in an answer: the reason, what to do, and one request', () => {
    const passing = (fault: Fault, message: RegExp) =>
      ({ fault, reason: 'StoreUnavailable', message }) as const;
    const lasting = (fault: Fault, message: RegExp, reason: Reason = 'StoreMisconfigured') =>
      ({ fault, reason, message }) as const;
    const cases: Readonly<Record<string, { fault: Fault; reason: Reason; message: RegExp }>> = {
      'no database': passing(faults.noDatabase, /Database connection error/),
      'a lost database': passing(faults.noClient, /Retrying the connection/),
      'no schema cache yet': passing(faults.noSchemaCache, /schema cache/),
      'no connection free': passing(faults.poolTimeout, /connection pool/),
      'a statement that took too long': passing(faults.statementTimeout, /statement timeout/),
      'a deadlock': passing(faults.deadlock, /deadlock/),
      'a conflict of transactions': passing(faults.serialization, /serialize/),
      'a lock not had in time': passing(faults.lockNotAvailable, /lock timeout/),
      'too many connections': passing(faults.tooManyConnections, /too many clients/),
      'a full disk': passing(faults.diskFull, /No space left/),
      'a gateway that gave up': passing(faults.gatewayTimeout, /544/),
      'an origin that is down, with a page': passing({ ...faults.originDown, rawBody: '<html>' }, /521/),
      'status 500 without a word': passing({ status: 500, body: undefined }, /500/),
      'too many requests': passing(faults.rateLimited(7), /fewer requests/),
      'a page in place of JSON': passing({ rawBody: '<html>welcome</html>' }, /not JSON/),
      'a paused project': lasting(faults.paused, /paused.*Restore it/),
      'a restricted project': lasting(faults.restricted, /quota.*bill/),
      'a database that takes no writes': lasting(faults.readOnly, /takes no writes/),
      'a table that is gone': lasting(faults.undefinedTable, /migrations\/0001_loomvideo\.sql/),
      'a redirect': lasting({ status: 301, headers: { location: 'https://example.com' } }, /SUPABASE_URL/),
      'no such place': lasting({ status: 404, body: { message: 'Not Found' } }, /SUPABASE_URL/),
      'a request that is too large': lasting({ status: 413, body: undefined }, /as large/),
      'another shape': lasting({ rawBody: '{"hello": "world"}' }, /something else.*SUPABASE_URL/),
      'an empty answer': lasting({ rawBody: '' }, /something else/),
      'newer tables': lasting(
        { status: 400, body: { code: 'LV001', message: 'x', details: '7' } },
        /version 7.*version 1.*Update LoomVideo/,
      ),
      'older tables': lasting(
        { status: 400, body: { code: 'LV001', message: 'x', details: '0' } },
        /version 0.*version 1.*0001_loomvideo/,
      ),
      'a token that is of another project': lasting(
        faults.wrongKeyType,
        /SUPABASE_ANON_KEY/,
        'CredentialsRejected',
      ),
      'no anonymous access': lasting(faults.noAnonymous, /key/, 'CredentialsRejected'),
      'data that PostgreSQL refuses': lasting(
        { status: 400, body: { code: '22P02', message: 'invalid input syntax' } },
        /invalid input syntax/,
        'InternalError',
      ),
      'a code that nobody knows': lasting(
        { status: 418, body: { code: 'XYZZY', message: 'a teapot' } },
        /a teapot/,
        'InternalError',
      ),
    };
    for (const [what, { fault, reason, message }] of Object.entries(cases))
      it(`${what}: ${reason}`, async () => {
        project.fault(SAVE, fault);
        const earlier = project.count(SAVE);
        const error = await failureOf(open().save(record, { signal }));
        assert.equal(error.reason, reason, error.message);
        assert.match(error.message, message);
        assert.equal(project.count(SAVE) - earlier, 1);
        assert.ok(error.message.length < 600, error.message);
      });

    it('carries the seconds to wait', async () => {
      project.fault(SAVE, faults.rateLimited(7));
      assert.equal((await failureOf(open().save(record, { signal }))).retryAfterSeconds, 7);
    });
  });

  for (const [operation, call] of Object.entries(CALLS)) {
    it(`${operation} is one request, and its failures are told in the same words`, async () => {
      const earlier = project.calls.length;
      await call(open());
      project.fault(operation, faults.paused);
      assert.equal((await failureOf(call(open()))).reason, 'StoreMisconfigured');
      assert.deepEqual(
        project.calls.slice(earlier).map((seen) => seen.operation),
        [operation, operation],
      );
    });

    it(`${operation} refuses an answer of another shape`, async () => {
      project.fault(operation, { rawBody: '[{"key": 1}]' });
      assert.equal((await failureOf(call(open()))).reason, 'StoreMisconfigured');
    });
  }

  describe('in the connection', () => {
    const brief = { timeoutMs: 300 };
    for (const [what, fault] of Object.entries({
      'no answer, ever': { hang: true },
      'an answer that comes too late': { delayMs: 2000 },
      'a connection that is cut before the answer': { cutAfter: 0 },
      'a connection that is cut in the answer': { cutAfter: 1 },
    } satisfies Record<string, Fault>))
      it(`${what}: StoreUnavailable, within the time limit, after one request`, async () => {
        project.fault('rpc:loomvideo_find_video', fault);
        const [earlier, begin] = [project.calls.length, performance.now()];
        const error = await failureOf(open('secret', brief).find(owner.key, { signal }));
        assert.equal(error.reason, 'StoreUnavailable');
        assert.ok(performance.now() - begin < 1500);
        assert.equal(project.calls.length - earlier, 1);
      });

    it('nobody there: StoreUnavailable', async () => {
      const error = await failureOf(open('secret', { url: 'http://127.0.0.1:9' }).find('x', { signal }));
      assert.equal(error.reason, 'StoreUnavailable');
    });

    it('an abort ends a call at once, and is no failure of Supabase', async () => {
      project.fault(SAVE, { hang: true });
      const stop = new AbortController();
      const saving = failureOf(open().save(record, { signal: stop.signal }));
      setTimeout(() => stop.abort(), 50);
      assert.equal((await saving).reason, 'Interrupted');
    });

    it('a lost answer: what is done again is done once', async () => {
      for (const fault of [{ cutAfter: 0 }, { status: 503, body: {} }]) {
        project.fault(SAVE, { ...fault, takesEffect: true });
        assert.equal((await failureOf(open().save(record, { signal }))).reason, 'StoreUnavailable');
        assert.equal((await project.rows('loomvideo_passages')).length, 2);
        await open().save(record, { signal });
        assert.equal((await project.rows('loomvideo_videos')).length, 1);
        assert.equal((await project.rows('loomvideo_passages')).length, 2);
        assert.equal((await project.rows('loomvideo_transcripts')).length, 1);
      }
      project.fault('rpc:loomvideo_purge_video', { cutAfter: 0, takesEffect: true });
      await failureOf(open().purge(owner, { signal }));
      assert.equal(await open().purge(owner, { signal }), 0);
    });
  });

  describe('of a key or an address', () => {
    for (const [what, key, message] of [
      ['an unknown secret key', { text: 'sb_secret_0123456789abcdef' }, /does not know the key/],
      ['an unknown word', { text: 'not-a-key' }, /does not know the key/],
      ['an expired key', 'expired', /expired/],
    ] as const)
      it(`${what}: CredentialsRejected, naming SUPABASE_ANON_KEY and never the key`, async () => {
        const options = projectOptions(project, key, { redact: (text) => text });
        const error = await failureOf(supabaseRecordStore(options).find('x', { signal }));
        assert.equal(error.reason, 'CredentialsRejected');
        assert.match(error.message, message);
        assert.match(error.message, /SUPABASE_ANON_KEY/);
        assert.ok(!error.message.includes(options.key));
      });

    it('a Supabase that knows no sb_ keys: says which key it takes', async () => {
      const body = { code: 'PGRST301', message: 'Expected 3 parts in JWT; got 1', details: null, hint: null };
      project.fault('rpc:loomvideo_find_video', { status: 401, body });
      assert.match((await failureOf(open().find('x', { signal }))).message, /service_role key/);
    });

    for (const key of ['', 'two words', 'line\nbreak', '"quoted"'])
      it(`refuses ${JSON.stringify(key)} as a key before it is sent`, () =>
        assert.throws(() => open({ text: key }), {
          reason: 'CredentialsRejected',
          message: /SUPABASE_ANON_KEY/,
        }));

    for (const url of [
      '',
      'abc.supabase.co',
      'ftp://abc.supabase.co',
      'postgresql://u:p@db',
      'https://u:pw@abc.co',
    ])
      it(`refuses ${JSON.stringify(url)} as an address`, () =>
        assert.throws(() => open('secret', { url }), {
          reason: 'ConfigurationInvalid',
          message: /SUPABASE_URL/,
        }));

    it('takes an address with a slash at its end', async () => {
      assert.equal(await open('secret', { url: `${project.url}/` }).find('x', { signal }), undefined);
    });

    it('tells an address that goes too far: StoreMisconfigured', async () => {
      const error = await failureOf(open('secret', { url: `${project.url}/rest/v1` }).find('x', { signal }));
      assert.equal(error.reason, 'StoreMisconfigured');
      assert.match(error.message, /SUPABASE_URL/);
    });

    it('a key that the service repeats is in no message', async () => {
      const { secret } = project.keys;
      project.fault(SAVE, { status: 500, body: { message: `bad key ${secret}`, code: 'XX000' } });
      const { message } = await failureOf(open().save(record, { signal }));
      assert.ok(!message.includes(secret), message);
    });
  });
});
