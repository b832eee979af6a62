import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { pino } from 'pino';
import { Folder } from '../../../controller/render/manifests/folderPass.ts';
import { SetClock } from '../../unit/render/resourceWorld.ts';
import { openResources } from '../../../controller/render/resources/openResources.ts';
import { boundedAsync } from '../bounded.ts';
import { property, type Target } from '../property.ts';
import { mutated, soup } from '../texts/soup.ts';

const MANIFEST = `apiVersion: qudemo.dev/v1alpha1
kind: LoomVideo
metadata: {name: demo, labels: {app: loom}}
spec:
  url: https://www.loom.com/share/0123456789abcdef0123456789abcdef
  limits: {maxHeight: 720}
`;

const YAML = [
  ...[
    '\n',
    '\n  ',
    '\n    ',
    ' ',
    '\t',
    '\r\n',
    '- ',
    ': ',
    '? ',
    ', ',
    '{',
    '}',
    '[',
    ']',
    '"',
    "'",
    '|\n',
    '>-\n',
  ],
  ...[
    '&a ',
    '*a',
    '*a ',
    '<<: *a\n',
    '!!binary ',
    '!!set ',
    '!!omap ',
    '!!timestamp 2001-12-14',
    '!!float ',
    '!x ',
  ],
  ...[
    '%YAML 1.1\n---\n',
    '%YAML 9.9\n',
    '%TAG ! x\n',
    '---\n',
    '...\n',
    '\uFEFF',
    '\0',
    '# c\n',
    '__proto__: ',
    '0x1F',
  ],
  ...['.inf', '.nan', '1e999', '~', 'null', 'yes', '2001-12-14', '0o7', 'a: &a [*a]\n', 'constructor: {}\n'],
  ...[
    'apiVersion: qudemo.dev/v1alpha1\n',
    'kind: LoomVideo\n',
    'kind: List\nitems:\n',
    'metadata: {name: demo}\n',
  ],
  ...[
    'spec:\n  ',
    'url: https://www.loom.com/share/0123456789abcdef0123456789abcdef\n',
    'metadata:\n  ',
    'name: ',
  ],
  ...[
    'labels: ',
    'annotations: ',
    'ownerReferences: ',
    'finalizers: ',
    'generateName: ',
    'namespace: ',
    MANIFEST,
  ],
];
const texts = fc.oneof(
  {
    weight: 4,
    arbitrary: mutated(
      fc.array(fc.constant(MANIFEST), { minLength: 1, maxLength: 3 }).map((all) => all.join('---\n')),
    ),
  },
  { weight: 4, arbitrary: soup(YAML) },
  { weight: 1, arbitrary: soup(YAML, { pieces: 8, repeat: 30_000 }).map((text) => text.slice(0, 125_000)) },
);
const bytes = fc.oneof(
  { weight: 9, arbitrary: texts.map((text) => Buffer.from(text)) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((all) => Buffer.from(all)) },
);

const withField = (field: string, value: string): string =>
  MANIFEST.replace('metadata: {name: demo', `metadata: {name: demo, ${field}: ${value}`);
const EXAMPLES = [
  '['.repeat(100_000),
  '{a: '.repeat(25_000),
  '- '.repeat(50_000),
  'a: &a [*a]\n',
  withField('annotations', '{a: !!timestamp 2001-12-14}'),
  withField('ownerReferences', '[!!set {a}]'),
  `%YAML 1.1\n---\n${withField('annotations', '{a: 2001-12-14}')}`,
];

/** A look at a folder with this one file in it. */
async function look(content: Buffer): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'fuzz-'));
  const folder = join(root, 'videos');
  const log = pino({ level: 'silent' });
  const clock = new SetClock();
  const resources = openResources({ file: join(root, 'data', 'resources.db'), clock, log });
  const { videos } = resources;
  try {
    // Beside a good one, which has to be applied whatever the other is.
    const { mkdirSync } = await import('node:fs');
    mkdirSync(folder);
    writeFileSync(join(folder, 'good.yaml'), MANIFEST.replace('name: demo', 'name: good'));
    writeFileSync(join(folder, 'other.yaml'), content);
    const options = { folder, videos, clock, log };
    const { status } = await boundedAsync(() => new Folder(options).pass(new AbortController().signal), 5);
    assert.deepEqual(
      status.files.map(({ file }) => file),
      ['good.yaml', 'other.yaml'],
    );
    assert.equal(status.message, undefined);
    for (const { errors } of status.files)
      for (const { message, line = 1, document = 1 } of errors) {
        assert.ok(message.length > 0);
        assert.ok(line >= 1 && document >= 1);
      }
    const declared = status.files[1]?.errors.some(({ object }) => object === 'default/good');
    if (!declared) assert.ok(videos.get({ namespace: 'default', name: 'good' }));
    for (const video of videos.list().items) assert.deepEqual(JSON.parse(JSON.stringify(video)), video);
    // Another process, which finds all of it done.
    const { version } = videos;
    await new Folder(options).pass(new AbortController().signal);
    assert.equal(videos.version, version, 'a second look changes nothing');
  } finally {
    resources.close();
    rmSync(root, { recursive: true });
  }
}

export const manifests: Target = {
  name: 'manifests',
  properties: [
    property('a file of any bytes is applied or told of, and leaves the others alone', bytes, look, {
      examples: EXAMPLES.map((text) => Buffer.from(text)),
      unitRuns: 30,
    }),
  ],
};
