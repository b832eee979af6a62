import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readConfig } from '../../jobrunner/config.ts';
import { StageError } from '../../jobrunner/contract/stageError.ts';
import { jobFromCommandLine, jobFromEnvironment } from '../../jobrunner/jobs.ts';
import { parseSpec } from '../../jobrunner/contract/spec.ts';

const ID = '0123456789abcdef0123456789abcdef';
const URL_ = `https://www.loom.com/share/${ID}`;

const fails = (reason: string, message?: RegExp) => (error: unknown) =>
  error instanceof StageError && error.reason === reason && (message?.test(error.message) ?? true);

describe('parseSpec', () => {
  it('fills in the defaults of the schema and leaves its input alone', () => {
    const input = { url: URL_ };
    assert.deepEqual(parseSpec(input), {
      url: URL_,
      limits: { maxDuration: '5m', maxFileSize: '50Mi', maxHeight: 480, downloadTimeout: '60s' },
      transcription: { model: 'tiny', language: 'auto', source: 'whisper' },
      embedding: { model: 'text-embedding-3-small', batchSize: 3 },
      memory: { limit: '400Mi', max: '800Mi', factor: '1.5' },
      timeout: '10m',
      maxAttempts: 3,
      suspend: false,
      deletionPolicy: 'Delete',
    });
    assert.deepEqual(input, { url: URL_ });
  });

  for (const url of [
    URL_,
    `https://loom.com/embed/${ID}`,
    `${URL_}/`,
    `${URL_}?sid=11111111-2222-3333-4444-555555555555`,
    `https://www.loom.com/share/My-great-demo-${ID}?t=12#top`,
  ])
    it(`takes ${url}`, () => assert.equal(parseSpec({ url }).url, url));

  for (const url of [
    '',
    'loom',
    `http://www.loom.com/share/${ID}`,
    `https://evil.com/share/${ID}`,
    `https://www.loom.com.evil.com/share/${ID}`,
    `https://www.loom.com@evil.com/share/${ID}`,
    `https://www.loom.com/folder/${ID}`,
    `https://www.loom.com/share/${ID.toUpperCase()}`,
    `https://www.loom.com/share/${ID}/../x`,
    `https://www.loom.com/share/${ID} --exec id`,
    `https://www.loom.com/share/${ID}\n`,
    `https://www.loom.com/share/${ID}?a="b"`,
    'file:///etc/passwd',
    7,
    null,
  ])
    it(`refuses ${JSON.stringify(url)}`, () => assert.throws(() => parseSpec({ url }), fails('InvalidURL')));

  for (const [field, spec] of [
    ['limits.maxDuration', { limits: { maxDuration: '5 minutes' } }],
    ['limits.maxHeight', { limits: { maxHeight: 1 } }],
    ['memory.factor', { memory: { factor: '0' } }],
    ['transcription.language', { transcription: { language: 'English' } }],
    ['maxAttempts', { maxAttempts: 0 }],
  ] as const)
    it(`names ${field} when it is wrong`, () =>
      assert.throws(
        () => parseSpec({ url: URL_, ...spec }),
        fails('ConfigurationInvalid', new RegExp(`spec\\.${field}`)),
      ));
});

describe('readConfig', () => {
  it('has defaults for everything', () => {
    const config = readConfig({});
    assert.equal(config.production, false);
    assert.equal(config.memoryLimitBytes, 400 * 1024 ** 2);
    assert.equal(config.memoryGuard, true);
  });

  for (const env of [{ NODE_ENV: 'production' }, { RENDER: 'true' }])
    it(`is production with ${JSON.stringify(env)}`, () => assert.equal(readConfig(env).production, true));

  it('takes an empty variable as absent', () =>
    assert.equal(readConfig({ MAX_MEMORY_MB: '', LOOM_API_KEY: '' }).loomApiKey, undefined));

  it('takes the line break off a key that was piped into a Secret', () => {
    const config = readConfig({ OPENAI_API_KEY: 'sk-test-1234\n', LOOM_VIDEO_PASSWORD: ' spaces matter ' });
    assert.deepEqual(config.services.variables, { OPENAI_API_KEY: 'sk-test-1234' });
    assert.equal(config.videoPassword, ' spaces matter ');
  });

  it('knows its secrets, and the services that stay embedded', () => {
    const config = readConfig({
      PINECONE_API_KEY: 'pcsk_1',
      LOOM_API_KEY: 'lk',
      LOOMVIDEO_EMBEDDED: 'openai, supabase',
    });
    assert.deepEqual(config.secrets, ['pcsk_1', 'lk']);
    assert.deepEqual([...config.services.embedded], ['openai', 'supabase']);
  });

  it('has half a minute for a request, and a namespace of its own', () => {
    const { services } = readConfig({});
    assert.equal(services.timeoutMs, 30_000);
    assert.equal(services.pineconeNamespace, 'loomvideo');
    assert.equal(readConfig({ LOOMVIDEO_SERVICE_TIMEOUT: '1m30s' }).services.timeoutMs, 90_000);
  });

  for (const [name, value] of [
    ['MAX_MEMORY_MB', 'lots'],
    ['MAX_MEMORY_MB', '-1'],
    ['MEMORY_GUARD', 'maybe'],
    ['LOG_LEVEL', 'loud'],
    ['OPENAI_API_KEY', 'sk-one sk-two'],
    ['SUPABASE_ANON_KEY', 'eyJ\neyJ'],
    ['LOOMVIDEO_EMBEDDED', 'chroma'],
    ['LOOMVIDEO_EMBEDDED', 'openai;supabase'],
    ['LOOMVIDEO_SERVICE_TIMEOUT', 'soon'],
    ['LOOMVIDEO_EMBEDDING_DIMENSIONS', '0'],
  ] as const)
    it(`names ${name} and does not repeat its value ${value}`, () =>
      assert.throws(
        () => readConfig({ [name]: value }),
        (error) =>
          fails('ConfigurationInvalid', new RegExp(name))(error) && !(error as Error).message.includes(value),
      ));
});

describe('jobFromCommandLine', () => {
  const development = { production: false, overrides: {} };

  it('gives a link the same name and uid each time, whatever follows it', async () => {
    const job = await jobFromCommandLine(URL_, development);
    assert.equal(job.name, `loom-${ID}`);
    assert.equal(job.owner.key, `local.default.loom-${ID}`);
    assert.deepEqual(await jobFromCommandLine(URL_, development), job);
  });

  it('takes a file in development only', async () => {
    const job = await jobFromCommandLine(import.meta.filename, development);
    assert.match(job.name, /^input-test-[0-9a-f]{8}$/);
    assert.match(job.spec.url, /^file:\/\//);
    await assert.rejects(
      jobFromCommandLine(import.meta.filename, { production: true, overrides: {} }),
      fails('InvalidURL'),
    );
  });

  it('says that a file is not there', async () => {
    await assert.rejects(
      jobFromCommandLine('/no/such/file.mp4', development),
      fails('InvalidURL', /no\/such/),
    );
  });

  it('refuses a name that could not be a resource', async () => {
    await assert.rejects(
      jobFromCommandLine(URL_, { production: false, overrides: { name: '../etc' } }),
      fails('ConfigurationInvalid'),
    );
  });
});

describe('jobFromEnvironment', () => {
  const job = { name: 'a', owner: { key: 'c.ns.a', uid: '1' }, spec: { url: URL_ } };

  it('reads the job and completes its spec', () => {
    const read = jobFromEnvironment({ LOOMVIDEO_JOB: JSON.stringify(job) });
    assert.equal(read.owner.uid, '1');
    assert.equal(read.spec.timeout, '10m');
  });

  for (const text of [
    undefined,
    '',
    '{',
    'null',
    '[]',
    JSON.stringify({ ...job, owner: undefined }),
    JSON.stringify({ ...job, owner: { key: '', uid: '1' } }),
  ])
    it(`refuses ${text}`, () =>
      assert.throws(
        () => jobFromEnvironment({ LOOMVIDEO_JOB: text }),
        fails('ConfigurationInvalid', /LOOMVIDEO_JOB/),
      ));
});
