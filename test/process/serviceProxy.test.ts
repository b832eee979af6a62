import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { sandbox, startMain } from '../support/cli.ts';
import { startOpenai } from '../support/services/openai/openai.ts';
import { acceptTunnels, type Tunnel } from '../support/tls/acceptTunnels.ts';
import { makeCertificates } from '../support/tls/certificates.ts';

/** No name server knows it: only through the proxy can it be reached. */
const HOST = 'api.openai.invalid';

/** OpenAI behind a company's proxy, which signs with an authority of its own. */
async function world(t: TestContext) {
  const box = await sandbox(t);
  const openai = await startOpenai();
  const certificates = makeCertificates([HOST]);
  const caFile = join(box.root, 'ca.pem');
  await writeFile(caFile, certificates.ca);
  const tunnels: Tunnel[] = [];
  const proxy = createServer();
  proxy.on(
    'connect',
    acceptTunnels(
      [HOST],
      certificates,
      (tunnel) => tunnels.push(tunnel),
      (socket) => socket.pipe(connect(Number(new URL(openai.url).port), '127.0.0.1')).pipe(socket),
    ),
  );
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  t.after(async () => {
    proxy.closeAllConnections();
    proxy.close();
    await openai.close();
  });
  const proxyUrl = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const env = {
    ...box.env,
    OPENAI_API_KEY: openai.apiKey,
    OPENAI_BASE_URL: `https://${HOST}/v1`,
    LOOMVIDEO_EMBEDDED: 'pinecone,supabase',
    LOOMVIDEO_SERVICE_TIMEOUT: '5s',
  };
  const doctor = async (extra: Record<string, string>): Promise<string> => {
    const { stdout, log } = await startMain(['doctor'], { ...env, ...extra }).finished;
    return `${stdout}\n${log.join('\n')}`;
  };
  return { doctor, tunnels, proxyUrl, caFile };
}

describe('a proxy between us and the services', () => {
  it('is used, and its authority trusted, as HTTPS_PROXY and SSL_CERT_FILE say', async (t) => {
    const { doctor, tunnels, proxyUrl, caFile } = await world(t);
    const found = await doctor({ HTTPS_PROXY: proxyUrl, SSL_CERT_FILE: caFile });
    assert.match(found, /✅ Embeddings: text-embedding-3-small, vectors of 1536 numbers/);
    assert.deepEqual(tunnels[0], { host: HOST, refused: false });
  });

  it('is passed by where NO_PROXY says so', async (t) => {
    const { doctor, tunnels, proxyUrl, caFile } = await world(t);
    const found = await doctor({ HTTPS_PROXY: proxyUrl, NO_PROXY: HOST, SSL_CERT_FILE: caFile });
    assert.match(found, /EmbeddingUnavailable/);
    assert.deepEqual(tunnels, []);
  });

  it('is not trusted without its authority, and what is wrong is said', async (t) => {
    const { doctor, proxyUrl } = await world(t);
    assert.match(await doctor({ HTTPS_PROXY: proxyUrl }), /EmbeddingUnavailable.*(certificate|self.signed)/i);
  });

  it('is a setting to correct where SSL_CERT_FILE is not there', async (t) => {
    const { doctor } = await world(t);
    assert.match(await doctor({ SSL_CERT_FILE: '/no/such/file.pem' }), /ConfigurationInvalid.*SSL_CERT_FILE/);
  });
});
