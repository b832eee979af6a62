import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, describe, it } from 'node:test';
import { promisify } from 'node:util';
import OpenAI from 'openai';
import { cosine } from '../contract/embedder.suite.ts';
import { embedderOver } from '../support/services/openai/embedder.ts';
import { startOpenai } from '../support/services/openai/openai.ts';

const signal = new AbortController().signal;
const openai = await startOpenai();
const compatible = await startOpenai({ compatible: { dimensions: 48 } });
after(async () => {
  await openai.close();
  await compatible.close();
});

const apiKey = 'sk-proj-0123456789';
const url = 'http://127.0.0.1:9/v1';

/** Runs a module of its own process; fails when it fails. */
function run(program: string, argument: string, env: NodeJS.ProcessEnv = {}) {
  return promisify(execFile)(process.execPath, ['--input-type=module', '-e', program, argument], {
    env: { ...process.env, ...env },
  });
}

describe('openaiEmbedder', () => {
  for (const [model, own] of [
    ['text-embedding-3-small', 1536],
    ['text-embedding-3-large', 3072],
    ['text-embedding-ada-002', 1536],
    ['another', undefined],
  ] as const)
    it(`knows the length of ${model}: ${own ?? 'not yet'}`, () => {
      assert.equal(embedderOver(openai, { model }).dimensions, own);
      assert.equal(embedderOver(openai, { model, dimensions: 256 }).dimensions, 256);
    });

  it('learns the length of another model, and holds it to that', async () => {
    const embedder = embedderOver(compatible, { model: 'nomic-embed-text' });
    const [vector] = await embedder.embed(['x'], { signal });
    assert.equal(vector?.length, 48);
    assert.equal(embedder.dimensions, 48);
    compatible.fault('embed', {
      change: (answer) => ({ ...answer, body: { data: [{ index: 0, embedding: [1, 2] }] } }),
    });
    await assert.rejects(embedder.embed(['x'], { signal }), { message: /2 numbers where 48/ });
  });

  it('is at the ready: two requests at a time, nothing to load', () => {
    const embedder = embedderOver(openai);
    assert.equal(embedder.concurrency, 2);
    assert.equal(embedder.isWarm(), true);
  });

  it('sends the texts of one batch in one request, as the API documents it', async (t) => {
    const fresh = await startOpenai();
    t.after(() => fresh.close());
    await embedderOver(fresh, { dimensions: 64 }).embed(['one', 'two', 'three'], { signal });
    assert.equal(fresh.calls.length, 1);
    assert.deepEqual(fresh.requests, [['one', 'two', 'three']]);
    assert.deepEqual(fresh.calls[0]?.request.body, {
      model: 'text-embedding-3-small',
      input: ['one', 'two', 'three'],
      encoding_format: 'base64',
      dimensions: 64,
    });
  });

  it('says no dimensions where none are asked for', async () => {
    const before = openai.calls.length;
    await embedderOver(openai, { model: 'text-embedding-ada-002' }).embed(['x'], { signal });
    const { body } = openai.calls[before]?.request ?? {};
    assert.ok(body && !Object.hasOwn(body, 'dimensions'));
  });

  it('gives the vectors of several requests in the order of the texts', async () => {
    const texts = Array.from({ length: 80 }, (_, index) => `number${index} `.repeat(800));
    const vectors = await embedderOver(openai, { dimensions: 128 }).embed(texts, { signal });
    const [alone] = await embedderOver(openai, { dimensions: 128 }).embed([texts[79] ?? ''], { signal });
    assert.equal(vectors.length, 80);
    assert.ok(alone && vectors[79] && vectors[78]);
    assert.ok(cosine(alone, vectors[79]) > 0.999);
    assert.ok(cosine(alone, vectors[78]) < 0.9);
  });

  it('takes arrays of numbers from a server that knows no base64', async () => {
    const [one, same, other] = await embedderOver(compatible, { model: 'm' }).embed(
      ['roll back the release', 'the release: roll back', 'a cat on the sofa'],
      { signal },
    );
    assert.ok(one && same && other);
    assert.ok(cosine(one, same) > 0.999);
    assert.ok(cosine(one, other) < 0.5);
  });

  it('is handed embeddings by the library as they came, in either form', async () => {
    for (const server of [openai, compatible]) {
      const client = new OpenAI({ apiKey: server.apiKey, baseURL: server.url, logLevel: 'off' });
      const { data } = await client.embeddings.create({
        model: 'text-embedding-3-small',
        input: 'x',
        encoding_format: 'base64',
      });
      assert.equal(typeof data[0]?.embedding, server === openai ? 'string' : 'object');
    }
  });

  for (const baseUrl of [
    'api.openai.com/v1',
    'localhost:11434',
    'ftp://host/v1',
    '/v1',
    '',
    'https://',
    'https://user:hunter2@host/v1',
    'https://host/v1#part',
  ])
    it(`refuses the base URL ${JSON.stringify(baseUrl)} at once`, () =>
      assert.throws(
        () => embedderOver({ url: baseUrl, apiKey }),
        (error: Error & { reason?: string }) =>
          error.reason === 'ConfigurationInvalid' &&
          error.message.includes('OPENAI_BASE_URL') &&
          !error.message.includes('hunter2'),
      ));

  for (const key of ['', ' ', `${apiKey}\n`, `${apiKey} `, 'sk-ключ', 'sk-\u0000'])
    it(`refuses the key ${JSON.stringify(key)} at once, without repeating it`, () =>
      assert.throws(
        () => embedderOver({ url, apiKey: key }),
        (error: Error & { reason?: string }) =>
          error.reason === 'ConfigurationInvalid' &&
          error.message.includes('OPENAI_API_KEY') &&
          !error.message.includes('sk-'),
      ));

  for (const ending of ['', '/', '?api-version=1'])
    it(`adds the path to a base URL that ends in ${JSON.stringify(ending)}`, async () => {
      const before = openai.count('embed');
      await embedderOver({ ...openai, url: openai.url + ending }).embed(['x'], { signal });
      assert.equal(openai.count('embed'), before + 1);
    });

  // The library reads variables of its own. A process of its own, so that they are there when it is loaded.
  it('prints nothing, and asks only the server it was given, whatever the environment holds', async (t) => {
    const other = await startOpenai();
    t.after(() => other.close());
    const before = openai.calls.length;
    const program = `
      import { embedderOver } from './test/support/services/openai/embedder.ts';
      const signal = new AbortController().signal;
      const server = JSON.parse(process.argv[1]);
      await embedderOver(server).embed(['secret words'], { signal });
      await embedderOver({ ...server, apiKey: 'sk-wrong-key' }).embed(['x'], { signal }).catch(() => undefined);
    `;
    const child = await run(program, JSON.stringify({ url: openai.url, apiKey: openai.apiKey }), {
      OPENAI_LOG: 'debug',
      OPENAI_BASE_URL: other.url,
      OPENAI_API_KEY: 'sk-of-the-environment',
      OPENAI_ADMIN_KEY: 'sk-of-an-administrator',
      OPENAI_ORG_ID: 'org-1',
    });
    assert.deepEqual(child, { stdout: '', stderr: '' });
    assert.equal(other.calls.length, 0);
    const [first] = openai.calls.slice(before);
    assert.equal(first?.request.headers.authorization, `Bearer ${openai.apiKey}`);
    assert.equal(first.request.headers['openai-organization'], 'org-1');
    assert.doesNotMatch(JSON.stringify(first.request.headers), /administrator|environment/);
  });

  it('loads the library with the first request, not before', async () => {
    const program = `
      import { registerHooks } from 'node:module';
      const loaded = [];
      registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
      const { embedderOver } = await import('./test/support/services/openai/embedder.ts');
      const embedder = embedderOver(JSON.parse(process.argv[1]));
      const library = () => loaded.filter((url) => url.includes('node_modules/openai/')).length > 0;
      const before = library();
      await embedder.embed(['x'], { signal: new AbortController().signal });
      console.log(JSON.stringify([before, library()]));
    `;
    const { stdout } = await run(program, JSON.stringify({ url: openai.url, apiKey: openai.apiKey }));
    assert.deepEqual(JSON.parse(stdout), [false, true]);
  });
});
