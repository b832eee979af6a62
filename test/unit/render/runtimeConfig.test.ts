import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { describe, it } from 'node:test';
import { isLoopback, readRenderConfig, renderSecretsOf } from '../../../controller/render/config.ts';
import { StageError } from '../../../jobrunner/contract/stageError.ts';

const TOKEN = 'sixteen-letters!';

describe('where Render mode listens', () => {
  for (const [env, host] of [
    [{}, '127.0.0.1'],
    [{ HOST: '0.0.0.0' }, '0.0.0.0'],
    [{ LOOMVIDEO_API_TOKEN: TOKEN }, '127.0.0.1'],
    [{ NODE_ENV: 'production' }, '127.0.0.1'],
    [{ RENDER: 'true' }, '127.0.0.1'],
    [{ RENDER: 'true', LOOMVIDEO_API_TOKEN: '' }, '127.0.0.1'],
    [{ NODE_ENV: 'production', LOOMVIDEO_API_TOKEN: TOKEN }, '0.0.0.0'],
    [{ RENDER: 'true', LOOMVIDEO_API_TOKEN: TOKEN }, '0.0.0.0'],
    [{ RENDER: 'true', LOOMVIDEO_API_TOKEN: TOKEN, HOST: '::1' }, '::1'],
    [{ NODE_ENV: 'production', HOST: 'localhost' }, 'localhost'],
  ] as const)
    it(`${JSON.stringify(env)}: ${host}`, () => {
      const config = readRenderConfig(env);
      assert.equal(config.host, host);
      assert.equal(config.port, 10_000);
    });

  for (const host of ['0.0.0.0', '::', '10.0.0.1', 'localhost.evil.example', '127.0.0.1.evil.example'])
    it(`refuses ${host} in production without a token`, () => {
      assert.ok(!isLoopback(host));
      assert.throws(
        () => readRenderConfig({ NODE_ENV: 'production', HOST: host }),
        (error) => error instanceof StageError && error.reason === 'ConfigurationInvalid',
      );
    });

  it('counts the token among the secrets', () => {
    assert.deepEqual(renderSecretsOf({ LOOMVIDEO_API_TOKEN: ` ${TOKEN}\n` }), [TOKEN]);
    assert.deepEqual(renderSecretsOf({}), []);
  });

  it('knows whether it is on Render, where proxies stand before it', () => {
    assert.equal(readRenderConfig({ RENDER: 'true', LOOMVIDEO_API_TOKEN: TOKEN }).onRender, true);
    for (const env of [{}, { NODE_ENV: 'production', LOOMVIDEO_API_TOKEN: TOKEN }, { RENDER: 'no' }])
      assert.equal(readRenderConfig(env).onRender, false);
  });

  it('has a folder of manifests where one is named, and refuses one that is not there', () => {
    assert.equal(readRenderConfig({}).manifestsDir, undefined);
    assert.equal(readRenderConfig({ LOOMVIDEO_MANIFESTS_DIR: ' ' }).manifestsDir, undefined);
    assert.equal(readRenderConfig({ LOOMVIDEO_MANIFESTS_DIR: 'test/' }).manifestsDir, resolve('test'));
    for (const folder of ['/nowhere/at/all', import.meta.filename])
      assert.throws(
        () => readRenderConfig({ LOOMVIDEO_MANIFESTS_DIR: folder }),
        (error) =>
          error instanceof StageError &&
          error.reason === 'ConfigurationInvalid' &&
          error.message.includes(`LOOMVIDEO_MANIFESTS_DIR is ${folder}`),
      );
  });
});
