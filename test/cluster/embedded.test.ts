/** Without any key: the two commands of docs/kubernetes/install.md, from an empty cluster to a searchable video. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { parse } from 'yaml';
import type { LoomVideoObject } from '../../controller/kubernetes/objects.ts';
import { recording } from '../sample/index.ts';
import { startLoom, type Loom } from '../support/loom/server.ts';
import { sampleVideo } from '../support/sampleVideo.ts';
import { CHART, helm, type Manifest } from '../unit/chart/renderChart.ts';
import { openCluster, type Cluster } from './cluster.ts';
import { ROOT } from './paths.ts';
import { CleanUp } from './support/cleanUp.ts';
import { imageValues, operatorImage, RELEASE, uninstallOperator } from './support/operator.ts';
import { shortVideo } from './support/recordings.ts';
import { authorityOf, waysTo } from './support/standIns.ts';
import { provideVolume } from './support/volume.ts';
import { RESTRICTED } from './support/world.ts';

const EXAMPLES = join(ROOT, 'docs', 'kubernetes', 'examples');

suite('the operator without any key', () => {
  const cleanUp = new CleanUp();
  const namespace = `test-${randomUUID().slice(0, 8)}`;
  let cluster: Cluster;
  let loom: Loom;
  const kubectl = (...args: string[]): Promise<string> =>
    cluster.kubectl(`--namespace=${namespace}`, ...args);

  before(async () => {
    cluster = await openCluster();
    // Empty, as the docs' reader has it. A cluster that is somebody's keeps what it has.
    if (cluster.booted) await emptied();
    loom = await startLoom({ host: cluster.hostAddress });
    cleanUp.after(() => loom.close());
    await provideVolume(cleanUp, cluster);
  });
  after(() => cleanUp.run());

  const example = async (path: string): Promise<Manifest> =>
    parse(await readFile(join(EXAMPLES, path), 'utf8')) as Manifest;

  /** An example's LoomVideo with a link of ours. */
  const video = async (name: string, url: string): Promise<object> => {
    const manifest = await example('videos/onboarding-demo.yaml');
    return { ...manifest, metadata: { name, namespace }, spec: { url } };
  };

  test('helm install and kubectl apply make a video searchable', async (t) => {
    const { repository, tag } = imageValues();
    // As the docs say, from the last to the first.
    if (cluster.booted)
      cleanUp.after(() => cluster.kubectl('delete', 'crd/loomvideos.qudemo.dev', '--timeout=60s'));
    cleanUp.after(() => cluster.kubectl('delete', 'namespace', namespace, '--timeout=60s'));
    cleanUp.after(() => uninstallOperator(cluster, namespace));
    cleanUp.after(() => kubectl('delete', 'loomvideos', '--all', '--timeout=60s'));
    const begun = performance.now();
    const values = { ...waysTo(loom, cluster.hostAddress), crd: { install: cluster.booted } };
    await helm(
      [
        ...['install', RELEASE, CHART, `--kubeconfig=${cluster.kubeconfig}`],
        ...['--namespace', namespace, '--create-namespace'],
        ...['--set', `image.repository=${repository}`, '--set', `image.tag=${tag}`],
        ...['--set', 'embedded.enabled=true'],
      ],
      values,
    );
    const installed = performance.now();
    // Only the tests' Loom wants an authority of its own.
    await cluster.apply(await authorityOf(loom, namespace));
    await kubectl(
      'label',
      'namespace',
      namespace,
      ...Object.entries(RESTRICTED).map((pair) => pair.join('=')),
    );

    await cluster.apply(await video('onboarding-demo', loom.addVideo(sampleVideo()).shareUrl));
    await kubectl('wait', '--for=condition=Ready', 'loomvideo/onboarding-demo', '--timeout=180s');
    const seconds = (from: number): string => ((performance.now() - from) / 1000).toFixed(1);
    t.diagnostic(`${seconds(begun)} s from nothing, ${seconds(installed)} s of it after the installation`);
    const { status } = await read('onboarding-demo');
    t.diagnostic(JSON.stringify([status?.memory, status?.timings]));
    assert.deepEqual([status?.index?.vectorStore, status?.index?.recordStore], ['sqlite', 'sqlite']);
    assert.equal(status?.attempts, 1);
  });

  test('the pod of the search example answers with the right passage', async () => {
    const manifest = await example('search.yaml');
    const spec = manifest['spec'] as { containers: readonly [object] };
    const [container] = spec.containers;
    await cluster.apply({
      ...manifest,
      metadata: { ...manifest.metadata, namespace },
      spec: { ...spec, containers: [{ ...container, image: operatorImage() }] },
    });
    await kubectl('wait', '--for=condition=Ready', 'pod/search', '--timeout=60s');
    const found = await search('how do I roll back to the previous version');
    const topic = recording().topics.find(({ title }) => title === 'Roll out and roll back');
    assert.ok(topic && found);
    assert.equal(found.video, `${namespace}/onboarding-demo`);
    assert.ok(found.start >= topic.start - 1 && found.end <= topic.end + 1, JSON.stringify(found));
    assert.match(
      found.url,
      new RegExp(String.raw`^https://www\.loom\.com/share/[\da-f]{32}\?t=${Math.floor(found.start)}$`),
    );
  });

  test('a second video waits its turn', async () => {
    const url = async (): Promise<string> => loom.addVideo(await shortVideo()).shareUrl;
    await cluster.apply(await video('second', await url()), await video('third', await url()));
    await kubectl('wait', '--for=jsonpath={.status.phase}=Queued', 'loomvideo/third', '--timeout=30s');
    await kubectl('wait', '--for=condition=Ready', 'loomvideo/second', 'loomvideo/third', '--timeout=120s');
    const [second, third] = [await read('second'), await read('third')];
    // To the second, as the statuses have them.
    assert.ok((third.status?.startedAt ?? '') >= (second.status?.finishedAt ?? '9').slice(0, 19));
    const names = ['onboarding-demo', 'second', 'third'];
    const found = await search('how long is the invitation valid');
    assert.ok(names.map((name) => `${namespace}/${name}`).includes(found?.video ?? ''), found?.video);
  });

  test('a deleted video is found no more', async () => {
    await kubectl('delete', 'loomvideo', 'onboarding-demo', '--timeout=60s');
    const found = await search('how do I roll back to the previous version');
    assert.ok(found && !found.video.endsWith('/onboarding-demo'), found?.video);
  });

  /** Takes away the resource, and what other tests left of it: no operator is there to do it. */
  async function emptied(): Promise<void> {
    const crd = 'crd/loomvideos.qudemo.dev';
    if ((await cluster.kubectl('get', crd, '--ignore-not-found')) === '') return;
    const list = await cluster.kubectl('get', 'loomvideos', '--all-namespaces', '--output=json');
    const { items } = JSON.parse(list) as { items: readonly LoomVideoObject[] };
    for (const { metadata } of items) {
      const where = [metadata.name, `--namespace=${metadata.namespace}`];
      const letGo = '--patch={"metadata":{"finalizers":null}}';
      await cluster
        .kubectl('patch', 'loomvideo', ...where, '--type=merge', letGo)
        // The namespace of an earlier test may be on its way out, and take it along.
        .catch((error: unknown) => {
          if (!/\(NotFound\)/.test(String(error))) throw error;
        });
    }
    await cluster.kubectl('delete', crd, '--timeout=60s');
  }

  async function read(name: string): Promise<LoomVideoObject> {
    return JSON.parse(await kubectl('get', 'loomvideo', name, '--output=json')) as LoomVideoObject;
  }

  interface Found {
    readonly video: string;
    readonly start: number;
    readonly end: number;
    readonly url: string;
  }

  async function search(words: string): Promise<Found | undefined> {
    const command = ['node', 'jobrunner/main.ts', 'search', words, '--json'];
    return (JSON.parse(await kubectl('exec', 'search', '--', ...command)) as Found[])[0];
  }
});
