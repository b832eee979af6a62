/**
 * Stock kubectl against the resource API of Render mode, as a user would have it on a cluster; and the words of a real
 * apiserver beside ours. The first suite needs kubectl alone.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, suite, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fastify } from 'fastify';
import { pino } from 'pino';
import { resourceApi } from '../../controller/render/api/resourceApi.ts';
import { openResources, type Resources } from '../../controller/render/resources/openResources.ts';
import type { Cluster } from './cluster.ts';
import { SPEC_CASES } from '../support/specCorpus.ts';
import type { Apiserver } from './support/apiserver.ts';
import { makeNamespace } from './support/namespace.ts';
import { openPlayedCluster } from './support/playedWorld.ts';
import { runKubectl, says, watchVideos, type Kubectl, type Said } from './support/stockKubectl.ts';

const LINK = 'https://www.loom.com/share/0123456789abcdef0123456789abcdef';
const OTHER_LINK = 'https://www.loom.com/share/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa';

interface Cause {
  readonly field: string;
  readonly message: string;
  readonly reason: string;
}

interface Made {
  readonly spec: unknown;
}

interface RenderWorld extends Resources {
  readonly server: string;
  readonly kubectl: Kubectl;
}

suite('kubectl on the resource API', () => {
  test('takes a video from its manifest to Ready and away again', async (t) => {
    const { kubectl, videos, events, server } = await renderWorld(t);
    const demo = { namespace: 'default', name: 'demo' };
    await says(kubectl, ['apply', '-f', '-'], /loomvideo\.qudemo\.dev\/demo created/, manifest('demo'));
    await says(kubectl, ['apply', '-f', '-'], /demo unchanged/, manifest('demo'));
    await says(kubectl, ['apply', '-f', '-'], /demo configured/, manifest('demo', '\n  maxAttempts: 5'));
    assert.equal(videos.get(demo)?.spec.maxAttempts, 5);
    await says(kubectl, ['apply', '-f', '-'], /demo configured/, manifest('demo'));
    assert.equal(videos.get(demo)?.spec.maxAttempts, 3, 'what left the manifest is the default again');

    const { uid } = videos.get(demo)?.metadata ?? { uid: '' };
    videos.setFinalizers(demo, uid, ['qudemo.dev/purge']);
    events.record({ ...demo, uid }, { type: 'Normal', reason: 'Transcribed', message: '12 segments' });
    const waiting = kubectl(['wait', '--for=condition=Ready', 'lv/demo', '--timeout=20s']);
    const lines = watchVideos(t, server);
    await until(() => lines.some((line) => /^demo\s+\d+s$/.test(line)));
    videos.setStatus(demo, uid, {
      phase: 'Ready',
      attempts: 1,
      video: { title: 'A demo', durationSeconds: 61 },
      memory: { peakMb: 311 },
      conditions: [
        {
          type: 'Ready',
          status: 'True',
          reason: 'Succeeded',
          message: 'Searchable',
          lastTransitionTime: '2026-11-24T07:00:00Z',
        },
      ],
    });
    assert.match((await waiting).out, /condition met/);
    await until(() => lines.some((line) => /^demo\s+Ready\s+A demo\s+61\s+1\s+311\s+\d+s$/.test(line)));

    await says(
      kubectl,
      ['get', 'lv'],
      /NAME\s+PHASE\s+TITLE\s+DURATION\s+STAGE\s+ATTEMPTS\s+PEAK MEMORY\s+AGE/,
    );
    await says(kubectl, ['get', 'loomvideos.qudemo.dev', '-A', '-o', 'wide'], /default\s+demo\s+Ready/);
    await says(
      kubectl,
      ['get', 'lv', 'demo', '-o', 'jsonpath={.status.conditions[0].reason}'],
      /^Succeeded$/,
    );
    await says(kubectl, ['describe', 'lv', 'demo'], /Phase:\s+Ready[^]*Normal\s+Transcribed\s+.*12 segments/);

    const leaving = kubectl(['delete', 'lv', 'demo', '--timeout=20s']);
    await until(() => videos.get(demo)?.metadata.deletionTimestamp !== undefined);
    const gone = kubectl(['wait', '--for=delete', 'lv/demo', '--timeout=20s']);
    // Both are to be watching when it goes.
    await delay(500);
    videos.setFinalizers(demo, uid, []);
    assert.match((await leaving).out, /demo" deleted/);
    assert.equal((await gone).code, 0);
    await says(kubectl, ['get', 'lv'], /No resources found/, undefined, 0);
  });

  test('changes a video in all the ways users have', async (t) => {
    const { kubectl, videos, server } = await renderWorld(t);
    const demo = { namespace: 'team-a', name: 'demo' };
    const here = ['--namespace=team-a'];
    await says(kubectl, ['create', ...here, '-f', '-'], /created/, manifest('demo'));
    await says(kubectl, ['label', ...here, 'lv', 'demo', 'team=a'], /labeled/);
    await says(kubectl, ['annotate', ...here, 'lv', 'demo', 'qudemo.dev/retry=1'], /annotated/);
    await says(
      kubectl,
      ['get', ...here, 'lv', '-l', 'team=a', '-o', 'name'],
      /^loomvideo\.qudemo\.dev\/demo$/,
    );
    await says(
      kubectl,
      ['patch', ...here, 'lv', 'demo', '--type=merge', '-p', '{"spec":{"suspend":true}}'],
      /patched/,
    );
    assert.deepEqual([videos.get(demo)?.spec.suspend, videos.get(demo)?.metadata.generation], [true, 2]);
    const editor = join(await scratch(t), 'editor.sh');
    await writeFile(editor, '#!/bin/sh\nsed -i "s/suspend: true/suspend: false/" "$1"\n', { mode: 0o755 });
    await says(
      (args) => runKubectl(server, args, undefined, { EDITOR: editor }),
      ['edit', ...here, 'lv', 'demo'],
      /edited/,
    );
    assert.equal(videos.get(demo)?.spec.suspend, false);
    await says(
      kubectl,
      [
        'patch',
        ...here,
        'lv',
        'demo',
        '--subresource=status',
        '--type=merge',
        '-p',
        '{"status":{"phase":"Ready"}}',
      ],
      /patched/,
    );
    assert.equal(videos.get(demo)?.status?.phase, 'Ready');
    await says(
      kubectl,
      ['diff', ...here, '-f', '-'],
      /^\+ {2}maxAttempts: 7$/m,
      manifest('demo', '\n  maxAttempts: 7'),
      1,
    );
    await says(
      kubectl,
      ['apply', ...here, '--dry-run=server', '-f', '-'],
      /server dry run/,
      manifest('demo', '\n  maxAttempts: 7'),
    );
    assert.equal(videos.get(demo)?.spec.maxAttempts, 3);
    await says(kubectl, ['delete', ...here, 'lv', '--all'], /demo" deleted/);
    assert.equal(videos.get(demo), undefined);
  });

  test('finds out what there is, and explains it', async (t) => {
    const { kubectl } = await renderWorld(t);
    await says(kubectl, ['api-resources'], /loomvideos\s+lv\s+qudemo\.dev\/v1alpha1\s+true\s+LoomVideo/);
    await says(kubectl, ['api-versions'], /^qudemo\.dev\/v1alpha1$/m);
    await says(kubectl, ['explain', 'lv.spec.memory.factor'], /The next attempt after an OOM kill/);
    await says(kubectl, ['explain', 'lv.metadata.finalizers'], /FIELD: finalizers/);
    await says(kubectl, ['get', 'namespaces'], /default/);
    await says(kubectl, ['version'], /Server Version: v1\.36/);
  });

  test('is told clearly what cannot be had', async (t) => {
    const { kubectl } = await renderWorld(t);
    await says(kubectl, ['apply', '-f', '-'], /created/, manifest('demo'));
    await says(
      kubectl,
      ['apply', '--server-side', '-f', '-'],
      /apply without --server-side/,
      manifest('demo'),
      1,
    );
    await says(
      kubectl,
      ['patch', 'lv', 'demo', '--type=json', '-p', '[]'],
      /application\/merge-patch\+json/,
      undefined,
      1,
    );
    await says(
      kubectl,
      ['apply', '-f', '-'],
      /no matches for kind "Pod"/,
      'apiVersion: v1\nkind: Pod\nmetadata: {name: x}\n',
      1,
    );
  });
});

suite('kubectl says the same on a cluster and on the resource API', () => {
  let cluster: Cluster;
  let apiserver: Apiserver;
  before(async () => {
    ({ cluster, apiserver } = await openPlayedCluster());
  });

  const refused: readonly (readonly [what: string, args: readonly string[], input?: string])[] = [
    ['a number out of bounds', ['create', '-f', '-'], manifest('x', '\n  limits: { maxHeight: 1 }')],
    [
      'several faults',
      ['create', '-f', '-'],
      manifest('x', '\n  maxAttempts: 0\n  embedding: { batchSize: 101 }'),
    ],
    [
      'a value that is not offered',
      ['create', '-f', '-'],
      manifest('x', '\n  transcription: { model: base }'),
    ],
    ['a value of the wrong type', ['create', '-f', '-'], manifest('x', '\n  suspend: "yes"')],
    ['a fraction', ['create', '-f', '-'], manifest('x', '\n  maxAttempts: 1.5')],
    ['a text too long', ['create', '-f', '-'], manifest('x', `\n  embedding: { model: ${'x'.repeat(129)} }`)],
    ['a rule broken', ['create', '-f', '-'], manifest('x', '\n  memory: { limit: 1Mi }')],
    ['an unknown field', ['apply', '-f', '-'], manifest('x', '\n  limitz: {}')],
    ['no link', ['create', '-f', '-'], manifest('x').replace(/ {2}url: .*\n/, '  suspend: false\n')],
    ['a link to elsewhere', ['create', '-f', '-'], manifest('x').replace(LINK, 'https://example.com/x')],
    ['a name that is none', ['create', '-f', '-'], manifest('A_b')],
    [
      'a label that is none',
      ['create', '-f', '-'],
      manifest('x').replace('metadata: {', 'metadata: { labels: { a: "b c" },'),
    ],
    ['a name that is taken', ['create', '-f', '-'], manifest('taken')],
    ['another link', ['apply', '-f', '-'], manifest('taken').replace(LINK, OTHER_LINK)],
    [
      'a stale replacement',
      ['replace', '-f', '-'],
      manifest('taken').replace('metadata: {', 'metadata: { resourceVersion: "1",'),
    ],
    ['a name that is not there', ['get', 'lv', 'none']],
    ['to delete what is not there', ['delete', 'lv', 'none']],
    ['a patch of the wrong type', ['patch', 'lv', 'taken', '--type=merge', '-p', '{"spec":{"suspend":"x"}}']],
    [
      'a finalizer that is none',
      ['patch', 'lv', 'taken', '--type=merge', '-p', '{"metadata":{"finalizers":["a b"]}}'],
    ],
    ['labels that are none', ['get', 'lv', '--selector', 'a in x']],
    ['fields that are none', ['get', 'lv', '--field-selector', 'spec.url=x']],
  ];

  test('about what it refuses', async (t) => {
    const namespace = await makeNamespace(t, cluster);
    const { server } = await renderWorld(t);
    const here: Kubectl = (args, input) => runKubectl(server, [...args, `--namespace=${namespace}`], input);
    const there: Kubectl = (args, input) =>
      runKubectl([`--kubeconfig=${cluster.kubeconfig}`], [...args, `--namespace=${namespace}`], input);
    for (const kubectl of [here, there])
      await says(kubectl, ['create', '-f', '-'], /created/, manifest('taken'));
    for (const [what, args, input] of refused) {
      const [ours, theirs] = [await here(args, input), await there(args, input)];
      assert.notEqual(theirs.code, 0, what);
      assert.deepEqual({ ...ours, err: linesOf(ours) }, { ...theirs, err: linesOf(theirs) }, what);
    }
  });

  test(`about ${SPEC_CASES.length} specs`, async (t) => {
    const { server } = await renderWorld(t);
    const query = { dryRun: 'All' };
    const path = '/apis/qudemo.dev/v1alpha1/namespaces/default/loomvideos';
    for (const { what, spec } of SPEC_CASES) {
      const body = { apiVersion: 'qudemo.dev/v1alpha1', kind: 'LoomVideo', metadata: { name: 'x' }, spec };
      const theirs = await apiserver.ask('POST', path, { query, body });
      const ours = await fetch(`${server}${path}?dryRun=All`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      const answer = await ours.json();
      assert.equal(ours.status, theirs.status, what);
      assert.deepEqual(faultsOf(answer), faultsOf(theirs.body), what);
      // What was filled in is the same too.
      if (ours.ok) assert.deepEqual((answer as Made).spec, (theirs.body as Made).spec, what);
    }
  });
});

/**
 * What the answer says is wrong, in no particular order. Of a value that its pattern refuses the apiserver's rules may
 * say more, as they read more durations and quantities than the pattern lets through: that is left out.
 */
function faultsOf(answer: unknown): string[] {
  const { details } = answer as { details?: { causes?: readonly Cause[] } };
  const causes = details?.causes ?? [];
  const refused = new Set(
    causes.filter(({ message }) => message.includes(' in body ')).map(({ field }) => field),
  );
  const told = causes.filter(
    ({ field, message }) =>
      !refused.has(field) || message.includes(' in body ') || !/Invalid value: "/.test(message),
  );
  return [...new Set(told.map(({ field, message, reason }) => `${field}: ${message} (${reason})`))].sort();
}

function manifest(name: string, more = ''): string {
  return `apiVersion: qudemo.dev/v1alpha1\nkind: LoomVideo\nmetadata: { name: ${name} }\nspec:\n  url: ${LINK}${more}\n`;
}

/** Several faults come in no particular order. */
function linesOf({ err }: Said): string[] {
  return err.split('\n').sort();
}

async function renderWorld(t: { after(work: () => unknown): void }): Promise<RenderWorld> {
  const folder = await scratch(t);
  const resources = openResources({ file: join(folder, 'resources.db'), log: pino({ level: 'silent' }) });
  const app = fastify();
  await app.register(resourceApi, { resources });
  const server = await app.listen({ port: 0, host: '127.0.0.1' });
  t.after(async () => {
    await app.close();
    resources.close();
  });
  const kubectl: Kubectl = (args, input) => runKubectl(server, args, input);
  return { ...resources, server, kubectl };
}

async function scratch(t: { after(work: () => unknown): void }): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'render-api-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function until(holds: () => boolean): Promise<void> {
  const end = performance.now() + 20_000;
  while (!holds()) {
    assert.ok(performance.now() < end, 'not within 20 s');
    await delay(50);
  }
}
