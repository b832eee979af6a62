/**
 * Makes `generated/loomvideo.ts` (types) and `generated/schema.ts` (for Ajv) from `loomvideos.yaml`.
 * `npm run generate` writes them; `node crds/generate.ts --check` exits 1 when they are stale.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { compile } from 'json-schema-to-typescript';
import { parse } from 'yaml';

type Schema = {
  [key: string]: unknown;
  properties?: Record<string, Schema>;
  items?: Schema;
  required?: string[];
};
interface Crd {
  spec: { versions: { name: string; schema: { openAPIV3Schema: Schema } }[] };
}

/** CEL rules: the apiserver runs them; jobrunner/contract/spec.ts mirrors each by hand and knows it by its text. */
const RULES = 'x-kubernetes-validations';
const HEADER = '// Generated from crds/loomvideos.yaml by `npm run generate`. Do not edit.\n';
const here = (path: string): URL => new URL(path, import.meta.url);

const files = await generate(await readFile(here('loomvideos.yaml'), 'utf8'));
if (process.argv.includes('--check')) {
  const stale: string[] = [];
  for (const [path, text] of files) {
    const present = await readFile(here(path), 'utf8').catch(() => '');
    if (present !== text) stale.push(`crds/${path}`);
  }
  if (stale.length > 0) {
    process.stderr.write(`Stale: ${stale.join(', ')}. Run: npm run generate\n`);
    process.exitCode = 1;
  }
} else {
  await mkdir(here('generated/'), { recursive: true });
  for (const [path, text] of files) await writeFile(here(path), text);
}

async function generate(yaml: string): Promise<[path: string, text: string][]> {
  // oxlint-disable-next-line no-unsafe-type-assertion -- our own file, and a wrong shape fails below at once
  const crd = parse(yaml) as Crd;
  const version = crd.spec.versions[0];
  if (!version) throw new Error('crds/loomvideos.yaml has no version');
  const schema = withoutWords(version.schema.openAPIV3Schema, (word) => word === RULES);
  const spec = schema.properties?.['spec'];
  const status = schema.properties?.['status'];
  if (!spec || !status) throw new Error('crds/loomvideos.yaml has no spec or no status');
  const types = [
    HEADER,
    await typesOf(
      closed(plain(spec)),
      'LoomVideoSpecInput',
      'A spec as users write it: what has a default may be absent.',
    ),
    await typesOf(
      closed(withDefaultsRequired(plain(spec))),
      'LoomVideoSpec',
      'A spec with its defaults filled in.',
    ),
    await typesOf(closed(plain(status)), 'LoomVideoStatus', 'What was observed.'),
  ].join('\n');
  const ajv = `${HEADER}\n/** The LoomVideo schema for Ajv (JSON Schema draft 7): defaults, patterns and bounds as in the CRD. */\nexport const loomVideoSchema = ${JSON.stringify(schema, null, 2)} as const;\n`;
  return [
    ['generated/loomvideo.ts', types],
    ['generated/schema.ts', ajv],
  ];
}

async function typesOf(schema: Schema, name: string, description: string): Promise<string> {
  return compile({ ...schema, description, title: name }, name, {
    bannerComment: '',
    additionalProperties: false,
    format: true,
    style: { singleQuote: true, printWidth: 110 },
  });
}

/** Ajv in strict mode refuses words it does not know; those of Kubernetes are kept where `kept` says so. */
function withoutWords(schema: Schema, kept: (word: string) => boolean): Schema {
  return mapSchema(schema, (node) =>
    Object.fromEntries(
      Object.entries(node).filter(
        ([word]) => kept(word) || (!word.startsWith('x-kubernetes-') && word !== 'format'),
      ),
    ),
  );
}

function plain(schema: Schema): Schema {
  return withoutWords(schema, () => false);
}

function withDefaultsRequired(schema: Schema): Schema {
  return mapSchema(schema, (node) => {
    const defaulted = Object.entries(node.properties ?? {}).filter(([, child]) => 'default' in child);
    const required = [...new Set([...(node.required ?? []), ...defaulted.map(([name]) => name)])];
    return required.length > 0 ? { ...node, required } : node;
  });
}

function closed(schema: Schema): Schema {
  return mapSchema(schema, (node) => (node.properties ? { ...node, additionalProperties: false } : node));
}

function mapSchema(schema: Schema, change: (node: Schema) => Schema): Schema {
  const node = change(schema);
  return {
    ...node,
    ...(node.properties && {
      properties: Object.fromEntries(
        Object.entries(node.properties).map(([name, child]) => [name, mapSchema(child, change)]),
      ),
    }),
    ...(node.items && { items: mapSchema(node.items, change) }),
  };
}
