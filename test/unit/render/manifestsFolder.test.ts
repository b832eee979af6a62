import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ID_B, manifestsWorld, yaml } from './manifestsWorld.ts';

const JSON_A = JSON.stringify(
  {
    apiVersion: 'qudemo.dev/v1alpha1',
    kind: 'LoomVideo',
    metadata: { name: 'j' },
    spec: { url: 'https://www.loom.com/share/0123456789abcdef0123456789abcdef' },
  },
  undefined,
  '\t',
);
const LIST = `apiVersion: v1
kind: List
items:
${['a', 'b'].map((name) => `  - ${yaml(name).trimEnd().replaceAll('\n', '\n    ')}`).join('\n')}
`;

describe('which manifests are applied', () => {
  const cases: [string, Record<string, string>, string[]][] = [
    ['YAML, of both endings', { 'a.yaml': yaml('a'), 'b.yml': yaml('b') }, ['default/a', 'default/b']],
    ['JSON, with tabs', { 'j.json': JSON_A }, ['default/j']],
    ['folders below', { 'x/y/a.yaml': yaml('a') }, ['default/a']],
    [
      'several documents',
      { 'a.yaml': `---\n${yaml('a')}---\n# nothing\n---\n${yaml('b')}` },
      ['default/a', 'default/b'],
    ],
    ['a List', { 'a.yaml': LIST }, ['default/a', 'default/b']],
    [
      'a LoomVideoList',
      { 'a.yaml': LIST.replace('v1', 'qudemo.dev/v1alpha1').replace('List', 'LoomVideoList') },
      ['default/a', 'default/b'],
    ],
    ['with a namespace', { 'a.yaml': yaml('a', { namespace: 'team' }) }, ['team/a']],
    [
      'with a byte order mark and CRLF',
      { 'a.yaml': `\uFEFF${yaml('a').replaceAll('\n', '\r\n')}` },
      ['default/a'],
    ],
    ['no other files', { 'a.txt': yaml('a'), 'README.md': '#', 'b.yaml.bak': yaml('b') }, []],
    ['no hidden files and folders', { '.a.yaml': yaml('a'), '.git/b.yaml': yaml('b') }, []],
  ];
  for (const [name, files, expected] of cases)
    it(name, async (t) => {
      const { write, pass, names } = manifestsWorld(t);
      for (const [file, text] of Object.entries(files)) write(file, text);
      const { status } = await pass();
      assert.deepEqual(
        status.files.flatMap(({ errors }) => errors),
        [],
      );
      assert.deepEqual(names(), expected);
    });

  it('in order of files and documents: the order in which they are worked on', async (t) => {
    const { write, pass, get } = manifestsWorld(t);
    write('2.yaml', `${yaml('first')}---\n${yaml('second')}`);
    write('10.yaml', yaml('before'));
    await pass();
    const versions = ['before', 'first', 'second'].map((name) => Number(get(name)?.metadata.resourceVersion));
    assert.deepEqual(
      versions,
      versions.toSorted((a, b) => a - b),
    );
  });

  it('through links within, as of a mounted ConfigMap, and not through those that lead out', async (t) => {
    const { root, folder, write, pass, names, errorsOf, remove } = manifestsWorld(t);
    write('..2026_1/a.yaml', yaml('a'));
    symlinkSync('..2026_1', join(folder, '..data'));
    symlinkSync('..data/a.yaml', join(folder, 'a.yaml'));
    writeFileSync(join(root, 'out.yaml'), yaml('out'));
    mkdirSync(join(root, 'videos-beside'));
    writeFileSync(join(root, 'videos-beside', 'c.yaml'), yaml('c'));
    symlinkSync('../out.yaml', join(folder, 'out.yaml'));
    symlinkSync('../videos-beside', join(folder, 'beside'));
    symlinkSync('.', join(folder, 'again'));
    symlinkSync('nowhere', join(folder, 'lost.yaml'));
    symlinkSync('/etc/passwd', join(folder, 'unrelated'));
    const { isUnsettled } = await pass();
    assert.ok(isUnsettled);
    assert.deepEqual(names(), ['default/a']);
    assert.match(errorsOf('out.yaml')[0]?.message ?? '', /leads out of the folder/);
    assert.match(errorsOf('beside')[0]?.message ?? '', /leads out of the folder/);
    assert.match(errorsOf('lost.yaml')[0]?.message ?? '', /cannot be read: ENOENT/);
    assert.deepEqual(errorsOf('unrelated'), []);

    // As kubelet changes it: another folder, and the link turned at once.
    write('..2026_2/a.yaml', yaml('a', { more: ['timeout: 5m'] }));
    symlinkSync('..2026_2', join(folder, '..data_tmp'));
    execFileSync('mv', ['-T', join(folder, '..data_tmp'), join(folder, '..data')]);
    remove('..2026_1');
    await pass();
    assert.deepEqual(names(), ['default/a']);
  });
});

describe('what is wrong names itself and stops no others', () => {
  const cases: [string, string, RegExp, { document?: number; line?: number; object?: string }][] = [
    ['no YAML', 'a: [', /flow/i, { document: 1 }],
    ['a tab', `${yaml('b')}---\na:\n\tb: 1\n`, /tab/i, { document: 2, line: 8 }],
    ['an empty file', ' \n', /^It is empty\.$/, {}],
    ['no object', '- a\n', /no object/, { document: 1, line: 1 }],
    [
      'another kind',
      `${yaml('b')}---\nkind: Pod\napiVersion: v1\nmetadata: { name: p }\n`,
      /^Pod of v1 is not taken here: LoomVideo of qudemo\.dev\/v1alpha1 is\.$/,
      { document: 2, line: 7 },
    ],
    [
      'another version',
      yaml('a').replace('v1alpha1', 'v2'),
      /LoomVideo of qudemo\.dev\/v2 is not taken here/,
      { document: 1 },
    ],
    ['no kind', 'apiVersion: qudemo.dev/v1alpha1\n', /an object without a kind/, { document: 1 }],
    [
      'no name',
      yaml('a').replace('name: a', 'generateName: a-'),
      /metadata\.name: Required value/,
      { document: 1, line: 3 },
    ],
    [
      'no name that it could have',
      yaml('A_b'),
      /metadata\.name: Invalid value: "A_b"/,
      { document: 1, line: 3 },
    ],
    [
      'no link of Loom',
      yaml('a').replace('www.loom.com', 'evil.example'),
      /spec\.url: Invalid value/,
      { document: 1, line: 5, object: 'default/a' },
    ],
    [
      'no link',
      yaml('a').replace(/ {2}url.*\n/, '  timeout: 5m\n'),
      /spec\.url: Required value/,
      { document: 1, line: 5 },
    ],
    [
      'an unknown field',
      yaml('a', { more: ['tiemout: 5m'] }),
      /unknown field "spec\.tiemout"/,
      { document: 1, line: 6 },
    ],
    [
      'a field given twice',
      yaml('a', { more: ['timeout: 5m', 'timeout: 6m'] }),
      /unique/,
      { document: 1, line: 7 },
    ],
    [
      'a value out of bounds',
      yaml('a', { more: ['limits:', '  maxHeight: 1'] }),
      /spec\.limits\.maxHeight/,
      { document: 1, line: 7 },
    ],
    [
      'a wrong type',
      yaml('a', { more: ['suspend: "yes"'] }),
      /spec\.suspend.*must be of type boolean/,
      { document: 1, line: 6 },
    ],
    [
      'an item of a List',
      LIST.replace(/loom\.com\/share\/\w+(?![\s\S]*share)/, 'loom.com/x'),
      /spec\.url/,
      { document: 1, line: 13, object: 'default/b' },
    ],
    [
      'aliases that grow',
      `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefgh'
        .split('')
        .map((c, i) => `${c}: &${c} [${Array(9).fill(`*${'abcdefg'[i]}`).join(',')}]\n`)
        .join('')}`,
      /alias/i,
      { document: 1 },
    ],
    ['a million brackets', '['.repeat(100_000), /./, {}],
    ['a tag of its own', `${yaml('a')}x: !!js/function 'x'\n`, /tag/i, { document: 1, line: 6 }],
    [
      'a name that is a prototype',
      `${yaml('a')}__proto__: { x: 1 }\n`,
      /unknown field "__proto__"/,
      { document: 1 },
    ],
  ];
  for (const [name, text, message, place] of cases)
    it(name, async (t) => {
      const { write, pass, names, errorsOf, lines } = manifestsWorld(t);
      write('broken.yaml', text);
      write('right.yaml', yaml('right'));
      await pass();
      assert.ok(names().includes('default/right'));
      const [fault] = errorsOf('broken.yaml');
      assert.match(fault?.message ?? '', message);
      for (const [key, value] of Object.entries(place))
        assert.equal(fault?.[key as keyof typeof place], value, JSON.stringify(fault));
      assert.deepEqual(errorsOf('right.yaml'), []);
      // Told once, with its file, until it is another fault.
      await pass();
      const told = lines.filter((line) => line.startsWith('warn Manifest broken.yaml'));
      assert.equal(told.length, 1, told.join('\n'));
      if (place.line !== undefined) assert.match(told[0] ?? '', new RegExp(`\\(line ${place.line}\\)`));
    });

  it('one object that is wrong keeps back no other of its file; one text that cannot be read does', async (t) => {
    const { write, pass, names } = manifestsWorld(t);
    write('a.yaml', `${yaml('good')}---\n${yaml('bad').replace('loom.com', 'x')}---\n${yaml('also')}`);
    write('b.yaml', `${yaml('unheard')}---\na: [`);
    await pass();
    assert.deepEqual(names(), ['default/also', 'default/good']);
  });

  it('files that are none, too large or not text', async (t) => {
    const { folder, write, pass, names, errorsOf } = manifestsWorld(t);
    write('large.yaml', `${yaml('large')}#${'x'.repeat(128 * 1024)}`);
    write('bytes.yaml', Buffer.from([0xff, 0xfe, 0x00]));
    execFileSync('mkfifo', [join(folder, 'pipe.yaml')]);
    write('right.yaml', yaml('right'));
    await pass();
    assert.deepEqual(names(), ['default/right']);
    assert.match(errorsOf('large.yaml')[0]?.message ?? '', /at most 131072 are read/);
    assert.match(errorsOf('bytes.yaml')[0]?.message ?? '', /UTF-8/);
    assert.match(errorsOf('pipe.yaml')[0]?.message ?? '', /no regular file/);
  });

  it('two files with the same object: each names the other, and neither is applied', async (t) => {
    const { write, pass, settle, names, get, errorsOf, remove } = manifestsWorld(t);
    write('a.yaml', yaml('a'));
    await pass();
    write('b.yaml', `${yaml('x')}---\n${yaml('a', { namespace: 'default', more: ['timeout: 5m'] })}`);
    await settle();
    assert.deepEqual(names(), ['default/a', 'default/x']);
    assert.equal(get('a')?.spec.timeout, '10m');
    assert.match(
      errorsOf('a.yaml')[0]?.message ?? '',
      /also in b\.yaml, document 2 \(line 7\): neither is applied/,
    );
    assert.match(errorsOf('b.yaml')[0]?.message ?? '', /also in a\.yaml, document 1 \(line 1\)/);
    remove('a.yaml');
    await pass();
    assert.equal(get('a')?.spec.timeout, '5m');
    assert.deepEqual(errorsOf('b.yaml'), []);
  });

  it('a fault that is mended is a fault no more', async (t) => {
    const { write, pass, errorsOf, names } = manifestsWorld(t);
    write('a.yaml', yaml('a').slice(0, 60));
    const { isUnsettled } = await pass();
    assert.ok(isUnsettled, 'it may be half written');
    assert.equal(errorsOf('a.yaml').length, 1);
    write('a.yaml', yaml('a'));
    assert.ok(!(await pass()).isUnsettled);
    assert.deepEqual(errorsOf('a.yaml'), []);
    assert.deepEqual(names(), ['default/a']);
  });

  it('more folders than it may have: what is seen is applied, nothing is pruned, and it is said', async (t) => {
    const { write, remove, pass, settle, names, lines } = manifestsWorld(t);
    write('a.yaml', yaml('a'));
    write('old.yaml', yaml('old'));
    await pass();
    remove('old.yaml');
    write(`${Array(20).fill('d').join('/')}/b.yaml`, yaml('b'));
    const { status } = await settle();
    assert.match(status.message ?? '', /16 within each other/);
    assert.deepEqual(names(), ['default/a', 'default/old']);
    assert.equal(lines.filter((line) => line.includes('16 within each other')).length, 1);
  });
});

describe('what is applied again', () => {
  it('nothing is written while nothing changed, however often it is looked at and started', async (t) => {
    const { write, pass, restart, videos, move } = manifestsWorld(t);
    write(
      'a.yaml',
      `${yaml('a', { more: ['suspend:', 'timeout: 600s'] })}---\n${LIST.replace('name: a', 'name: c')}`,
    );
    await pass();
    const { version } = videos;
    for (let n = 0; n < 3; n++) {
      restart();
      await pass();
      await pass();
    }
    assert.equal(videos.version, version);
    // The file is remembered; nothing else is written for it.
    move('a.yaml', 'z.yaml');
    await pass();
    assert.equal(videos.version, version + 3);
  });

  const edit: [string, string[], object, string[], Record<string, unknown>][] = [
    ['a field that is set', [], {}, ['timeout: 5m'], { timeout: '5m' }],
    ['a field that is changed', ['timeout: 5m'], {}, ['timeout: 6m'], { timeout: '6m' }],
    ['a field that is removed goes back to its default', ['timeout: 5m'], {}, [], { timeout: '10m' }],
    [
      'one of several within',
      ['limits: { maxHeight: 360, maxDuration: 2m }'],
      {},
      ['limits: { maxHeight: 360 }'],
      { limits: { maxHeight: 360, maxDuration: '5m', maxFileSize: '50Mi', downloadTimeout: '60s' } },
    ],
    ['what others set', [], { spec: { suspend: true } }, ['timeout: 5m'], { suspend: true, timeout: '5m' }],
    [
      'what others set where the manifest says otherwise',
      ['suspend: false'],
      { spec: { suspend: true } },
      ['suspend: false'],
      { suspend: false },
    ],
    [
      'what others changed and the manifest leaves',
      ['timeout: 5m'],
      { spec: { timeout: '7m' } },
      [],
      { timeout: '10m' },
    ],
  ];
  for (const [name, before, others, after, expected] of edit)
    it(name, async (t) => {
      const { write, pass, get, videos } = manifestsWorld(t);
      write('a.yaml', yaml('a', { more: before }));
      await pass();
      videos.patch({ namespace: 'default', name: 'a' }, others);
      write('a.yaml', yaml('a', { more: after }));
      await pass();
      for (const [field, value] of Object.entries(expected))
        assert.deepEqual(({ ...get('a')?.spec } as Record<string, unknown>)[field], value, field);
    });

  it('labels, annotations and finalizers of others stay; those that left the manifest go', async (t) => {
    const { write, pass, get, videos } = manifestsWorld(t);
    const key = { namespace: 'default', name: 'a' };
    const labelled = (labels: string): string => yaml('a').replace('name: a', `name: a, labels: ${labels}`);
    write('a.yaml', labelled('{ team: x, tier: free }'));
    await pass();
    videos.patch(key, {
      metadata: { labels: { mine: 'y' }, annotations: { 'qudemo.dev/retry': '1' }, finalizers: ['a/b'] },
    });
    videos.setStatus(key, get('a')?.metadata.uid ?? '', { phase: 'Ready' });
    write('a.yaml', labelled('{ team: z }'));
    await pass();
    const { metadata, status } = get('a') ?? {};
    assert.deepEqual(metadata?.labels, { team: 'z', mine: 'y', 'qudemo.dev/managed-by': 'manifests' });
    assert.equal(metadata?.annotations?.['qudemo.dev/retry'], '1');
    assert.equal(metadata?.annotations?.['qudemo.dev/manifest'], 'a.yaml');
    assert.deepEqual(metadata?.finalizers, ['a/b']);
    assert.equal(metadata?.generation, 1);
    assert.equal(status?.phase, 'Ready');
  });

  it('another link is refused: it is another video', async (t) => {
    const { write, pass, settle, get, errorsOf } = manifestsWorld(t);
    write('a.yaml', yaml('a'));
    await pass();
    const before = get('a');
    write('a.yaml', yaml('a', { id: ID_B }));
    await settle();
    const [fault] = errorsOf('a.yaml');
    assert.match(
      fault?.message ?? '',
      /spec\.url: Invalid value.*Another video is another LoomVideo: give it another metadata\.name/,
    );
    assert.equal(fault?.object, 'default/a');
    assert.deepEqual(get('a'), before);
  });

  it('what somebody else had made is adopted, and that is said', async (t) => {
    const { write, pass, get, videos, lines } = manifestsWorld(t);
    videos.create('default', {
      apiVersion: 'qudemo.dev/v1alpha1',
      kind: 'LoomVideo',
      metadata: {
        name: 'a',
        labels: { theirs: 'x' },
        annotations: {
          'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({ spec: { timeout: '5m' } }),
        },
      },
      spec: {
        url: 'https://www.loom.com/share/0123456789abcdef0123456789abcdef',
        timeout: '5m',
        maxAttempts: 1,
      },
    });
    const uid = get('a')?.metadata.uid;
    write('a.yaml', yaml('a'));
    await pass();
    const video = get('a');
    assert.equal(video?.metadata.uid, uid);
    // kubectl had applied the one and not the other.
    assert.equal(video?.spec.timeout, '10m');
    assert.equal(video?.spec.maxAttempts, 1);
    assert.equal(video?.metadata.labels?.['theirs'], 'x');
    assert.ok(
      lines.includes('info Manifest a.yaml: LoomVideo default/a adopted: it had been made by somebody else'),
    );
  });

  it('is remembered as kubectl remembers it', async (t) => {
    const { write, pass, get } = manifestsWorld(t);
    write('a.yaml', yaml('a', { more: ['timeout: 5m'] }));
    await pass();
    assert.equal(
      get('a')?.metadata.annotations?.['kubectl.kubernetes.io/last-applied-configuration'],
      '{"apiVersion":"qudemo.dev/v1alpha1","kind":"LoomVideo","metadata":{"annotations":{},"name":"a","namespace":"default"},"spec":{"timeout":"5m","url":"https://www.loom.com/share/0123456789abcdef0123456789abcdef"}}\n',
    );
  });

  it('what is deleted by hand is made anew, when it is gone', async (t) => {
    const { write, pass, get, videos } = manifestsWorld(t);
    const key = { namespace: 'default', name: 'a' };
    write('a.yaml', yaml('a'));
    await pass();
    const uid = get('a')?.metadata.uid ?? '';
    videos.setFinalizers(key, uid, ['a/b']);
    videos.delete(key);
    const { version } = videos;
    await pass();
    assert.equal(videos.version, version);
    videos.setFinalizers(key, uid, []);
    await pass();
    assert.notEqual(get('a')?.metadata.uid, uid);
  });
});

describe('what is pruned', () => {
  it('what it applied and is gone from the folder, by a deletion like any other', async (t) => {
    const { write, remove, pass, settle, names, get, videos, lines } = manifestsWorld(t);
    write('a.yaml', `${yaml('a')}---\n${yaml('b', { namespace: 'team' })}`);
    write('c.yaml', yaml('c'));
    await pass();
    videos.create('default', { ...JSON.parse(JSON_A), metadata: { name: 'by-hand' } });
    videos.setFinalizers({ namespace: 'team', name: 'b' }, get('b', 'team')?.metadata.uid ?? '', ['a/b']);
    write('a.yaml', yaml('a'));
    remove('c.yaml');
    const { isUnsettled } = await pass();
    assert.ok(isUnsettled);
    assert.deepEqual(names(), ['default/a', 'default/by-hand', 'default/c', 'team/b']);
    await settle();
    assert.deepEqual(names(), ['default/a', 'default/by-hand', 'team/b']);
    assert.ok(get('b', 'team')?.metadata.deletionTimestamp);
    assert.ok(lines.includes('info LoomVideo default/c pruned: its manifest is gone'));
    await settle();
    assert.equal(lines.filter((line) => line.includes('pruned')).length, 2);
  });

  it('also what was taken away while nobody looked', async (t) => {
    const { write, remove, pass, settle, names, restart } = manifestsWorld(t);
    write('a.yaml', yaml('a'));
    write('b.yaml', yaml('b'));
    await pass();
    remove('b.yaml');
    restart();
    await settle();
    assert.deepEqual(names(), ['default/a']);
  });

  it('not what comes back within seconds, as by a checkout', async (t) => {
    const { write, remove, pass, settle, names, clock, get } = manifestsWorld(t);
    write('a.yaml', yaml('a'));
    write('b.yaml', yaml('b'));
    await pass();
    const uid = get('b')?.metadata.uid;
    for (let n = 0; n < 5; n++) {
      remove('b.yaml');
      await pass();
      clock.pass(9000);
      write('b.yaml', yaml('b'));
      await pass();
    }
    await settle();
    assert.deepEqual(names(), ['default/a', 'default/b']);
    assert.equal(get('b')?.metadata.uid, uid);
  });

  const held: [string, (world: ReturnType<typeof manifestsWorld>) => void, RegExp | undefined][] = [
    ['its file is broken', ({ write }) => write('b.yaml', 'a: ['), undefined],
    ['its file is empty, as one that is being written', ({ write }) => write('b.yaml', ''), undefined],
    ['its file is cut in the middle', ({ write }) => write('b.yaml', yaml('b').slice(0, 75)), undefined],
    [
      'its manifest is wrong',
      ({ write }) => write('b.yaml', yaml('b', { more: ['nonsense: 1'] })),
      undefined,
    ],
    [
      'its file cannot be read',
      ({ folder, remove }) => {
        remove('b.yaml');
        symlinkSync('nowhere', join(folder, 'b.yaml'));
      },
      undefined,
    ],
    [
      'it went to a file that is broken',
      ({ write, remove }) => {
        remove('b.yaml');
        write('c.yaml', `${yaml('b')}---\na: [`);
      },
      undefined,
    ],
    ['it went to another file', ({ move }) => move('b.yaml', 'sub.yaml'), undefined],
    [
      'the folder is empty',
      ({ remove }) => {
        remove('a.yaml');
        remove('b.yaml');
      },
      /There is no manifest in it: what it once applied is kept/,
    ],
    ['the folder is gone', ({ folder }) => rmSync(folder, { recursive: true }), /cannot be read: ENOENT/],
    [
      'the folder is a file',
      ({ folder }) => {
        rmSync(folder, { recursive: true });
        writeFileSync(folder, '');
      },
      /cannot be read: ENOTDIR/,
    ],
  ];
  for (const [name, change, says] of held)
    it(`nothing while ${name}`, async (t) => {
      const world = manifestsWorld(t);
      const { write, pass, settle, names, get, restart, lines } = world;
      write('a.yaml', yaml('a'));
      write('b.yaml', yaml('b'));
      await pass();
      const uid = get('b')?.metadata.uid;
      change(world);
      const { status } = await settle();
      restart();
      await settle();
      assert.deepEqual(names(), ['default/a', 'default/b']);
      assert.equal(get('b')?.metadata.uid, uid);
      if (says) {
        assert.match(status.message ?? '', says);
        assert.ok(lines.some((line) => line.startsWith('warn Manifests in ') && says.test(line)));
      } else assert.equal(status.message, undefined);
    });

  it('the last too, when a manifest says that there is none', async (t) => {
    const { write, pass, settle, names } = manifestsWorld(t);
    write('a.yaml', yaml('a'));
    await pass();
    write('a.yaml', '# None at the moment.\n');
    const { status } = await settle();
    assert.equal(status.message, undefined);
    assert.deepEqual(names(), []);
  });

  it('an empty folder that never had any is no matter', async (t) => {
    const { settle } = manifestsWorld(t);
    assert.deepEqual((await settle()).status.message, undefined);
  });
});
