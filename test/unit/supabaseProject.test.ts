import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { checkSupabase } from '../../jobrunner/adapters/supabase/checkSupabase.ts';
import { supabaseRecordStore } from '../../jobrunner/adapters/supabase/supabaseRecordStore.ts';
import type { RecordStore } from '../../jobrunner/ports.ts';
import { videoRecord } from '../contract/recordStore.suite.ts';
import { projectOptions } from '../support/services/supabase/client.ts';
import { supabaseFaults } from '../support/services/supabase/faults.ts';
import { startSupabase, type Supabase } from '../support/services/supabase/supabase.ts';

const signal = new AbortController().signal;
const owner = { key: 'suite.default.video', uid: 'uid' };
const record = videoRecord(owner, ['one thing', 'another thing']);

/** Everything about our tables and functions that a migration makes. */
const STRUCTURE = `
  select json_build_object(
    'columns', (select json_agg(row(table_name, column_name, data_type, is_nullable) order by 1::text)
      from (select * from information_schema.columns where table_name like 'loomvideo%' order by 3, 4) as c),
    'indexes', (select json_agg(indexdef order by indexdef) from pg_indexes where tablename like 'loomvideo%'),
    'policies', (select json_agg(to_json(p) order by tablename, policyname) from pg_policies as p),
    'tables', (select json_agg(row(relname, relrowsecurity, relacl::text) order by relname)
      from pg_class where relname like 'loomvideo%'),
    'functions', (select json_agg(row(proname, proacl::text, md5(prosrc)) order by proname)
      from pg_proc where proname like 'loomvideo%')
  )::text as structure`;

/** Takes everything of ours out of the project, as if no migration had been applied. */
const DROP = `
  drop table if exists loomvideo_videos, loomvideo_passages, loomvideo_transcripts;
  do $$ declare f text; begin
    for f in select oid::regprocedure from pg_proc where proname like 'loomvideo%' loop
      execute 'drop function ' || f;
    end loop;
  end $$;`;

describe('a Supabase project', () => {
  let project: Supabase;
  before(async () => {
    project = await startSupabase({ migrations: [], oldDefaults: true });
  });
  beforeEach(async () => {
    project.clearFaults();
    await project.script(DROP);
  });
  after(() => project.close());

  const open = (key: 'secret' | 'anon' | 'service' | 'publishable' = 'secret'): RecordStore =>
    supabaseRecordStore(projectOptions(project, key));
  const apply = async (...names: Parameters<Supabase['migrate']>[0][]): Promise<void> => {
    for (const name of names) await project.migrate(name);
  };
  const both = (): Promise<void> => apply('0001_loomvideo', '0002_loomvideo_anon');
  const structure = async (): Promise<unknown> => (await project.sql(STRUCTURE))[0]?.['structure'];
  const problems = async (key: 'secret' | 'anon' | 'publishable' = 'secret'): Promise<string[]> =>
    (await checkSupabase(projectOptions(project, key), signal))
      .filter(({ level }) => level !== 'ok')
      .map(({ level, what, remedy }) => `${level}: ${what} → ${remedy}`);

  describe('its migrations', () => {
    it('may be run again, in any order, without a change', async () => {
      await both();
      await open().save(record, { signal });
      const once = await structure();
      await apply('0001_loomvideo', '0002_loomvideo_anon', '0001_loomvideo');
      assert.equal(await structure(), once);
      assert.deepEqual(await open().find(owner.key, { signal }), record);
    });

    it('apply whole or not at all', async () => {
      await assert.rejects(
        project.migrate('0001_loomvideo', (text) => text.replace(/\nnotify /, '\nselect 1 / 0;\nnotify ')),
        /division by zero/,
      );
      assert.deepEqual(await project.sql(`select 1 from pg_class where relname like 'loomvideo%'`), []);
    });

    it('take from anon and signed-in users what an older project gives to every new table', async () => {
      await apply('0001_loomvideo');
      const granted = await project.sql(
        `select r.rolname, c.relname from pg_roles as r, pg_class as c
         where r.rolname in ('anon', 'authenticated') and c.relname ~ '^loomvideo_[a-z]+$' and c.relkind = 'r'
           and has_table_privilege(r.oid, c.oid, 'select, insert, update, delete, truncate, references, trigger')`,
      );
      assert.deepEqual(granted, []);
      await apply('0002_loomvideo_anon');
      assert.deepEqual(await open('publishable').find('x', { signal }), undefined);
    });

    it('the second can be taken back as its last lines tell', async () => {
      await both();
      await project.migrate('0002_loomvideo_anon', (text) =>
        text.slice(text.lastIndexOf('commit;') + 7).replaceAll(/^-- {3}(?=drop)/gm, ''),
      );
      await apply('0001_loomvideo');
      await assert.rejects(open('anon').find('x', { signal }), /0002_loomvideo_anon/);
      assert.deepEqual(await problems(), []);
    });

    it('let a user look at the tables with the key, and not without a right', async () => {
      await apply('0001_loomvideo');
      await open().save(record, { signal });
      const look = async (apikey: string): Promise<unknown> =>
        (
          await fetch(`${project.url}/rest/v1/loomvideo_videos?select=key,title`, { headers: { apikey } })
        ).json();
      assert.deepEqual(await look(project.keys.service), [{ key: owner.key, title: 'A demo' }]);
      const refused = await look(project.keys.anon);
      assert.equal((refused as { code: string }).code, '42501');
    });
  });

  describe('which key does what', () => {
    for (const key of ['secret', 'service'] as const)
      it(`the ${key} key needs the first migration only`, async () => {
        await apply('0001_loomvideo');
        await open(key).save(record, { signal });
        assert.deepEqual(await open(key).find(owner.key, { signal }), record);
      });

    for (const key of ['anon', 'publishable'] as const)
      it(`the ${key} key is refused until the second is applied, and told so`, async () => {
        await apply('0001_loomvideo');
        const refusal = {
          reason: 'StoreMisconfigured',
          message:
            /anon key.*secret key.*migrations\/0002_loomvideo_anon\.sql.*everyone who has the anon key/s,
        };
        await assert.rejects(open(key).save(record, { signal }), refusal);
        await assert.rejects(open(key).find(owner.key, { signal }), refusal);
        await apply('0002_loomvideo_anon');
        await open(key).save(record, { signal });
        assert.deepEqual(await open(key).find(owner.key, { signal }), record);
        assert.equal(await open(key).purge(owner, { signal }), 1);
      });
  });

  describe('what it lacks, told by the error of a call and by the check', () => {
    it('everything', async () => {
      const refusal = { reason: 'StoreMisconfigured', message: /migrations\/0001_loomvideo\.sql/ };
      await assert.rejects(open().save(record, { signal }), refusal);
      assert.match((await problems()).join(), /^fail: .*lacks LoomVideo's tables.*0001_loomvideo/);
    });

    for (const [what, key, sql, error, finding] of [
      [
        'a grant on a table',
        'secret',
        'revoke insert on loomvideo_passages from service_role',
        /grant on the table loomvideo_passages.*0001_loomvideo/s,
        /^fail: Role service_role lacks the grant of INSERT on table loomvideo_passages\. → .*0001_loomvideo/,
      ],
      [
        'a grant on a function',
        'secret',
        'revoke execute on function loomvideo_save_video from service_role',
        /grant on the function loomvideo_save_video.*0001_loomvideo/s,
        /^fail: Role service_role lacks the grant of EXECUTE on function loomvideo_save_video\(.*0001_loomvideo/,
      ],
      [
        'a grant on what a function calls',
        'secret',
        'revoke execute on function loomvideo_admit from service_role',
        /grant on the function loomvideo_admit/,
        /^fail: Role service_role lacks the grant of EXECUTE on function loomvideo_admit/,
      ],
      [
        'a table',
        'secret',
        'drop table loomvideo_transcripts',
        /loomvideo_transcripts.*0001_loomvideo/s,
        /^fail: Table loomvideo_transcripts is missing\. → .*0001_loomvideo/,
      ],
      [
        'a function',
        'secret',
        'drop function loomvideo_save_video',
        /loomvideo_save_video.*0001_loomvideo/s,
        /^fail: Function loomvideo_save_video\(integer,jsonb,jsonb,jsonb\) is missing\. → .*0001_loomvideo/,
      ],
      [
        "a grant of the anon key's",
        'anon',
        'revoke update on loomvideo_transcripts from anon',
        /anon key.*grant on the table loomvideo_transcripts.*0002_loomvideo_anon/s,
        /^fail: Role anon lacks the grant of UPDATE on table loomvideo_transcripts\. → .*0002_loomvideo_anon/,
      ],
      ...(['select', 'insert', 'update', 'delete'] as const).map(
        (command) =>
          [
            `the policy for ${command}`,
            'anon',
            `drop policy loomvideo_anon_${command} on loomvideo_videos`,
            new RegExp(
              `table loomvideo_videos.*policy loomvideo_anon_${command} is missing.*0002_loomvideo_anon`,
              's',
            ),
            new RegExp(
              `^fail: Row-level security of table loomvideo_videos .* ${command.toUpperCase()}\\. → .*0002_loomvideo_anon.*: it makes loomvideo_anon_${command}\\.`,
            ),
          ] as const,
      ),
    ] as const)
      it(what, async () => {
        await both();
        await project.sql(sql);
        await assert.rejects(open(key).save(record, { signal }), {
          reason: 'StoreMisconfigured',
          message: error,
        });
        const failed = (await problems(key)).filter((line) => line.startsWith('fail'));
        assert.equal(failed.length, 1, failed.join('\n'));
        assert.match(failed[0] ?? '', finding);
        assert.deepEqual(
          await project.rows(sql.startsWith('drop table') ? 'loomvideo_videos' : 'loomvideo_passages'),
          [],
        );
      });

    it('a policy, whose absence a search alone would not notice', async () => {
      await both();
      await open().save(record, { signal });
      await project.sql('drop policy loomvideo_anon_select on loomvideo_passages');
      await assert.rejects(open('anon').searchText('thing', 5, { signal }), {
        reason: 'StoreMisconfigured',
        message: /loomvideo_passages.*loomvideo_anon_select/s,
      });
    });

    it('a policy that was narrowed: what PostgreSQL itself refuses', async () => {
      await both();
      await project.sql(`alter policy loomvideo_anon_insert on loomvideo_videos with check (false)`);
      await assert.rejects(open('anon').save(record, { signal }), {
        reason: 'StoreMisconfigured',
        message: /Row-level security of the table loomvideo_videos.*0002_loomvideo_anon/s,
      });
    });

    for (const version of [0, 2])
      it(`tables of version ${version}: both numbers, and nothing is written`, async () => {
        await project.migrate('0001_loomvideo', (text) =>
          text.replace('$$ select 1 $$', () => `$$ select ${version} $$`),
        );
        const message = new RegExp(`version ${version}.*version 1`, 's');
        await assert.rejects(open().save(record, { signal }), { reason: 'StoreMisconfigured', message });
        assert.match((await problems()).join(), message);
        assert.deepEqual(await project.rows('loomvideo_videos'), []);
      });

    it('row-level security: a warning, since it works', async () => {
      await apply('0001_loomvideo');
      await project.sql('alter table loomvideo_videos disable row level security');
      await open().save(record, { signal });
      assert.match((await problems()).join(), /^warn: Row-level security of table loomvideo_videos is off/);
    });
  });

  describe('its check', () => {
    it('finds nothing to say against the first migration and a secret key', async () => {
      await apply('0001_loomvideo');
      const findings = await checkSupabase(projectOptions(project), signal);
      assert.ok(findings.every(({ level }) => level === 'ok'));
      assert.ok(findings.some(({ what }) => /role service_role/.test(what)));
      assert.equal(findings.filter(({ what }) => /^Table \w+ may be used/.test(what)).length, 3);
    });

    it('warns of what the second opens, whichever key is in use', async () => {
      await both();
      for (const [key, remedy] of [
        ['anon', /Use a secret key/],
        ['secret', /does not need it/],
      ] as const) {
        const found = await problems(key);
        assert.equal(found.length, 1, found.join('\n'));
        assert.match(found[0] ?? '', /^warn: .*anon key.*can read, change and delete every transcript/);
        assert.match(found[0] ?? '', remedy);
      }
    });

    it('an anon key with the first migration only', async () => {
      await apply('0001_loomvideo');
      assert.match((await problems('publishable')).join(), /^fail: SUPABASE_ANON_KEY is an anon key.*0002/);
    });

    it('is one request, and tells why it brought nothing', async () => {
      await apply('0001_loomvideo');
      for (const [fault, finding] of [
        [supabaseFaults.paused, /paused.*Restore it/],
        [supabaseFaults.noDatabase, /Database connection error.*Try again/],
        [{ cutAfter: 0 }, /cannot be reached.*Try again/],
      ] as const) {
        project.fault('rpc:loomvideo_status', fault);
        const earlier = project.calls.length;
        const found = await problems();
        assert.equal(found.length, 1);
        assert.match(found[0] ?? '', finding);
        assert.equal(project.calls.length - earlier, 1);
      }
      const unknown = await checkSupabase(projectOptions(project, { text: 'sb_secret_unknown' }), signal);
      assert.match(unknown[0]?.what ?? '', /SUPABASE_ANON_KEY/);
    });

    it('stops when it is aborted', async () => {
      await assert.rejects(checkSupabase(projectOptions(project), AbortSignal.abort()), {
        reason: 'Interrupted',
      });
    });
  });

  describe('a save', () => {
    it('is one step to a reader that looks on all the while', async () => {
      await apply('0001_loomvideo');
      const states = [3, 7].map((count) =>
        videoRecord(
          owner,
          Array.from({ length: count }, (_, index) => `${count} ${index}`),
          { title: `${count}` },
        ),
      );
      await open().save(record, { signal });
      const progress = { saving: true };
      const reader = (async (): Promise<number> => {
        let seen = 0;
        while (progress.saving) {
          const found = await open('service').find(owner.key, { signal });
          const count = found?.passages.length ?? 0;
          assert.equal(found?.segments.length, count);
          if (found?.title === 'A demo') continue;
          assert.deepEqual(found?.passages, states.find(({ title }) => title === String(count))?.passages);
          seen++;
        }
        return seen;
      })();
      for (let round = 0; round < 10; round++)
        for (const state of states) await open().save(state, { signal });
      progress.saving = false;
      assert.ok((await reader) > 5);
    });

    it('that fails half-way leaves what was there', async () => {
      await apply('0001_loomvideo');
      await open().save(record, { signal });
      const broken = videoRecord({ ...owner, uid: 'other' }, ['new', 'broken'], { title: 'New' });
      const passages = broken.passages.map((passage) => ({
        ...passage,
        end: passage.index === 1 ? Number.NaN : 1,
      }));
      await assert.rejects(open().save({ ...broken, passages }, { signal }), {
        reason: 'InternalError',
        message: /null value in column "ends"/,
      });
      assert.deepEqual(await open().find(owner.key, { signal }), record);
    });
  });

  describe('a search', () => {
    it('passes over words that English passes over, and says what share of the others is met', async () => {
      await apply('0001_loomvideo');
      await open().save(videoRecord(owner, ['the budget of the narwhal', 'the budget', 'what is this']), {
        signal,
      });
      const coverage = async (query: string): Promise<number[]> =>
        (await open().searchText(query, 5, { signal })).map((hit) => hit.coverage);
      assert.deepEqual(await coverage('budget narwhal'), [1, 0.5]);
      assert.deepEqual(await coverage('what is this'), []);
      // queryWords leaves "ours" out; PostgreSQL knows further words of the kind, such as "ourselves".
      assert.deepEqual(
        await project.sql(`select h -> 'coverage' as c from jsonb_array_elements(
          loomvideo_search_passages(1, array['the', 'narwhal'], 5)) as h`),
        [{ c: 1 }],
      );
    });

    it('reads no syntax in a word, whatever is sent', async () => {
      await apply('0001_loomvideo');
      await open().save(record, { signal });
      for (const word of [`'`, `a' | 'b`, '!thing', 'thi:*', '\\', '(', 'a <-> b', ''])
        await project.sql('select loomvideo_search_passages(1, array[$1], 5)', [word]);
      const [found] = await project.sql(
        `select loomvideo_search_passages(1, array['!nothing', 'thi:*'], 5) as hits`,
      );
      assert.deepEqual(found?.['hits'], []);
    });
  });

  describe('the stand-in refuses what a project refuses', () => {
    beforeEach(() => apply('0001_loomvideo'));
    const args = { client_schema: 1, video_key: 'x' };
    const post = async (
      headers: Readonly<Record<string, string>>,
      body: unknown = args,
      path = '/rest/v1/rpc/loomvideo_find_video',
    ): Promise<string> => {
      const response = await fetch(`${project.url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      });
      const answer: unknown = await response.json();
      const { code = '', message } = (answer ?? { message: 'null' }) as { code?: string; message: string };
      return `${response.status} ${code} ${message}`;
    };
    const bearer = (apikey: string, token: string): Record<string, string> => ({
      apikey,
      authorization: `Bearer ${token}`,
    });

    it('keys', async () => {
      const { secret, publishable, anon, service, expired } = project.keys;
      assert.match(await post({}), /^401 {2}No API key found/);
      assert.match(await post({ apikey: `${secret}x` }), /^401 {2}Invalid API key/);
      assert.match(await post(bearer(publishable, secret)), /^401 {2}Invalid API key/);
      assert.match(await post(bearer(anon, `${service}x`)), /^401 PGRST301/);
      assert.match(await post(bearer(expired, expired)), /^401 PGRST303 JWT expired/);
      assert.match(await post({ apikey: anon }), /^401 42501 permission denied for function/);
      assert.match(
        await post(bearer(anon, project.sign({ role: 'authenticated' }))),
        /^403 42501 permission denied for function/,
      );
      assert.match(await post(bearer(anon, project.sign({ role: 'nobody' }))), /^401 22023 role "nobody"/);
      for (const headers of [{ apikey: secret }, bearer(secret, secret), bearer(anon, service)])
        assert.match(await post(headers), /^200 {2}null/);
    });

    it('calls', async () => {
      const { secret: apikey } = project.keys;
      assert.match(
        await post({ apikey }, { ...args, more: 1 }),
        /^404 PGRST202 .*\(client_schema, more, video_key\)/,
      );
      assert.match(await post({ apikey }, { client_schema: 1 }), /^404 PGRST202/);
      assert.match(await post({ apikey }, '{"half'), /^400 PGRST102/);
      assert.match(await post({ apikey, 'content-profile': 'private' }), /^406 PGRST106/);
      assert.match(await post({ apikey }, {}, '/rest/v1/rpc/absent'), /^404 PGRST202/);
      assert.match(await post({ apikey }, {}, '/rest/v1/a/b/c'), /^404 PGRST125/);
      assert.match(await post({ apikey }, { ...args, client_schema: 'one' }), /^400 22P02/);
    });
  });
});
