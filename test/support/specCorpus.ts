/**
 * Specs that a LoomVideo may or may not have. One list for all that judge them: Ajv (test/unit/specCorpus.test.ts) and a
 * real apiserver (test/cluster), which must agree.
 */
export interface SpecCase {
  readonly what: string;
  readonly spec: unknown;
  /** Paths of the fields at fault, such as `spec.limits.maxHeight`; none: the spec is valid. */
  readonly faults: readonly string[];
}

const url = 'https://www.loom.com/share/0123456789abcdef0123456789abcdef';
const valid = (what: string, spec: object): SpecCase => ({ what, spec: { url, ...spec }, faults: [] });
const link = (text: unknown): SpecCase => ({
  what: `link ${JSON.stringify(text)}`,
  spec: { url: text },
  faults: [],
});
const wrongLink = (text: unknown): SpecCase => ({ ...link(text), faults: ['spec.url'] });
const wrong = (path: string, spec: object): SpecCase => ({
  what: `${path}: ${JSON.stringify(spec)}`,
  spec: { url, ...spec },
  faults: [path],
});

const duration = (path: string, at: (value: unknown) => object): SpecCase[] => [
  ...['1s', '90s', '5m', '1h', '1h30m', '1h30m15s', '9999h', '0h0m1s', '9999h99999m1s'].map((value) =>
    valid(`${path} ${value}`, at(value)),
  ),
  ...[
    '',
    's',
    '5',
    '5 m',
    '-5m',
    '1d',
    '1.5m',
    '5M',
    '30s5m',
    '0s',
    '0h0m0s',
    '00000000000000001s',
    5,
    true,
    {},
  ].map((value) => wrong(path, at(value))),
];

const quantity = (path: string, least: string, at: (value: unknown) => object): SpecCase[] => [
  ...[least, '400Mi', '1Gi', '1.5Gi', '500M', '104857600', '00000000001.5Gi', '999999999999Gi'].map((value) =>
    valid(`${path} ${value}`, at(value)),
  ),
  ...['', 'Mi', '-1Mi', '1 Mi', '1Ki ', '1e9', '1Ti', '0', '0Mi', '1.2345Gi', 400, []].map((value) =>
    wrong(path, at(value)),
  ),
];

const name = (path: string, at: (value: unknown) => object): SpecCase[] => [
  ...['a', 'loom-credentials', 'a.b', '0'].map((value) => valid(`${path} ${value}`, at(value))),
  ...['', 'A', '-a', 'a-', 'a_b', '../etc', 'a b', 'x'.repeat(254), 7].map((value) => wrong(path, at(value))),
];

export const SPEC_CASES: readonly SpecCase[] = [
  ...[
    url,
    'https://loom.com/embed/0123456789abcdef0123456789abcdef',
    `${url}/`,
    `${url}?sid=11111111-2222-3333-4444-555555555555`,
    'https://www.loom.com/share/My-great-demo-0123456789abcdef0123456789abcdef?t=12#top',
  ].map(link),
  ...[
    '',
    'loom',
    'http://www.loom.com/share/0123456789abcdef0123456789abcdef',
    'https://evil.example/share/0123456789abcdef0123456789abcdef',
    'https://www.loom.com.evil.example/share/0123456789abcdef0123456789abcdef',
    'https://www.loom.com@evil.example/share/0123456789abcdef0123456789abcdef',
    'https://www.loom.com/folder/0123456789abcdef0123456789abcdef',
    'https://www.loom.com/share/0123456789ABCDEF0123456789ABCDEF',
    `${url}0`,
    `${url}/../x`,
    `${url} --exec id`,
    `${url}\n`,
    `${url}?a="b"`,
    `${url}?${'a'.repeat(2048)}`,
    'file:///etc/passwd',
    7,
    null,
    [url],
  ].map(wrongLink),
  { what: 'no link', spec: {}, faults: ['spec.url'] },
  valid('everything by default', {}),
  valid('nulls where there are defaults', { limits: null, memory: null, suspend: null, timeout: null }),
  valid('nulls where there are none', {
    ...{ credentialsSecretRef: null, passwordSecretRef: null, embedding: { dimensions: null } },
  }),
  valid('a null within an object', { passwordSecretRef: { name: 'a', key: null } }),
  wrong('spec.credentialsSecretRef.name', { credentialsSecretRef: { name: null } }),
  valid('empty objects', { limits: {}, transcription: {}, embedding: {}, memory: {} }),
  ...duration('spec.limits.maxDuration', (maxDuration) => ({ limits: { maxDuration } })),
  ...duration('spec.limits.downloadTimeout', (downloadTimeout) => ({ limits: { downloadTimeout } })),
  ...duration('spec.timeout', (timeout) => ({ timeout })),
  ...quantity('spec.limits.maxFileSize', '1', (maxFileSize) => ({ limits: { maxFileSize } })),
  ...quantity('spec.memory.limit', '64Mi', (limit) => ({ memory: { limit } })),
  ...quantity('spec.memory.max', '64Mi', (max) => ({ memory: { max } })),
  ...['63Mi', '64M', '1Ki', '67108863'].map((limit) => wrong('spec.memory.limit', { memory: { limit } })),
  ...[144, 480, 2160].map((maxHeight) => valid(`height ${maxHeight}`, { limits: { maxHeight } })),
  ...[143, 2161, 480.5, '480', -1, true].map((maxHeight) =>
    wrong('spec.limits.maxHeight', { limits: { maxHeight } }),
  ),
  ...['tiny', 'tiny.en'].map((model) => valid(`model ${model}`, { transcription: { model } })),
  ...['base', '', 'TINY', 1].map((model) => wrong('spec.transcription.model', { transcription: { model } })),
  ...['auto', 'en', 'fr', 'yue'].map((language) =>
    valid(`language ${language}`, { transcription: { language } }),
  ),
  ...['', 'EN', 'english', 'e', 'en-US', 'en\n', 1].map((language) =>
    wrong('spec.transcription.language', { transcription: { language } }),
  ),
  ...['whisper', 'captions', 'auto'].map((source) =>
    valid(`source ${source}`, { transcription: { source } }),
  ),
  ...['', 'youtube', 0].map((source) => wrong('spec.transcription.source', { transcription: { source } })),
  ...['m', 'text-embedding-3-large', 'nomic-ai/embed:v1.5', 'x'.repeat(128)].map((model) =>
    valid(`embedding model of ${model.length}`, { embedding: { model } }),
  ),
  ...['', 'x'.repeat(129), 3].map((model) => wrong('spec.embedding.model', { embedding: { model } })),
  ...[1, 512, 20_000].map((dimensions) => valid(`dimensions ${dimensions}`, { embedding: { dimensions } })),
  ...[0, 20_001, 1.5, '512'].map((dimensions) =>
    wrong('spec.embedding.dimensions', { embedding: { dimensions } }),
  ),
  ...[1, 3, 100].map((batchSize) => valid(`batch ${batchSize}`, { embedding: { batchSize } })),
  ...[0, 101, 2.5, '3'].map((batchSize) => wrong('spec.embedding.batchSize', { embedding: { batchSize } })),
  ...name('spec.credentialsSecretRef.name', (value) => ({ credentialsSecretRef: { name: value } })),
  ...name('spec.passwordSecretRef.name', (value) => ({ passwordSecretRef: { name: value } })),
  wrong('spec.credentialsSecretRef.name', { credentialsSecretRef: {} }),
  wrong('spec.passwordSecretRef.name', { passwordSecretRef: { key: 'password' } }),
  valid('a key of the password', { passwordSecretRef: { name: 'a', key: 'Loom_Pass.word-1' } }),
  ...['', 'a b', '../x', 'x'.repeat(254)].map((value) =>
    wrong('spec.passwordSecretRef.key', { passwordSecretRef: { name: 'a', key: value } }),
  ),
  ...['1', '1.5', '2.25', '10', '10.5', '1.000', '10.999'].map((factor) =>
    valid(`factor ${factor}`, { memory: { factor } }),
  ),
  ...['', '0', '0.5', '11', '1.', '-2', '1.2345', '1e1', 1.5].map((factor) =>
    wrong('spec.memory.factor', { memory: { factor } }),
  ),
  ...[1, 3, 20].map((maxAttempts) => valid(`${maxAttempts} attempts`, { maxAttempts })),
  ...[0, 21, 1.5, '3', -1].map((maxAttempts) => wrong('spec.maxAttempts', { maxAttempts })),
  ...[true, false].map((suspend) => valid(`suspend ${suspend}`, { suspend })),
  ...['true', 1, {}].map((suspend) => wrong('spec.suspend', { suspend })),
  ...['Delete', 'Retain'].map((deletionPolicy) => valid(deletionPolicy, { deletionPolicy })),
  ...['delete', '', 'Orphan', true].map((deletionPolicy) => wrong('spec.deletionPolicy', { deletionPolicy })),
  ...['limits', 'transcription', 'embedding', 'memory', 'credentialsSecretRef', 'passwordSecretRef'].flatMap(
    (field) => ['text', 7, true, []].map((value) => wrong(`spec.${field}`, { [field]: value })),
  ),
  ...['text', 7, [], null].map((spec) => ({ what: `spec ${JSON.stringify(spec)}`, spec, faults: ['spec'] })),
  {
    what: 'several faults at once',
    spec: { url, maxAttempts: 0, limits: { maxHeight: 1, maxDuration: 'long' } },
    faults: ['spec.limits.maxDuration', 'spec.limits.maxHeight', 'spec.maxAttempts'],
  },
];
