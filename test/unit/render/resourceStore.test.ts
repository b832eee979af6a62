import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { parseLabelSelector } from '../../../controller/render/resources/selectors.ts';
import type { LoomVideo } from '../../../controller/render/resources/resource.ts';
import { manifest, refusal, resourceWorld, URL_B } from './resourceWorld.ts';

const demo = { namespace: 'default', name: 'demo' };
const FINALIZER = 'qudemo.dev/purge';

suite('creating a LoomVideo', () => {
  test('fills in defaults and metadata, and leaves a status out', (t) => {
    const { videos } = resourceWorld(t);
    const given = {
      ...manifest('demo', { memory: null }, { labels: { team: 'a' } }),
      status: { phase: 'Ready' },
    };
    const made = videos.create('default', given);
    assert.deepEqual(made.metadata, {
      name: 'demo',
      namespace: 'default',
      uid: made.metadata.uid,
      resourceVersion: '2',
      generation: 1,
      creationTimestamp: '2026-11-24T07:00:00Z',
      labels: { team: 'a' },
    });
    assert.match(made.metadata.uid, /^[0-9a-f-]{36}$/);
    assert.equal(made.spec.limits.maxHeight, 480);
    assert.equal(made.spec.memory.limit, '400Mi');
    assert.equal(made.status, undefined);
    assert.deepEqual(videos.get(demo), made);
  });

  test('keeps nothing of what only the server says', (t) => {
    const { videos } = resourceWorld(t);
    const metadata = {
      uid: 'mine',
      generation: 7,
      creationTimestamp: '2020-01-01T00:00:00Z',
      deletionTimestamp: '2020-01-01T00:00:00Z',
      managedFields: [{ manager: 'x' }],
      selfLink: '/x',
    };
    const { metadata: made } = videos.create('default', manifest('demo', {}, metadata));
    assert.notEqual(made.uid, 'mine');
    assert.equal(made.generation, 1);
    assert.equal(made.creationTimestamp, '2026-11-24T07:00:00Z');
    assert.equal(made.deletionTimestamp, undefined);
    assert.ok(!('managedFields' in made) && !('selfLink' in made));
  });

  test('drops unknown fields with a warning, or refuses them where that is asked for', (t) => {
    const { videos } = resourceWorld(t);
    const given = { ...manifest('demo', { foo: 1, limits: { bar: 2 } }, { frob: 3 }), extra: 4 };
    const faults = [
      'unknown field "metadata.frob"',
      'unknown field "extra"',
      'unknown field "spec.foo"',
      'unknown field "spec.limits.bar"',
    ];
    assert.throws(
      () => videos.create('default', given, { fieldValidation: 'Strict' }),
      refusal(
        400,
        'BadRequest',
        `LoomVideo in version "v1alpha1" cannot be handled as a LoomVideo: strict decoding error: ${faults.join(', ')}`,
      ),
    );
    const warnings: string[] = [];
    const made = videos.create('default', given, { onWarning: (text) => warnings.push(text) });
    assert.deepEqual(warnings, faults);
    assert.ok(!('extra' in made) && !('foo' in made.spec) && !('bar' in made.spec.limits));
    const silent: string[] = [];
    videos.create('other', given, { fieldValidation: 'Ignore', onWarning: (text) => silent.push(text) });
    assert.deepEqual(silent, []);
  });

  test('completes a generated name', (t) => {
    const { videos } = resourceWorld(t);
    const names = Array.from(
      { length: 20 },
      () => videos.create('default', manifest(undefined, {}, { generateName: 'clip-' })).metadata.name,
    );
    assert.equal(new Set(names).size, 20);
    for (const name of names) assert.match(name, /^clip-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  });

  test('stores nothing on a dry run', (t) => {
    const { videos } = resourceWorld(t);
    const { version } = videos;
    assert.equal(videos.create('default', manifest('demo'), { dryRun: true }).metadata.name, 'demo');
    assert.equal(videos.get(demo), undefined);
    assert.equal(videos.version, version);
  });

  const refused: readonly (readonly [
    what: string,
    given: unknown,
    code: number,
    reason: string,
    message: string,
  ])[] = [
    ['no object', 'text', 400, 'BadRequest', 'cannot be handled as a LoomVideo'],
    ['no kind', { metadata: { name: 'x' } }, 400, 'BadRequest', "Object 'Kind' is missing"],
    [
      'another version',
      { ...manifest('x'), apiVersion: 'v1' },
      400,
      'BadRequest',
      'the API version in the data (v1) does not match the expected API version (qudemo.dev/v1alpha1)',
    ],
    [
      'another kind',
      { ...manifest('x'), kind: 'Pod' },
      422,
      'Invalid',
      'Pod.qudemo.dev "x" is invalid: kind: Invalid value: "Pod": must be LoomVideo',
    ],
    [
      'no name',
      manifest(undefined),
      422,
      'Invalid',
      'LoomVideo.qudemo.dev "" is invalid: [metadata.name: Required value: name or generateName is required, <nil>: ',
    ],
    [
      'a name with capitals',
      manifest('A'),
      422,
      'Invalid',
      'metadata.name: Invalid value: "A": a lowercase RFC 1123',
    ],
    ['a name too long', manifest('a'.repeat(254)), 422, 'Invalid', 'must be no more than 253 characters'],
    [
      'a label that is none',
      manifest('x', {}, { labels: { 'a b': 'c' } }),
      422,
      'Invalid',
      'metadata.labels: Invalid value: "a b": name part must',
    ],
    [
      'a label value that is none',
      manifest('x', {}, { labels: { a: 'b c' } }),
      422,
      'Invalid',
      'a valid label must be',
    ],
    [
      'a label of the wrong type',
      manifest('x', {}, { labels: { a: 1 } }),
      400,
      'BadRequest',
      'json: cannot unmarshal number into Go struct field ObjectMeta.labels of type string',
    ],
    [
      'too many annotations',
      manifest('x', {}, { annotations: { a: 'x'.repeat(262_144) } }),
      422,
      'Invalid',
      'metadata.annotations: Too long: may not be more than 262144 bytes',
    ],
    [
      'a finalizer that is none',
      manifest('x', {}, { finalizers: ['a b'] }),
      422,
      'Invalid',
      'metadata.finalizers: Invalid value: "a b"',
    ],
    [
      'another namespace',
      manifest('x', {}, { namespace: 'other' }),
      400,
      'BadRequest',
      'does not match the namespace sent',
    ],
    [
      'a version',
      manifest('x', {}, { resourceVersion: '5' }),
      400,
      'BadRequest',
      'resourceVersion should not be set',
    ],
    [
      'no spec',
      { ...manifest('x'), spec: null },
      422,
      'Invalid',
      'LoomVideo.qudemo.dev "x" is invalid: [spec: Required value, <nil>: ',
    ],
    [
      'one number out of bounds',
      manifest('x', { limits: { maxHeight: 1 } }),
      422,
      'Invalid',
      'LoomVideo.qudemo.dev "x" is invalid: spec.limits.maxHeight: Invalid value: 1: spec.limits.maxHeight in body should be greater than or equal to 144',
    ],
    [
      'a value that is not offered',
      manifest('x', { transcription: { model: 'base' } }),
      422,
      'Invalid',
      'spec.transcription.model: Unsupported value: "base": supported values: "tiny", "tiny.en", <nil>: Invalid value: null: some validation rules were not checked',
    ],
    [
      'a rule broken',
      manifest('x', { timeout: '0s' }),
      422,
      'Invalid',
      'spec.timeout: Invalid value: "0s": must be longer than 0s',
    ],
  ];
  for (const [what, given, code, reason, message] of refused)
    test(`refuses ${what}`, (t) => {
      const { videos } = resourceWorld(t);
      assert.throws(() => videos.create('default', given), refusal(code, reason, message));
      assert.equal(videos.version, 1);
    });

  test('refuses a name that is taken, in its namespace alone', (t) => {
    const { videos } = resourceWorld(t);
    videos.create('default', manifest('demo'));
    videos.create('other', manifest('demo'));
    assert.throws(
      () => videos.create('default', manifest('demo')),
      refusal(409, 'AlreadyExists', 'loomvideos.qudemo.dev "demo" already exists'),
    );
    assert.deepEqual(videos.namespaces(), ['default', 'other']);
  });
});

suite('changing a LoomVideo', () => {
  test('raises the generation with the spec only, and the version with every change', (t) => {
    const { videos } = resourceWorld(t);
    const steps: LoomVideo[] = [
      videos.create('default', manifest('demo')),
      videos.patch(demo, { metadata: { labels: { a: 'b' } } }),
      videos.patch(demo, { spec: { suspend: true } }),
      videos.patch(demo, { spec: { suspend: true } }),
      videos.patchStatus(demo, { status: { phase: 'Queued' } }),
    ];
    assert.deepEqual(
      steps.map(({ metadata }) => [metadata.resourceVersion, metadata.generation]),
      [
        ['2', 1],
        ['3', 1],
        ['4', 2],
        ['4', 2],
        ['5', 2],
      ],
    );
  });

  test('takes a null in a patch for the default, and drops what is not known', (t) => {
    const { videos } = resourceWorld(t);
    videos.create(
      'default',
      manifest('demo', { maxAttempts: 9, limits: { maxHeight: 720 } }, { labels: { a: 'b', c: 'd' } }),
    );
    const { spec, metadata } = videos.patch(demo, {
      spec: { maxAttempts: null, limits: { maxDuration: '2m' }, foo: 1 },
      metadata: { labels: { a: null } },
    });
    assert.equal(spec.maxAttempts, 3);
    assert.deepEqual([spec.limits.maxHeight, spec.limits.maxDuration], [720, '2m']);
    assert.deepEqual(metadata.labels, { c: 'd' });
    assert.throws(
      () => videos.patch(demo, { spec: { foo: 1 } }, { fieldValidation: 'Strict' }),
      refusal(
        422,
        'Invalid',
        /^ "" is invalid: patch: Invalid value: ".*": strict decoding error: unknown field "spec\.foo"$/,
      ),
    );
  });

  test('keeps the version of what a dry run would change', (t) => {
    const { videos } = resourceWorld(t);
    const made = videos.create('default', manifest('demo'));
    const tried = videos.patch(demo, { spec: { suspend: true } }, { dryRun: true });
    assert.deepEqual([tried.spec.suspend, tried.metadata.generation], [true, 2]);
    assert.equal(tried.metadata.resourceVersion, made.metadata.resourceVersion);
    assert.deepEqual(videos.get(demo), made);
    assert.equal(videos.patch(demo, { spec: { suspend: true } }).metadata.resourceVersion, '3');
  });

  test('keeps the link', (t) => {
    const { videos } = resourceWorld(t);
    videos.create('default', manifest('demo'));
    assert.throws(
      () => videos.patch(demo, { spec: { url: URL_B } }),
      refusal(
        422,
        'Invalid',
        `spec.url: Invalid value: "${URL_B}": url is immutable; create another LoomVideo for another video`,
      ),
    );
  });

  test('refuses a stale version, another uid, another name and a replacement without a version', (t) => {
    const { videos } = resourceWorld(t);
    const first = videos.create('default', manifest('demo'));
    videos.patch(demo, { spec: { suspend: true } });
    const modified = refusal(
      409,
      'Conflict',
      'Operation cannot be fulfilled on loomvideos.qudemo.dev "demo": the object has been modified; please apply your changes to the latest version and try again',
    );
    assert.throws(() => videos.replace(demo, first), modified);
    assert.throws(() => videos.replaceStatus(demo, first), modified);
    assert.throws(() => videos.patch(demo, { metadata: { resourceVersion: '2' } }), modified);
    assert.throws(
      () => videos.patch(demo, { metadata: { uid: 'x' } }),
      refusal(409, 'Conflict', 'Precondition failed: UID'),
    );
    assert.throws(
      () => videos.patch(demo, { metadata: { name: 'x' } }),
      refusal(400, 'BadRequest', 'the name of the object (x)'),
    );
    assert.throws(
      () => videos.replace(demo, manifest('demo')),
      refusal(422, 'Invalid', 'metadata.resourceVersion: Invalid value: 0: must be specified for an update'),
    );
    assert.throws(
      () => videos.patch({ ...demo, name: 'x' }, {}),
      refusal(404, 'NotFound', 'loomvideos.qudemo.dev "x" not found'),
    );
  });

  test('writes status and the rest through doors of their own', (t) => {
    const { videos } = resourceWorld(t);
    videos.create('default', manifest('demo'));
    const patch = { spec: { suspend: true }, metadata: { labels: { a: 'b' } }, status: { phase: 'Queued' } };
    const main = videos.patch(demo, patch);
    assert.equal(main.status, undefined);
    assert.equal(main.spec.suspend, true);
    const status = videos.patchStatus(demo, {
      spec: { suspend: false },
      metadata: { labels: null },
      status: { phase: 'Ready' },
    });
    assert.deepEqual(status.status, { phase: 'Ready' });
    assert.equal(status.spec.suspend, true);
    assert.deepEqual(status.metadata.labels, { a: 'b' });
  });

  test('judges a status by its schema', (t) => {
    const { videos } = resourceWorld(t);
    videos.create('default', manifest('demo'));
    const ready = {
      type: 'Ready',
      status: 'True',
      reason: 'X',
      message: '',
      lastTransitionTime: '2026-01-01T00:00:00Z',
    };
    assert.throws(
      () => videos.patchStatus(demo, { status: { conditions: [ready, ready] } }),
      refusal(422, 'Invalid', 'status.conditions[1]: Duplicate value: {"type":"Ready"}'),
    );
    const status = { attempts: 'x', startedAt: 'never', conditions: [{ ...ready, reason: '' }] };
    for (const message of [
      'status.attempts: Invalid value: "string": attempts in body must be of type integer: "string"',
      'status.conditions[0].reason: Invalid value: "": conditions[0].reason in body should be at least 1 chars long',
      'status.startedAt: Invalid value: "never": startedAt in body must be of type date-time: "never"',
    ])
      assert.throws(() => videos.patchStatus(demo, { status }), refusal(422, 'Invalid', message));
  });

  test('lets a controller write the status of the object it means, and of no other', (t) => {
    const { videos } = resourceWorld(t);
    const { uid } = videos.create('default', manifest('demo')).metadata;
    videos.patch(demo, { spec: { suspend: true } });
    assert.equal(videos.setStatus(demo, uid, { phase: 'Ready' })?.status?.phase, 'Ready');
    assert.equal(videos.setStatus(demo, 'another', { phase: 'Failed' }), undefined);
    assert.equal(videos.setStatus({ ...demo, name: 'none' }, uid, { phase: 'Failed' }), undefined);
    assert.equal(videos.get(demo)?.status?.phase, 'Ready');
  });
});

suite('deleting a LoomVideo', () => {
  test('removes it at once without finalizers', (t) => {
    const { videos } = resourceWorld(t);
    videos.create('default', manifest('demo'));
    assert.equal(videos.delete(demo).gone, true);
    assert.equal(videos.get(demo), undefined);
    assert.throws(() => videos.delete(demo), refusal(404, 'NotFound'));
  });

  test('waits for its finalizers, and takes no new ones', (t) => {
    const { videos } = resourceWorld(t);
    const { uid } = videos.create('default', manifest('demo')).metadata;
    videos.setFinalizers(demo, uid, [FINALIZER]);
    const { video, gone } = videos.delete(demo);
    assert.equal(gone, false);
    assert.equal(video.metadata.deletionTimestamp, '2026-11-24T07:00:00Z');
    assert.equal(video.metadata.generation, 2);
    assert.deepEqual(videos.delete(demo), { video, gone: false });
    assert.throws(
      () => videos.patch(demo, { metadata: { finalizers: [FINALIZER, 'a/b'] } }),
      refusal(
        422,
        'Invalid',
        'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"a/b"}',
      ),
    );
    assert.equal(videos.patch(demo, { spec: { suspend: true } }).metadata.generation, 3);
    assert.ok(videos.setFinalizers(demo, uid, []));
    assert.equal(videos.get(demo), undefined);
    assert.notEqual(videos.create('default', manifest('demo')).metadata.uid, uid);
  });

  test('keeps to its preconditions', (t) => {
    const { videos } = resourceWorld(t);
    const { uid, resourceVersion } = videos.create('default', manifest('demo')).metadata;
    assert.throws(
      () => videos.delete(demo, { uid: 'x' }),
      refusal(409, 'Conflict', 'the UID in the precondition (x)'),
    );
    assert.throws(
      () => videos.delete(demo, { resourceVersion: '1' }),
      refusal(409, 'Conflict', 'the ResourceVersion in the precondition (1)'),
    );
    assert.equal(videos.delete(demo, { uid, dryRun: true }).gone, true);
    assert.equal(videos.delete(demo, { uid, resourceVersion }).gone, true);
  });
});

suite('listing LoomVideos', () => {
  test('gives pages in order, each object once', (t) => {
    const { videos } = resourceWorld(t);
    for (const namespace of ['b', 'a'])
      for (let n = 0; n < 5; n++) videos.create(namespace, manifest(`v${n}`));
    const names: string[] = [];
    const pages: (number | undefined)[] = [];
    let token: string | undefined;
    do {
      const page = videos.list({ limit: 4, ...(token !== undefined && { continue: token }) });
      names.push(...page.items.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`));
      pages.push(page.remaining);
      assert.equal(page.resourceVersion, '11');
      token = page.continue;
    } while (token !== undefined);
    assert.deepEqual(pages, [6, 2, undefined]);
    assert.deepEqual(names, [
      ...[0, 1, 2, 3, 4].map((n) => `a/v${n}`),
      ...[0, 1, 2, 3, 4].map((n) => `b/v${n}`),
    ]);
  });

  test('selects by namespace, name and labels', (t) => {
    const { videos } = resourceWorld(t);
    for (const [namespace, name, team] of [
      ['a', 'x', 'red'],
      ['a', 'y', 'blue'],
      ['b', 'x', 'red'],
    ] as const)
      videos.create(namespace, manifest(name, {}, { labels: { team } }));
    const list = (query: object): string[] =>
      videos.list(query).items.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
    const red = parseLabelSelector('team=red');
    assert.deepEqual(list({ namespace: 'a' }), ['a/x', 'a/y']);
    assert.deepEqual(list({ name: 'x' }), ['a/x', 'b/x']);
    assert.deepEqual(list({ labels: red }), ['a/x', 'b/x']);
    assert.deepEqual(list({ labels: red, limit: 1, namespace: 'b' }), ['b/x']);
  });

  test('refuses a page of a past that is forgotten, or a token that is none', (t) => {
    const { videos } = resourceWorld(t, { bounds: { maxChanges: 5 } });
    for (let n = 0; n < 3; n++) videos.create('default', manifest(`v${n}`));
    const token = videos.list({ limit: 1 }).continue ?? '';
    for (let n = 0; n < 10; n++)
      videos.patch({ namespace: 'default', name: 'v0' }, { metadata: { labels: { n: String(n) } } });
    assert.throws(
      () => videos.list({ limit: 1, continue: token }),
      refusal(410, 'Expired', 'continue parameter is too old'),
    );
    assert.throws(
      () => videos.list({ continue: 'xxx' }),
      refusal(400, 'BadRequest', 'invalid continue token'),
    );
  });
});

suite('the file', () => {
  test('keeps everything over a restart, and the version goes on', (t) => {
    const world = resourceWorld(t);
    world.videos.create('default', manifest('demo'));
    world.videos.create('default', manifest('gone'));
    world.videos.delete({ namespace: 'default', name: 'gone' });
    const { version } = world.videos;
    const before = world.videos.get(demo);
    const { videos } = world.reopen();
    assert.deepEqual(videos.get(demo), before);
    assert.equal(videos.version, version);
    assert.equal(videos.create('default', manifest('next')).metadata.resourceVersion, String(version + 1));
  });

  test('tells listeners after it is on the disk, in order, though one of them fails or writes', (t) => {
    const { videos } = resourceWorld(t);
    const heard: string[] = [];
    videos.subscribe(() => {
      throw new Error('broken');
    });
    videos.subscribe(({ type, video }) => {
      if (type === 'ADDED') videos.setStatus(demo, video.metadata.uid, { phase: 'Queued' });
    });
    const stop = videos.subscribe(({ type, version, video }) => {
      heard.push(`${type} ${version}`);
      assert.ok(videos.version >= version);
      assert.ok(videos.get(demo) ?? type === 'DELETED', video.metadata.name);
    });
    videos.create('default', manifest('demo'));
    videos.delete(demo);
    stop();
    videos.create('default', manifest('demo'));
    assert.deepEqual(heard, ['ADDED 2', 'MODIFIED 3', 'DELETED 4']);
  });

  test('keeps events, counts those that repeat, and forgets them after an hour', (t) => {
    const { events, clock } = resourceWorld(t);
    const video = { ...demo, uid: 'u1' };
    events.record(video, { type: 'Normal', reason: 'Started', message: 'Attempt 1' });
    clock.pass(1000);
    events.record(video, { type: 'Warning', reason: 'Failed', message: 'No sound' });
    clock.pass(1000);
    events.record(video, { type: 'Normal', reason: 'Started', message: 'Attempt 1' });
    assert.deepEqual(
      events.list({ uid: 'u1' }).map(({ reason, count }) => [reason, count]),
      [
        ['Failed', 1],
        ['Started', 2],
      ],
    );
    assert.deepEqual(events.list({ namespace: 'other' }), []);
    clock.pass(3_600_000 - 500);
    assert.deepEqual(
      events.list().map(({ reason }) => reason),
      ['Started'],
    );
  });
});
