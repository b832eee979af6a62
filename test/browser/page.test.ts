import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fastify, type FastifyInstance } from 'fastify';
import { page } from '../../controller/render/page/page.ts';

async function served(): Promise<FastifyInstance> {
  const app = fastify();
  app.get('/elsewhere', () => 'ok');
  await app.register(page);
  return app;
}

/** What the page is made of, beginning at its index: each file that another names. */
async function filesOf(app: FastifyInstance): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const wanted = ['/'];
  for (let path = wanted.pop(); path !== undefined; path = wanted.pop()) {
    if (files.has(path)) continue;
    const { statusCode, body } = await app.inject(path);
    assert.equal(statusCode, 200, path);
    files.set(path, body);
    const named =
      path === '/'
        ? body.matchAll(/(?:src|href)="(\/page\/[^"]+)"/g)
        : path.endsWith('.js')
          ? body.matchAll(/(?:from|import)\s?['"]([^'"]+)['"]/g)
          : [];
    for (const [, name = ''] of named)
      if (!name.endsWith('.d.ts')) wanted.push(new URL(name, `http://page.invalid${path}`).pathname);
  }
  return files;
}

describe('how the page is served', () => {
  it('under a policy that lets nothing run but its own files', async () => {
    const app = await served();
    for (const path of [
      '/',
      '/page/client/main.js',
      '/page/styles/base.css',
      '/page/vendor/lit-html/lit-html.js',
    ]) {
      const { headers, statusCode } = await app.inject(path);
      assert.equal(statusCode, 200, path);
      assert.equal(
        headers['content-security-policy'],
        "default-src 'none';script-src 'self';style-src 'self';img-src 'self' data:;connect-src 'self';" +
          "form-action 'self';base-uri 'none';frame-ancestors 'none';require-trusted-types-for 'script';trusted-types lit-html",
      );
      assert.equal(headers['x-content-type-options'], 'nosniff');
      assert.equal(headers['referrer-policy'], 'no-referrer');
      assert.equal(headers['x-frame-options'], 'DENY');
      assert.equal(headers['cross-origin-opener-policy'], 'same-origin');
      assert.equal(headers['cross-origin-resource-policy'], 'same-origin');
      assert.match(String(headers['permissions-policy']), /camera=\(\).*microphone=\(\)/);
    }
  });

  it('and leaves other answers as they are', async () => {
    const { headers } = await (await served()).inject('/elsewhere');
    assert.equal(headers['content-security-policy'], undefined);
  });

  it('is kept by browsers and asked for again with its tag', async () => {
    const app = await served();
    const first = await app.inject('/page/client/main.js');
    assert.equal(first.headers['cache-control'], 'no-cache');
    assert.match(String(first.headers['content-type']), /^text\/javascript/);
    const { etag } = first.headers;
    const again = await app.inject({
      url: '/page/client/main.js',
      headers: { 'if-none-match': `W/"x", ${String(etag)}` },
    });
    assert.equal(again.statusCode, 304);
    assert.equal(again.body, '');
    const other = await app.inject({
      url: '/page/client/main.js',
      headers: { 'if-none-match': '"another"' },
    });
    assert.equal(other.statusCode, 200);
    assert.equal((await app.inject({ url: '/', method: 'HEAD' })).statusCode, 200);
  });

  it('is whole: whatever a file of it names is there, and nothing of it comes from elsewhere', async () => {
    const app = await served();
    const files = await filesOf(app);
    assert.ok(files.size > 30, [...files.keys()].join('\n'));
    for (const path of files.keys())
      if (path.endsWith('.js'))
        assert.ok(
          files.get('/')?.includes(`<link rel="modulepreload" href="${path}" />`),
          `${path} is loaded at once`,
        );
    const ours = [...files].filter(([path]) => !path.startsWith('/page/vendor/'));
    for (const [path, text] of ours) {
      assert.doesNotMatch(
        text,
        /innerHTML|outerHTML|insertAdjacentHTML|document\.write|unsafe-?html|\beval\b/i,
        path,
      );
      assert.doesNotMatch(text, /\sstyle=|\son[a-z]+="/, `${path}: the policy lets neither run`);
      const hosts = [...text.matchAll(/https?:\/\/([^/\s'"`…]+)/g)].map(([, host]) => host);
      assert.deepEqual(
        hosts.filter((host) => !/^(page\.invalid|www\.loom\.com|www\.w3\.org|\[|\$\{)/.test(host ?? '')),
        [],
        path,
      );
    }
  });

  it('gives nothing but its own files', async () => {
    const app = await served();
    for (const path of [
      '/page/client/tsconfig.json',
      '/page/client/contract.d.ts',
      '/page/page.ts',
      '/page/../config.ts',
      '/page/client/..%2f..%2fpage.ts',
      '/page/vendor/lit-html/package.json',
    ])
      assert.equal((await app.inject(path)).statusCode, 404, path);
  });
});
