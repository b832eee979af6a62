import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { jobFromCommandLine } from '../../jobrunner/jobs.ts';
import { recording } from '../sample/index.ts';
import { messagesOf, processJson, sandbox, startMain, workFiles, type Sandbox } from '../support/cli.ts';
import { dumpStore } from '../support/dumpStore.ts';
import { startLoom, type Loom } from '../support/loom/server.ts';
import { sampleVideo } from '../support/sampleVideo.ts';
import { startServices, type Services } from '../support/services/startServices.ts';

describe('one video with OpenAI, Pinecone and Supabase configured', () => {
  let loom: Loom;
  let services: Services;
  let box: Sandbox;
  let env: Record<string, string>;
  let url: string;
  let run: Awaited<ReturnType<typeof processJson>>;
  const printed: string[] = [];
  const cleanUps: (() => unknown)[] = [];

  /** All that is stored, as comparable text; times of writing are left out. */
  const stored = async (): Promise<string> => {
    const tables = ['loomvideo_videos', 'loomvideo_passages', 'loomvideo_transcripts'];
    const rows = await Promise.all(tables.map((table) => services.supabase.rows(table)));
    return JSON.stringify([
      services.pinecone.vectors().toSorted((a, b) => a.id.localeCompare(b.id)),
      rows.flat().map((row) => ({ ...row, updated_at: undefined })),
    ]);
  };

  const main = async (args: readonly string[], extra: Record<string, string> = {}) => {
    const finished = await startMain(args, { ...env, ...extra }).finished;
    printed.push(finished.stdout, ...finished.log);
    return finished;
  };

  before(async () => {
    loom = await startLoom();
    services = await startServices();
    box = await sandbox({ after: (work) => void cleanUps.push(work) });
    // The services are on this machine; only Loom lies behind the proxy.
    env = { ...box.env, ...loom.env, ...services.env, NO_PROXY: '127.0.0.1', NODE_ENV: 'production' };
    url = loom.addVideo(sampleVideo()).shareUrl;
    run = await processJson(url, env);
    printed.push(JSON.stringify(run.result), ...run.log);
  });
  after(async () => {
    await loom.close();
    await services.close();
    for (const work of cleanUps) await work();
  });

  it('succeeds, and says where everything went', () => {
    assert.equal(run.code, 0, run.log.join('\n'));
    assert.deepEqual(run.result.index, {
      passages: 9,
      model: 'text-embedding-3-small',
      dimensions: 1536,
      vectorStore: 'pinecone',
      recordStore: 'supabase',
    });
    assert.ok(run.messages.includes('Services: OpenAI (text-embedding-3-small), Pinecone, Supabase'));
  });

  it('embeds 9 passages in 3 batches, each logged in order, in no more requests', () => {
    assert.deepEqual(
      run.messages.filter((message) => message.startsWith('✅ Processed embedding batch')),
      [1, 2, 3].map((batch) => `✅ Processed embedding batch ${batch}/3`),
    );
    assert.deepEqual(
      services.openai.requests.map((texts) => texts.length),
      [3, 3, 3],
    );
  });

  it('stores vectors and rows there, and nothing in the embedded file', async () => {
    const vectors = services.pinecone.vectors();
    assert.equal(vectors.length, 9);
    assert.ok(vectors.every(({ namespace }) => namespace === 'loomvideo'));
    assert.equal((await services.supabase.rows('loomvideo_videos')).length, 1);
    assert.equal((await services.supabase.rows('loomvideo_passages')).length, 9);
    assert.equal((await services.supabase.rows('loomvideo_transcripts')).length, 1);
    assert.deepEqual(dumpStore(box.dataDir), {});
    assert.deepEqual(await workFiles(box.workDir), []);
  });

  it('stays within 400 MB with the real client libraries', (t) => {
    const { memory } = run.result;
    assert.ok(memory && memory.peakMb <= 400, JSON.stringify(memory));
    t.diagnostic(JSON.stringify(memory));
  });

  it('is found by the same command with the same output', async () => {
    const { exit, stdout } = await main([
      'search',
      'roll back to the previous version',
      '--json',
      '--limit',
      '2',
    ]);
    assert.equal(exit.code, 0);
    const [first] = JSON.parse(stdout) as Record<string, unknown>[];
    assert.ok(first);
    assert.deepEqual(Object.keys(first).toSorted(), [
      'chapter',
      'end',
      'score',
      'start',
      'text',
      'title',
      'url',
      'video',
    ]);
    const topic = recording().topics.find(({ title }) => title === 'Roll out and roll back');
    assert.ok(
      topic && Number(first['start']) >= topic.start - 1 && Number(first['end']) <= topic.end + 1,
      stdout,
    );
    assert.equal(first['url'], `${url}?t=${Math.floor(Number(first['start']))}`);
  });

  it('changes nothing when it is run again', async () => {
    const first = await stored();
    const again = await processJson(url, env);
    printed.push(...again.log);
    assert.equal(again.code, 0);
    assert.equal(await stored(), first);
  });

  it('passes the doctor and the database check, which name no key', async () => {
    for (const command of ['doctor', 'db-check']) {
      const { exit, stdout } = await main([command, '--json']);
      assert.equal(exit.code, 0, stdout);
      assert.equal((JSON.parse(stdout) as { ok: boolean }).ok, true);
    }
  });

  it('tells the doctor what is wrong, each thing by itself, with what to do', async () => {
    const wrong = {
      OPENAI_API_KEY: 'sk-wrong-0123456789',
      PINECONE_INDEX: 'no-such-index',
      SUPABASE_ANON_KEY: services.supabase.keys.publishable,
    };
    const { exit, stdout } = await main(['doctor'], wrong);
    assert.equal(exit.code, 40);
    assert.match(stdout, /❌ CredentialsRejected: .*OPENAI_API_KEY/);
    assert.match(stdout, /❌ StoreMisconfigured: .*"no-such-index"/);
    assert.match(stdout, /❌ .*anon key[^]*0002_loomvideo_anon\.sql/);
    assert.ok(!stdout.includes('sk-wrong') && !stdout.includes(wrong.SUPABASE_ANON_KEY));
  });

  it('is purged so that nothing is left', async () => {
    const { name, owner, spec } = await jobFromCommandLine(url, { production: true, overrides: {} });
    const job = { LOOMVIDEO_JOB: JSON.stringify({ name, owner, spec }) };
    const { exit, stdout } = await main(['purge'], job);
    assert.equal(exit.code, 0, stdout);
    assert.deepEqual((JSON.parse(stdout) as { purge: unknown }).purge, { vectors: 9, records: 1 });
    assert.deepEqual(services.pinecone.vectors(), []);
    for (const table of ['loomvideo_videos', 'loomvideo_passages', 'loomvideo_transcripts'])
      assert.deepEqual(await services.supabase.rows(table), []);
  });

  it('never shows a key', () => {
    const everything = printed.join('\n');
    assert.ok(everything.length > 1000);
    for (const key of services.keys) assert.ok(!everything.includes(key), `${key.slice(0, 8)}… was printed`);
  });
});

describe('a configuration that lacks something', () => {
  const url = 'https://www.loom.com/share/0123456789abcdef0123456789abcdef';
  const all = {
    OPENAI_API_KEY: 'sk-marker-1',
    PINECONE_API_KEY: 'pcsk_marker-2',
    PINECONE_INDEX: 'demo',
    SUPABASE_URL: 'http://127.0.0.1:1',
    SUPABASE_ANON_KEY: 'sb_secret_marker-3',
  };

  for (const missing of Object.keys(all))
    it(`fails in production before anything is downloaded when ${missing} is missing, which it names`, async (t) => {
      const box = await sandbox(t);
      const { [missing as keyof typeof all]: _, ...rest } = all;
      const { code, result, log } = await processJson(url, { ...box.env, ...rest, NODE_ENV: 'production' });
      assert.equal(code, 40);
      assert.equal(result.reason, 'CredentialsMissing');
      assert.match(result.message, new RegExp(`Missing: ${missing}\\.`));
      assert.ok(!/marker/.test(JSON.stringify(result) + log.join('\n')));
    });

  it('names all that are missing at once', async (t) => {
    const box = await sandbox(t);
    const { result } = await processJson(url, {
      ...box.env,
      OPENAI_API_KEY: 'sk-marker-1',
      NODE_ENV: 'production',
    });
    assert.match(result.message, /PINECONE_API_KEY, PINECONE_INDEX, SUPABASE_URL, SUPABASE_ANON_KEY/);
  });

  it('is none when what is missing stays embedded on purpose', async (t) => {
    const box = await sandbox(t);
    const embedded = {
      ...box.env,
      OPENAI_API_KEY: 'sk-marker-1',
      LOOMVIDEO_EMBEDDED: 'openai,pinecone,supabase',
    };
    const { exit, log } = await startMain(['search', 'anything', '--json'], {
      ...embedded,
      NODE_ENV: 'production',
    }).finished;
    assert.equal(exit.code, 0, log.join('\n'));
    assert.deepEqual(messagesOf(log), []);
  });
});
