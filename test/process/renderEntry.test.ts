import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { describe, it } from 'node:test';
import { sandbox } from '../support/cli.ts';
import { launchRender, startRender, VIDEOS } from './renderServer.ts';

const TOKEN = 'a-token-of-many-letters';

async function ended(
  env: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<{ code: number | null; said: string }> {
  const { child } = launchRender(env, args);
  const { code, stdoutTail, stderrTail } = await child.exited;
  return { code, said: stdoutTail + stderrTail };
}

/** With a Host of one's own, which fetch does not allow. */
function statusFor(url: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    httpRequest(url, { headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    })
      .on('error', reject)
      .end();
  });
}

describe('the entry of Render mode', () => {
  it('tells its options', async () => {
    const { code, said } = await ended({}, '--help');
    assert.equal(code, 0);
    assert.match(said, /LOOMVIDEO_API_TOKEN/);
    assert.equal((await ended({}, '--nonsense')).code, 2);
  });

  for (const { env, says } of [
    { env: { PORT: '99999' }, says: /PORT must be <= 65535/ },
    { env: { LOOMVIDEO_API_TOKEN: 'short' }, says: /LOOMVIDEO_API_TOKEN takes at least 16 characters/ },
    { env: { NODE_ENV: 'production', HOST: '0.0.0.0' }, says: /set LOOMVIDEO_API_TOKEN/ },
    { env: { RENDER: 'true', HOST: '::' }, says: /set LOOMVIDEO_API_TOKEN/ },
    { env: { NODE_ENV: 'production', PINECONE_API_KEY: 'k' }, says: /OPENAI_API_KEY/ },
  ])
    it(`refuses ${JSON.stringify(env)}, and says what is to be done`, async (t) => {
      const box = await sandbox(t);
      const { code, said } = await ended({ ...box.env, ...env });
      assert.equal(code, 40, said);
      assert.match(said, says);
      assert.ok(!said.includes('short'));
    });

  it('refuses a data folder on which another server works', async (t) => {
    const box = await sandbox(t);
    const server = await startRender(t, box.env);
    const { code, said } = await ended(box.env);
    assert.equal(code, 40);
    assert.match(said, /Another server works on/);
    await server.end('SIGTERM');
  });

  it('in production with a token: takes those who have it, on every path but those of the health checks', async (t) => {
    const box = await sandbox(t);
    const server = await startRender(t, { ...box.env, RENDER: 'true', LOOMVIDEO_API_TOKEN: TOKEN });
    assert.ok(server.messages.some((message) => /listens at http:\/\/(0\.0\.0\.0|127\.)/.test(message)));
    assert.equal((await server.request('/healthz')).status, 200);
    assert.equal((await server.request('/readyz')).status, 200);
    for (const path of [VIDEOS, '/apis', '/openapi/v3', '/nowhere', '/healthz/..%2fapis', '/metrics']) {
      const kubernetes = /^\/(apis|openapi)/.test(path);
      for (const authorization of [undefined, '', TOKEN, 'Bearer', `Bearer ${TOKEN}x`, 'Basic eDp5']) {
        const answer = await server.request(
          path,
          authorization === undefined ? {} : { headers: { authorization } },
        );
        assert.equal(answer.status, 401, `${path} with ${authorization}`);
        const { kind, title } = (await answer.json()) as { kind?: string; title?: string };
        if (kubernetes) assert.equal(kind, 'Status');
        else assert.equal(title, 'Unauthorized');
      }
      const answer = await server.request(path, { headers: { authorization: `Bearer ${TOKEN}` } });
      assert.notEqual(answer.status, 401, path);
    }
    await server.end('SIGTERM');
    assert.ok(!server.messages.join('\n').includes(TOKEN));
  });

  it('without a token: serves this machine, not the pages of others in its browser', async (t) => {
    const box = await sandbox(t);
    const server = await startRender(t, box.env);
    const url = `${server.url}${VIDEOS}`;
    assert.equal((await server.request('/readyz')).status, 200);
    assert.equal((await server.request(VIDEOS)).status, 200);
    assert.equal((await server.request('/nowhere')).status, 404);
    assert.equal(await statusFor(url, { host: 'evil.example' }), 403);
    assert.equal(await statusFor(url, { origin: 'https://evil.example' }), 403);
    assert.equal(await statusFor(url, { origin: 'null' }), 403);
    assert.equal(await statusFor(url, { origin: server.url }), 200);
    await server.end('SIGTERM');
  });
});
