import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { parse } from 'yaml';
import { apiWorld, TABLE, VIDEOS } from './apiWorld.ts';
import { manifest, URL_A } from './resourceWorld.ts';

const YAML = 'application/yaml';

suite('the resource API: writing', () => {
  test('takes a manifest in JSON and in YAML, and answers in either', async (t) => {
    const { call } = apiWorld(t);
    const json = await call('POST', VIDEOS, { body: manifest('one') });
    assert.deepEqual([json.code, json.body.kind, json.body.metadata['name']], [201, 'LoomVideo', 'one']);
    const text = `apiVersion: qudemo.dev/v1alpha1\nkind: LoomVideo\nmetadata: { name: two }\nspec:\n  url: ${URL_A}\n`;
    const yaml = await call('POST', VIDEOS, { body: text, type: YAML, accept: YAML });
    assert.equal(yaml.code, 201);
    assert.match(String(yaml.headers['content-type']), /^application\/yaml/);
    assert.equal((parse(yaml.text) as { metadata: { name: string } }).metadata.name, 'two');
  });

  test('replaces, patches and deletes, and says what a client is to know', async (t) => {
    const { call } = apiWorld(t);
    const { body: made } = await call('POST', VIDEOS, { body: manifest('demo') });
    const put = await call('PUT', `${VIDEOS}/demo`, {
      body: { ...made, spec: { ...made.spec, suspend: true } },
    });
    assert.deepEqual([put.code, put.body.spec['suspend'], put.body.metadata['generation']], [200, true, 2]);
    const stale = await call('PUT', `${VIDEOS}/demo`, {
      body: { ...made, spec: { ...made.spec, maxAttempts: 5 } },
    });
    assert.deepEqual([stale.code, stale.body.reason], [409, 'Conflict']);
    const patch = await call('PATCH', `${VIDEOS}/demo`, {
      body: { metadata: { labels: { a: 'b' } }, status: { phase: 'x' } },
    });
    assert.deepEqual(
      [patch.code, patch.body.metadata['labels'], patch.body.status],
      [200, { a: 'b' }, undefined],
    );
    const status = await call('PATCH', `${VIDEOS}/demo/status`, {
      body: { status: { phase: 'Queued' }, spec: { suspend: false } },
    });
    assert.deepEqual([status.body.status, status.body.spec['suspend']], [{ phase: 'Queued' }, true]);
    assert.deepEqual((await call('GET', `${VIDEOS}/demo/status`)).body, status.body);
    // As kubectl sends it, without a kind.
    const gone = await call('DELETE', `${VIDEOS}/demo`, { body: { propagationPolicy: 'Background' } });
    assert.deepEqual([gone.code, gone.body.kind, gone.body.status], [200, 'Status', 'Success']);
    assert.equal((await call('GET', `${VIDEOS}/demo`)).code, 404);
  });

  test('waits for finalizers, and keeps to preconditions', async (t) => {
    const { call } = apiWorld(t);
    await call('POST', VIDEOS, { body: manifest('demo', {}, { finalizers: ['qudemo.dev/purge'] }) });
    const other = { kind: 'DeleteOptions', apiVersion: 'v1', preconditions: { uid: 'other' } };
    assert.equal((await call('DELETE', `${VIDEOS}/demo`, { body: other })).code, 409);
    const marked = await call('DELETE', `${VIDEOS}/demo`);
    assert.equal(marked.body.metadata['deletionTimestamp'], '2026-11-24T07:00:00Z');
    assert.equal(
      (await call('PATCH', `${VIDEOS}/demo`, { body: { metadata: { finalizers: null } } })).code,
      200,
    );
    assert.equal((await call('GET', `${VIDEOS}/demo`)).code, 404);
  });

  test('deletes a collection by its labels, in one namespace', async (t) => {
    const { call, videos } = apiWorld(t);
    for (const [name, team] of [
      ['a', 'red'],
      ['b', 'red'],
      ['c', 'blue'],
    ] as const)
      videos.create('default', manifest(name, {}, { labels: { team } }));
    const { code, body } = await call('DELETE', `${VIDEOS}?labelSelector=team%3Dred`);
    assert.deepEqual([code, body.items.map(({ metadata }) => metadata['name'])], [200, ['a', 'b']]);
    assert.deepEqual(
      videos.list().items.map(({ metadata }) => metadata.name),
      ['c'],
    );
    assert.equal((await call('DELETE', '/apis/qudemo.dev/v1alpha1/loomvideos')).code, 405);
  });

  test('warns of fields that are unknown or given twice, or refuses them', async (t) => {
    const { call } = apiWorld(t);
    const text = JSON.stringify(manifest('x', { foo: 1 })).replace('"spec":{', '"spec":{"url":"x",');
    const warned = await call('POST', `${VIDEOS}?dryRun=All`, { body: text });
    assert.equal(warned.code, 201);
    assert.deepEqual(warned.headers['warning'], [
      '299 - "duplicate field \\"spec.url\\""',
      '299 - "unknown field \\"spec.foo\\""',
    ]);
    const strict = await call('POST', `${VIDEOS}?fieldValidation=Strict`, { body: text });
    assert.equal(strict.code, 400);
    assert.match(
      strict.body.message,
      /strict decoding error: duplicate field "spec\.url", unknown field "spec\.foo"$/,
    );
    const ignored = await call('POST', `${VIDEOS}?dryRun=All&fieldValidation=Ignore`, { body: text });
    assert.deepEqual([ignored.code, ignored.headers['warning']], [201, undefined]);
    const yaml = `apiVersion: qudemo.dev/v1alpha1\nkind: LoomVideo\nmetadata: {name: x}\nspec:\n  url: ${URL_A}\n  url: ${URL_A}\n`;
    const twice = await call('POST', `${VIDEOS}?fieldValidation=Strict`, { body: yaml, type: YAML });
    assert.match(
      twice.body.message,
      /strict decoding error: yaml: unmarshal errors:\n {2}line 6: key "url" already set in map$/,
    );
  });

  const refused: readonly {
    readonly what: string;
    readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'GET';
    readonly path: string;
    readonly body?: unknown;
    readonly type?: string;
    readonly accept?: string;
    readonly code: number;
    readonly reason: string;
    readonly message: RegExp;
  }[] = [
    {
      what: 'text that is no JSON',
      method: 'POST',
      path: '',
      body: '{nope',
      code: 400,
      reason: 'BadRequest',
      message: /json parse error/,
    },
    {
      what: 'an empty body',
      method: 'POST',
      path: '',
      body: '',
      code: 400,
      reason: 'BadRequest',
      message: /unexpected end of JSON input \(<empty>\)$/,
    },
    {
      what: 'YAML that is none',
      method: 'POST',
      path: '',
      body: 'a: [',
      type: YAML,
      code: 400,
      reason: 'BadRequest',
      message: /yaml parse error/,
    },
    {
      what: 'YAML that grows',
      method: 'POST',
      path: '',
      body: bomb(),
      type: YAML,
      code: 400,
      reason: 'BadRequest',
      message: /yaml parse error/,
    },
    {
      what: 'JSON too deep',
      method: 'POST',
      path: '',
      body: '['.repeat(5000) + ']'.repeat(5000),
      code: 400,
      reason: 'BadRequest',
      message: /exceeded max depth/,
    },
    {
      what: 'a patch too deep',
      method: 'PATCH',
      path: '/x',
      body: '{"a":'.repeat(50_000) + '1' + '}'.repeat(50_000),
      code: 400,
      reason: 'BadRequest',
      message: /exceeded max depth/,
    },
    {
      what: 'a form',
      method: 'POST',
      path: '',
      body: 'a=b',
      type: 'application/x-www-form-urlencoded',
      code: 415,
      reason: 'UnsupportedMediaType',
      message: /application\/json, application\/yaml$/,
    },
    {
      what: 'a JSON patch',
      method: 'PATCH',
      path: '/x',
      body: '[]',
      type: 'application/json-patch+json',
      code: 415,
      reason: 'UnsupportedMediaType',
      message: /application\/merge-patch\+json$/,
    },
    {
      what: 'a strategic merge patch',
      method: 'PATCH',
      path: '/x',
      body: '{}',
      type: 'application/strategic-merge-patch+json',
      code: 415,
      reason: 'UnsupportedMediaType',
      message: /merge-patch/,
    },
    {
      what: 'a server-side apply',
      method: 'PATCH',
      path: '/x',
      body: '{}',
      type: 'application/apply-patch+yaml',
      code: 415,
      reason: 'UnsupportedMediaType',
      message: /apply without --server-side/,
    },
    {
      what: 'a patch that is a list',
      method: 'PATCH',
      path: '/x',
      body: '[]',
      code: 400,
      reason: 'BadRequest',
      message: /error decoding patch/,
    },
    {
      what: 'a body too large',
      method: 'POST',
      path: '',
      body: JSON.stringify(manifest('x', {}, { annotations: { a: 'x'.repeat(1024 * 1024) } })),
      code: 413,
      reason: 'RequestEntityTooLarge',
      message: /too large/,
    },
    {
      what: 'to answer in HTML',
      method: 'GET',
      path: '',
      accept: 'text/html',
      code: 406,
      reason: 'NotAcceptable',
      message: /application\/json/,
    },
    {
      what: 'to make what it cannot show',
      method: 'POST',
      path: '',
      body: manifest('x'),
      accept: 'text/html',
      code: 406,
      reason: 'NotAcceptable',
      message: /application\/json/,
    },
    {
      what: 'what is not there',
      method: 'GET',
      path: '/none',
      code: 404,
      reason: 'NotFound',
      message: /^loomvideos\.qudemo\.dev "none" not found$/,
    },
    {
      what: 'another resource',
      method: 'GET',
      path: '/x/scale',
      code: 404,
      reason: 'NotFound',
      message: /could not find the requested resource/,
    },
    {
      what: 'to make a status',
      method: 'POST',
      path: '/x/status',
      body: manifest('x'),
      code: 405,
      reason: 'MethodNotAllowed',
      message: /^create is not supported/,
    },
    {
      what: 'to delete a status',
      method: 'DELETE',
      path: '/x/status',
      code: 405,
      reason: 'MethodNotAllowed',
      message: /^delete is not supported/,
    },
    {
      what: 'an unknown validation',
      method: 'POST',
      path: '?fieldValidation=Bogus',
      body: manifest('x'),
      code: 422,
      reason: 'Invalid',
      message: /^CreateOptions\.meta\.k8s\.io "" is invalid: fieldValidation: Unsupported value: "Bogus"/,
    },
    {
      what: 'an unknown dry run',
      method: 'POST',
      path: '?dryRun=Some',
      body: manifest('x'),
      code: 422,
      reason: 'Invalid',
      message: /dryRun: Unsupported value: \["Some"\]: supported values: "All"/,
    },
    {
      what: 'an unknown propagation',
      method: 'DELETE',
      path: '/x?propagationPolicy=Bogus',
      code: 422,
      reason: 'Invalid',
      message: /propagationPolicy: Unsupported value: "Bogus"/,
    },
    {
      what: 'options that are none',
      method: 'DELETE',
      path: '/x',
      body: { kind: 'Foo' },
      code: 400,
      reason: 'BadRequest',
      message: /no kind "Foo"/,
    },
    {
      what: 'a field it does not select by',
      method: 'GET',
      path: '?fieldSelector=spec.url%3Dx',
      code: 400,
      reason: 'BadRequest',
      message: /^field label not supported: spec\.url$/,
    },
    {
      what: 'labels that are none',
      method: 'GET',
      path: '?labelSelector=a%3D%3D%3Db',
      code: 400,
      reason: 'BadRequest',
      message: /^unable to parse requirement: found '=', expected: identifier$/,
    },
    {
      what: 'a limit that is none',
      method: 'GET',
      path: '?limit=x',
      code: 400,
      reason: 'BadRequest',
      message: /strconv\.ParseInt/,
    },
    {
      what: 'a version that is none',
      method: 'GET',
      path: '?resourceVersion=abc',
      code: 400,
      reason: 'BadRequest',
      message: /invalid resource version/,
    },
    {
      what: 'a version yet to come',
      method: 'GET',
      path: '?resourceVersion=99',
      code: 504,
      reason: 'Timeout',
      message: /^Timeout: Too large resource version: 99, current: 2$/,
    },
    {
      what: 'an exact version that is past',
      method: 'GET',
      path: '?resourceVersion=1&resourceVersionMatch=Exact',
      code: 410,
      reason: 'Expired',
      message: /too old/,
    },
    {
      what: 'a match without a version',
      method: 'GET',
      path: '?resourceVersionMatch=Exact',
      code: 422,
      reason: 'Invalid',
      message: /forbidden unless resourceVersion is provided/,
    },
    {
      what: 'a name longer than any, as not there',
      method: 'GET',
      path: `/${'a'.repeat(300)}`,
      code: 404,
      reason: 'NotFound',
      message: /not found/,
    },
  ];
  for (const { what, method, path, code, reason, message, ...request } of refused)
    test(`refuses ${what}`, async (t) => {
      const { call, videos } = apiWorld(t);
      videos.create('default', manifest('x', {}, {}));
      const answer = await call(method, VIDEOS + path, request);
      assert.deepEqual(
        [answer.code, answer.body.reason, answer.body.kind],
        [code, reason, 'Status'],
        answer.text,
      );
      assert.match(answer.body.message, message);
      assert.equal(videos.version, 2);
    });
});

suite('the resource API: reading', () => {
  test('lists pages, by namespace, labels and name', async (t) => {
    const { call, videos } = apiWorld(t);
    for (const name of ['a', 'b', 'c']) videos.create('default', manifest(name, {}, { labels: { name } }));
    videos.create('other', manifest('a'));
    const names = async (query: string, at = VIDEOS): Promise<unknown[]> =>
      (await call('GET', at + query)).body.items.map(({ metadata }) => metadata['name']);
    assert.deepEqual(await names(''), ['a', 'b', 'c']);
    assert.deepEqual(await names('', '/apis/qudemo.dev/v1alpha1/loomvideos'), ['a', 'b', 'c', 'a']);
    assert.deepEqual(await names('?labelSelector=name+in+(a,c)'), ['a', 'c']);
    assert.deepEqual(await names('?fieldSelector=metadata.name%3Db'), ['b']);
    assert.deepEqual(await names('?fieldSelector=metadata.namespace%3Dother'), []);
    assert.deepEqual(await names('?resourceVersion=0&resourceVersionMatch=NotOlderThan'), ['a', 'b', 'c']);
    const first = (await call('GET', `${VIDEOS}?limit=2`)).body;
    assert.equal(first.metadata['remainingItemCount'], 1);
    assert.deepEqual(await names(`?limit=2&continue=${first.metadata.continue}`), ['c']);
  });

  test('shows tables with the columns of the CRD', async (t) => {
    const { call, videos, clock } = apiWorld(t);
    const { uid } = videos.create('default', manifest('demo')).metadata;
    videos.setStatus({ namespace: 'default', name: 'demo' }, uid, {
      phase: 'Ready',
      attempts: 1,
      video: { title: 'A demo', durationSeconds: 61.5 },
      memory: { peakMb: 311 },
    });
    clock.pass(125_000);
    const { body } = await call('GET', VIDEOS, { accept: TABLE });
    assert.deepEqual(
      body.columnDefinitions?.map(({ name }) => name),
      ['Name', 'Phase', 'Title', 'Duration', 'Stage', 'Attempts', 'Peak memory', 'Age'],
    );
    assert.deepEqual(body.rows[0]?.cells, ['demo', 'Ready', 'A demo', 61.5, null, 1, 311, '2m5s']);
    assert.equal(body.rows[0]?.object.kind, 'PartialObjectMetadata');
    const one = await call('GET', `${VIDEOS}/demo?includeObject=Object`, { accept: TABLE });
    assert.equal(one.body.rows[0]?.object.kind, 'LoomVideo');
    const partial = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io';
    assert.equal(
      (await call('GET', VIDEOS, { accept: partial })).body.items[0]?.kind,
      'PartialObjectMetadata',
    );
  });

  test('tells what there is, at once or bit by bit', async (t) => {
    const { call } = apiWorld(t);
    const aggregated =
      'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json';
    const all = await call('GET', '/apis', { accept: aggregated });
    assert.match(String(all.headers['content-type']), /as="?APIGroupDiscoveryList/);
    assert.equal(all.body.items[0]?.metadata['name'], 'qudemo.dev');
    assert.equal((await call('GET', '/api', { accept: aggregated })).body.kind, 'APIGroupDiscoveryList');
    for (const [path, kind] of [
      ['/api', 'APIVersions'],
      ['/api/v1', 'APIResourceList'],
      ['/apis', 'APIGroupList'],
      ['/apis/qudemo.dev', 'APIGroup'],
      ['/apis/qudemo.dev/v1alpha1', 'APIResourceList'],
    ] as const)
      assert.equal((await call('GET', path)).body.kind, kind, path);
    assert.equal((await call('GET', '/apis/apps/v1/deployments')).code, 404);
  });

  test('has an OpenAPI document that knows every field and how it is judged', async (t) => {
    const { call } = apiWorld(t);
    const index = JSON.parse((await call('GET', '/openapi/v3')).text) as {
      paths: Record<string, { serverRelativeURL: string }>;
    };
    const { text } = await call('GET', index.paths['apis/qudemo.dev/v1alpha1']?.serverRelativeURL ?? '');
    const document = JSON.parse(text) as {
      paths: Record<string, { patch?: { parameters: { name: string }[]; requestBody: { content: object } } }>;
      components: { schemas: Record<string, { properties: Record<string, { properties?: object }> }> };
    };
    const patch = document.paths[`${VIDEOS.replace('/default/', '/{namespace}/')}/{name}`]?.patch;
    assert.ok(patch);
    assert.ok(patch.parameters.some(({ name }) => name === 'fieldValidation'));
    assert.deepEqual(Object.keys(patch.requestBody.content), ['application/merge-patch+json']);
    const { properties } = document.components.schemas['dev.qudemo.v1alpha1.LoomVideo'] ?? {};
    assert.ok('maxAttempts' in (properties?.['spec']?.properties ?? {}));
  });

  test('has any namespace, and the events of a video', async (t) => {
    const { call, events, videos } = apiWorld(t);
    const { uid } = videos.create('team-a', manifest('demo')).metadata;
    events.record(
      { namespace: 'team-a', name: 'demo', uid },
      { type: 'Normal', reason: 'Started', message: 'Attempt 1' },
    );
    assert.equal((await call('GET', '/api/v1/namespaces/whatever')).body.kind, 'Namespace');
    assert.equal((await call('GET', '/api/v1/namespaces/A_b')).code, 404);
    assert.deepEqual(
      (await call('GET', '/api/v1/namespaces')).body.items.map(({ metadata }) => metadata['name']),
      ['default', 'team-a'],
    );
    const selected = (selector: string): string =>
      `/api/v1/namespaces/team-a/events?fieldSelector=${encodeURIComponent(selector)}`;
    const found = await call(
      'GET',
      selected(`involvedObject.name=demo,involvedObject.uid=${uid},involvedObject.kind=LoomVideo`),
    );
    assert.deepEqual(
      found.body.items.map(({ reason, message }) => [reason, message]),
      [['Started', 'Attempt 1']],
    );
    assert.deepEqual((await call('GET', selected('involvedObject.kind=Pod'))).body.items, []);
    assert.deepEqual((await call('GET', '/api/v1/namespaces/default/events')).body.items, []);
  });
});

/** Aliases of aliases: a few hundred bytes that would be gigabytes. */
function bomb(): string {
  const levels = Array.from(
    { length: 12 },
    (_, n) =>
      `a${n}: &a${n} [${Array(10)
        .fill(n === 0 ? 'x' : `*a${n - 1}`)
        .join(',')}]`,
  );
  return `${levels.join('\n')}\n`;
}
