/** Stock kubectl against `npm start` with the real pipeline: plain on loopback, and behind TLS with the token. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { createServer } from 'node:tls';
import { sandbox } from '../support/cli.ts';
import { startLoom, type Loom } from '../support/loom/server.ts';
import { makeCertificates } from '../support/tls/certificates.ts';
import { startRender } from '../process/renderServer.ts';
import { shortVideo } from './support/recordings.ts';
import { runKubectl, says, watchVideos, type Kubectl } from './support/stockKubectl.ts';

const TOKEN = 'a-token-long-enough-for-anybody';

/** Longer than the short recording takes on a busy machine. */
const READY = '--timeout=180s';

suite('kubectl and npm start', () => {
  let loom: Loom;
  before(async () => {
    loom = await startLoom();
  });
  after(() => loom.close());

  const manifest = (name: string, url: string, more = ''): string =>
    `apiVersion: qudemo.dev/v1alpha1\nkind: LoomVideo\nmetadata: { name: ${name} }\nspec:\n  url: ${url}${more}\n`;

  test('plain on this machine: from apply to Ready, watched, described, refused, deleted', async (t) => {
    const box = await sandbox(t);
    const server = await startRender(t, { ...box.env, ...loom.env });
    const kubectl: Kubectl = (args, input) => runKubectl(server.url, args, input);
    const url = loom.addVideo(await shortVideo()).shareUrl;
    const seen = watchVideos(t, server.url);
    await says(kubectl, ['apply', '-f', '-'], /demo created/, manifest('demo', url));
    await says(kubectl, ['apply', '-f', '-'], /demo unchanged/, manifest('demo', url));
    await says(kubectl, ['wait', '--for=condition=Ready', 'lv/demo', READY], /condition met/);
    await says(kubectl, ['get', 'lv', 'demo'], /demo\s+Ready\s+\S.*\s25\.8/);
    const passed = (pattern: RegExp): boolean => seen.some((line) => pattern.test(line));
    for (const stage of ['fetch', 'transcribe', 'index'])
      assert.ok(passed(new RegExp(`^demo +Running .* ${stage} `)), `${stage} in ${seen.join('\n')}`);
    assert.ok(passed(/^demo +Ready /), seen.join('\n'));
    await says(kubectl, ['describe', 'lv', 'demo'], /Type:\s+Ready[^]*Events:[^]*Normal/);

    const stale = JSON.parse((await kubectl(['get', 'lv', 'demo', '-o', 'json'])).out) as object;
    await says(kubectl, ['label', 'lv', 'demo', 'team=a'], /labeled/);
    const conflict = await kubectl(['replace', '-f', '-'], JSON.stringify(stale));
    assert.equal(conflict.code, 1);
    assert.match(
      conflict.err,
      /the object has been modified; please apply your changes to the latest version/,
    );
    await says(
      kubectl,
      ['apply', '-f', '-'],
      /spec\.maxAttempts: Invalid value: 0: spec\.maxAttempts in body should be greater than or equal to 1/,
      manifest('other', url, '\n  maxAttempts: 0'),
      1,
    );
    const leaving = kubectl(['delete', 'lv', 'demo', '--timeout=60s']);
    await says(kubectl, ['wait', '--for=delete', 'lv/demo', '--timeout=60s'], /condition met|^$/);
    assert.equal((await leaving).code, 0);
    await says(kubectl, ['get', 'lv'], /No resources found/);
  });

  test('behind TLS: nothing without the token, all with it', async (t) => {
    const box = await sandbox(t);
    const server = await startRender(t, {
      ...box.env,
      ...loom.env,
      NODE_ENV: 'production',
      HOST: '127.0.0.1',
      LOOMVIDEO_API_TOKEN: TOKEN,
    });
    const { address, caFile } = await tlsBefore(t, Number(new URL(server.url).port));
    const flags = [`--server=${address}`, `--certificate-authority=${caFile}`];
    const without: Kubectl = (args, input) => runKubectl([...flags, '--token=a-wrong-one'], args, input);
    await says(without, ['get', 'lv'], /Unauthorized|must be logged in/, undefined, 1);

    const kubectl: Kubectl = (args, input) => runKubectl([...flags, `--token=${TOKEN}`], args, input);
    const url = loom.addVideo(await shortVideo()).shareUrl;
    await says(kubectl, ['apply', '-f', '-'], /demo created/, manifest('demo', url));
    await says(kubectl, ['wait', '--for=condition=Ready', 'lv/demo', READY], /condition met/);
    await says(kubectl, ['explain', 'lv.spec.memory.factor'], /after an OOM kill/);
    await says(kubectl, ['delete', 'lv', 'demo', '--timeout=60s'], /deleted/);
    assert.ok(!server.messages.join('\n').includes(TOKEN));
  });
});

/** What Render's proxy is to the service: TLS ends here, and the rest is passed on. */
async function tlsBefore(
  t: { after(work: () => unknown): void },
  port: number,
): Promise<{ readonly address: string; readonly caFile: string }> {
  const { ca, cert, key } = makeCertificates(['localhost', '127.0.0.1']);
  const folder = await mkdtemp(join(tmpdir(), 'render-tls-'));
  const caFile = join(folder, 'ca.crt');
  await writeFile(caFile, ca);
  const proxy = createServer({ cert, key }, (client) => {
    const upstream = connect(port, '127.0.0.1');
    client.pipe(upstream).pipe(client);
    client.on('error', () => upstream.destroy());
    upstream.on('error', () => client.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  t.after(async () => {
    proxy.close();
    await delay(0);
    await rm(folder, { recursive: true, force: true });
  });
  // oxlint-disable-next-line no-unsafe-type-assertion -- a server that listens at a port
  return { address: `https://localhost:${(proxy.address() as AddressInfo).port}`, caFile };
}
