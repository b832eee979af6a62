import assert from 'node:assert/strict';
import type { InjectOptions } from 'fastify';
import * as fc from 'fast-check';
import { boundedAsync } from '../bounded.ts';
import { property, type Target } from '../property.ts';
import { bySchema, withOneMutation } from '../texts/bySchema.ts';
import { wildJson } from '../texts/json.ts';
import { anyText, soup } from '../texts/soup.ts';
import { inWorld } from '../inWorld.ts';
import { serverWorld } from '../serverWorld.ts';
import { readCrd } from '../../../controller/render/resources/crd.ts';

const crd = readCrd();
const NAMES = ['a', 'b', 'c', 'a.b', 'x'.repeat(254), 'A', '%00', '%2e%2e', '..', '%', '%zz', '__proto__'];
const name = fc.constantFrom(...NAMES);
const namespace = fc.oneof({ weight: 5, arbitrary: fc.constant('default') }, { weight: 1, arbitrary: name });
const base = '/apis/qudemo.dev/v1alpha1';
const path = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(namespace, name)
      .map(([space, one]) => `${base}/namespaces/${space}/loomvideos/${one}`),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(namespace, name)
      .map(([space, one]) => `${base}/namespaces/${space}/loomvideos/${one}/status`),
  },
  { weight: 5, arbitrary: namespace.map((space) => `${base}/namespaces/${space}/loomvideos`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      `${base}/loomvideos`,
      '/version',
      '/openapi/v2',
      '/openapi/v3',
      '/api',
      '/apis',
      base,
      '/api/v1',
      '/api/v1/namespaces',
      '/api/v1/events',
      '/apis/qudemo.dev',
    ),
  },
  { weight: 1, arbitrary: namespace.map((space) => `/api/v1/namespaces/${space}/events`) },
  {
    weight: 1,
    arbitrary: soup([
      '/apis',
      '/api',
      '/v1',
      '/openapi',
      '/v3',
      base,
      '/namespaces',
      '/default',
      '/loomvideos',
      '/a',
      '/',
      '/status',
      '/scale',
      '%2f',
      '*',
      '.',
    ]).map((text) => `/apis${text}`),
  },
);
const QUERY = [
  'watch=0',
  'limit=1',
  'limit=-1',
  'limit=x',
  'continue=',
  'resourceVersion=',
  '0',
  '1',
  '99999999999999999999',
  'resourceVersionMatch=Exact',
  'resourceVersionMatch=NotOlderThan',
  'fieldSelector=metadata.name=a',
  'fieldSelector=',
  'labelSelector=',
  'app=loom',
  'app in (a,b)',
  '!a',
  '(',
  ')',
  'dryRun=All',
  'dryRun=x',
  'fieldValidation=Strict',
  'fieldValidation=Ignore',
  'propagationPolicy=Foreground',
  'includeObject=Object',
  'pretty=true',
  '&',
  '&',
  '&',
  '=',
  '%',
  '%00',
  '+',
  'timeoutSeconds=1',
  'eyJ9',
  'eyJuYW1lc3BhY2UiOiJkZWZhdWx0IiwibmFtZSI6ImEiLCJ2ZXJzaW9uIjotMX0',
  'sendInitialEvents=true',
  'involvedObject.name=a',
  '__proto__',
];
const query = fc.oneof(
  { weight: 3, arbitrary: fc.constant('') },
  { weight: 2, arbitrary: soup(QUERY, { pieces: 5 }).map((text) => `?${encodeURI(text.toWellFormed())}`) },
);

const valid = bySchema(crd.specSchema);
const spec = fc.oneof(
  { weight: 3, arbitrary: valid },
  { weight: 2, arbitrary: withOneMutation(valid, crd.specSchema) },
);
const metadata = fc.record(
  {
    name: fc.oneof({ weight: 5, arbitrary: fc.constantFrom('a', 'b', 'c') }, wildJson()),
    generateName: fc.oneof(fc.constantFrom('v-', 'A', ''), wildJson()),
    namespace: fc.oneof({ weight: 3, arbitrary: fc.constant('default') }, wildJson()),
    labels: fc.oneof(fc.dictionary(anyText, anyText, { maxKeys: 2 }), wildJson()),
    annotations: fc.oneof(
      fc.dictionary(fc.constantFrom('a', 'b/c', '__proto__'), anyText, { maxKeys: 2 }),
      wildJson(),
    ),
    finalizers: fc.oneof(fc.constantFrom([], ['a.b/c'], ['x', 'x']), wildJson()),
    ownerReferences: wildJson(),
    resourceVersion: fc.oneof(fc.constantFrom('', '0', '1', '2'), wildJson()),
    uid: wildJson(),
    managedFields: wildJson(),
    deletionTimestamp: wildJson(),
  },
  { requiredKeys: ['name'] },
);
const manifest = fc.record(
  {
    apiVersion: fc.oneof({ weight: 20, arbitrary: fc.constant('qudemo.dev/v1alpha1') }, wildJson()),
    kind: fc.oneof({ weight: 20, arbitrary: fc.constant('LoomVideo') }, wildJson()),
    metadata: fc.oneof(
      { weight: 9, arbitrary: metadata },
      { weight: 5, arbitrary: fc.constantFrom('a', 'b', 'c').map((one) => ({ name: one })) },
      wildJson(),
    ),
    spec,
    status: fc.oneof(
      bySchema(crd.statusSchema),
      withOneMutation(bySchema(crd.statusSchema), crd.statusSchema),
    ),
  },
  { requiredKeys: ['apiVersion', 'kind', 'metadata', 'spec'] },
);
const YAML = [
  'apiVersion: qudemo.dev/v1alpha1\n',
  'kind: LoomVideo\n',
  'metadata: {name: a}\n',
  'metadata: {name: b, annotations: {a: !!timestamp 2001-12-14}}\n',
  'metadata: {name: c, ownerReferences: [!!set {a}]}\n',
  'spec: {url: "https://www.loom.com/share/0123456789abcdef0123456789abcdef"}\n',
  '&a ',
  '*a ',
  '[',
  '{',
  '}',
  ': ',
  '%YAML 1.1\n---\n',
  '!!binary x',
  '---\n',
  '\t',
];
const body = fc.oneof(
  { weight: 8, arbitrary: manifest.map((value) => JSON.stringify(value)) },
  {
    weight: 2,
    arbitrary: fc
      .record({ metadata, spec, status: bySchema(crd.statusSchema) }, { requiredKeys: [] })
      .map((value) => JSON.stringify(value)),
  },
  { weight: 2, arbitrary: wildJson().map((value) => JSON.stringify(value) ?? '') },
  { weight: 2, arbitrary: soup(YAML) },
  {
    weight: 1,
    arbitrary: soup(['[', '{"a":', '"', '{', '}', ']', ',', '1e999', '\\u0000', '\\ud800'], {
      repeat: 50_000,
      pieces: 6,
    }),
  },
  { weight: 1, arbitrary: anyText },
  { weight: 2, arbitrary: fc.constant('') },
);
const TYPES = [
  'application/json',
  'application/merge-patch+json',
  'application/yaml',
  'application/json-patch+json',
  'application/apply-patch+yaml',
  'text/plain',
  'application/json; charset=x',
  '*/*',
  ';',
  'a/b;c="',
  'application/vnd.kubernetes.protobuf',
];
const ACCEPTS = [
  'application/json',
  'application/yaml',
  '*/*',
  'application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
  'application/yaml;as=Table;v=v1;g=meta.k8s.io',
  'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
  'text/html',
  ',;=',
  'application/json;as=x',
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
];
const requests = fc.record({
  method: fc.constantFrom(
    'GET' as const,
    'POST' as const,
    'POST' as const,
    'PUT' as const,
    'PATCH' as const,
    'PATCH' as const,
    'DELETE' as const,
    'HEAD' as const,
    'OPTIONS' as const,
  ),
  path,
  query,
  type: fc.option(fc.constantFrom(...TYPES, ...TYPES.slice(0, 3), ...TYPES.slice(0, 3)), {
    nil: undefined,
    freq: 3,
  }),
  accept: fc.option(fc.constantFrom(...ACCEPTS), { nil: undefined, freq: 2 }),
  body,
});
type World = Awaited<ReturnType<typeof serverWorld>>;
type Request = typeof requests extends fc.Arbitrary<infer T> ? T : never;

async function send({ app }: World, { method, path: to, query: asked, type, accept, body: sent }: Request) {
  const options: InjectOptions = {
    method,
    url: to + asked,
    headers: { ...(type !== undefined && { 'content-type': type }), ...(accept !== undefined && { accept }) },
    ...(method !== 'GET' && method !== 'HEAD' && { payload: sent }),
  };
  return app.inject(options);
}

/** What holds of the store whatever was done: all of it can be listed, and no object is newer than the store. */
function checkStore({ videos }: World, before: number): number {
  assert.ok(videos.version >= before, 'versions do not go back');
  const page = videos.list();
  const read = (items: readonly unknown[]): unknown => JSON.parse(JSON.stringify(items));
  assert.deepEqual(
    read(page.items),
    videos.listJson({}).items.map((text) => JSON.parse(text) as unknown),
  );
  assert.deepEqual(read(page.items), page.items, 'it is all JSON');
  const versions = page.items.map(({ metadata: { resourceVersion } }) => Number(resourceVersion));
  assert.equal(new Set(versions).size, versions.length);
  for (const version of versions) assert.ok(version >= 1 && version <= videos.version);
  return videos.version;
}

export const resourceApi: Target = {
  name: 'resource-api',
  properties: [
    property(
      'every answer is an object or a Status with the right type, and the store stays whole',
      fc.array(requests, { minLength: 1, maxLength: 12 }),
      (all) =>
        inWorld(serverWorld, async (world) => {
          let version = world.videos.version;
          for (const request of all) {
            // A watch does not end by itself; it has tests of its own.
            if (/watch/.test(request.query) && request.method === 'GET') continue;
            const response = await boundedAsync(() => send(world, request));
            const { statusCode: code, headers, body: text } = response;
            const shown = `${request.method} ${request.path}${request.query}: ${code} ${text.slice(0, 300)}`;
            assert.ok(code < 500 || code === 504, shown);
            if (request.method !== 'HEAD' && /^\/(apis|api\/v1)\//.test(request.path)) {
              const type = String(headers['content-type']);
              if (code >= 400) {
                const status = JSON.parse(text) as Record<string, unknown>;
                assert.match(type, /^application\/json/, shown);
                assert.equal(status['kind'], 'Status', shown);
                assert.equal(status['code'], code, shown);
                const { reason, message } = status;
                assert.ok(typeof reason === 'string' && typeof message === 'string', shown);
              } else if (type.startsWith('application/json')) {
                const { kind, apiVersion } = JSON.parse(text) as Record<string, unknown>;
                // Of the discovery documents some have neither, as those of kube-apiserver.
                if (request.path.includes('/namespaces'))
                  assert.ok(typeof kind === 'string' && typeof apiVersion === 'string', shown);
              } else assert.match(type, /^application\/yaml/, shown);
            }
            version = checkStore(world, version);
          }
        }),
      { unitRuns: 25 },
    ),
  ],
};
