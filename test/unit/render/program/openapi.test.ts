import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Ajv } from 'ajv';
import { SHAPES } from '../../../../controller/render/program/schemas.ts';
import { URL_A } from '../resourceWorld.ts';
import { programWorld } from './programWorld.ts';

const METHODS = new Set(['get', 'post', 'delete']);

describe('the OpenAPI document', () => {
  it('has every route, each with an id of its own', async (t) => {
    const { call } = await programWorld(t);
    const { code, headers, body } = await call('GET', '/api/openapi.json');
    assert.equal(code, 200);
    assert.match(String(headers['content-type']), /^application\/json/);
    assert.equal(body.openapi, '3.1.0');
    const operations = Object.entries(
      body.paths as Record<string, Record<string, { operationId: string }>>,
    ).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId }]) => {
        assert.ok(METHODS.has(method));
        return `${method} ${path}: ${operationId}`;
      }),
    );
    assert.deepEqual(operations.sort(), [
      'delete /api/session: signOut',
      'delete /api/videos/{namespace}/{name}: deleteVideo',
      'get /api/events: followEvents',
      'get /api/manifests: getManifests',
      'get /api/openapi.json: describe',
      'get /api/search: search',
      'get /api/session: getSession',
      'get /api/videos/{namespace}/{name}/transcript.json: getTranscript',
      'get /api/videos/{namespace}/{name}/transcript.srt: getTranscriptSRT',
      'get /api/videos/{namespace}/{name}/transcript.txt: getTranscriptTXT',
      'get /api/videos/{namespace}/{name}/transcript.vtt: getTranscriptVTT',
      'get /api/videos/{namespace}/{name}: getVideo',
      'get /api/videos: listVideos',
      'get /healthz: getHealth',
      'get /metrics: getMetrics',
      'get /readyz: getReadiness',
      'post /api/session: signIn',
      'post /api/videos/{namespace}/{name}/retry: retryVideo',
      'post /api/videos: addVideos',
    ]);
  });

  it('is whole: what it refers to is there, and parameters are told', async (t) => {
    const { call } = await programWorld(t);
    const { body, text } = await call('GET', '/api/openapi.json');
    const references = [...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, reference = '']) => reference);
    assert.ok(references.length > 20);
    for (const reference of new Set(references)) {
      const [, name = ''] = /^#\/components\/schemas\/(\w+)$/.exec(reference) ?? [];
      assert.ok(body.components.schemas[name], reference);
    }
    assert.deepEqual(Object.keys(body.components.schemas).sort(), Object.keys(SHAPES).sort());
    const search = body.paths['/api/search'].get;
    assert.deepEqual(
      search.parameters.map(({ name, required = false }: { name: string; required?: boolean }) => [
        name,
        required,
      ]),
      [
        ['q', true],
        ['limit', false],
        ['namespace', false],
        ['wait', false],
      ],
    );
    assert.ok(search.responses.default.content['application/problem+json']);
    assert.ok(body.paths['/api/videos'].post.requestBody.content['application/json'].schema.properties.links);
    assert.ok(body.paths['/api/events'].get.responses['200'].content['text/event-stream']);
  });

  it('is true of what is answered', async (t) => {
    const { call, declare, store, runs, board } = await programWorld(t);
    const ajv = new Ajv({ strict: false, allErrors: true, formats: { 'date-time': true } });
    for (const [name, shape] of Object.entries(SHAPES)) ajv.addSchema({ $id: name, ...shape });
    const check = (name: string, value: unknown): void => {
      assert.ok(ajv.validate(`${name}#`, value), `${name}: ${ajv.errorsText()} in ${JSON.stringify(value)}`);
    };
    const { metadata } = declare('one', {
      phase: 'Failed',
      stage: 'fetch',
      attempts: 3,
      conditions: [
        {
          type: 'Ready',
          status: 'False',
          reason: 'VideoPrivate',
          message: 'm',
          lastTransitionTime: '2026-11-24T07:00:00Z',
          observedGeneration: 1,
        },
      ],
      lastError: { stage: 'fetch', reason: 'VideoPrivate', message: 'm', retryable: false },
      index: { passages: 1 },
      timings: { fetchSeconds: 1, totalSeconds: 1 },
    });
    runs.set(metadata.uid, [
      {
        run: 1,
        attempt: 1,
        startedAt: '2026-11-24T07:00:00Z',
        outcome: 'Stopped',
        interruptions: 2,
        stages: [],
      },
    ]);
    board.stage({ namespace: 'default', name: 'one' }, { stage: 'fetch', percent: 1, detail: 'd' }, 400);
    await store('one', ['Hello.'], {
      passages: [{ index: 0, start: 0, end: 1, text: 'Hello.', chapter: 'C' }],
    });
    check('VideoList', (await call('GET', '/api/videos')).body);
    const detail = (await call('GET', '/api/videos/default/one')).body;
    check('Detail', detail);
    assert.equal(detail.runs[0].outcome, 'Stopped');
    assert.equal(detail.conditions[0].observedGeneration, 1);
    check('Transcript', (await call('GET', '/api/videos/default/one/transcript.json')).body);
    const found = (await call('GET', '/api/search?q=hello')).body;
    check('SearchAnswer', found);
    assert.equal(found.results[0].chapter, 'C');
    check('AddedLink', (await call('POST', '/api/videos', { links: [URL_A] })).body.results[0]);
    check('Summary', (await call('POST', '/api/videos/default/one/retry')).body);
    check('Summary', (await call('DELETE', '/api/videos/default/one')).body);
    for (const path of ['/api/videos/default/none', '/api/videos?limit=0', '/api/none', '/api/search'])
      check('Problem', (await call('GET', path)).body);
  });
});
