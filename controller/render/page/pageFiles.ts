import { createHash } from 'node:crypto';
import { glob, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A file as it is sent. */
export interface PageFile {
  readonly type: string;
  /** Strong, quoted as the header has it. */
  readonly etag: string;
  readonly body: Buffer;
}

const HERE = import.meta.dirname;

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** What the browser is given of the libraries, as their packages name it. */
const LIT_HTML = [
  'lit-html.js',
  'directive.js',
  'directive-helpers.js',
  'directives/guard.js',
  'directives/live.js',
  'directives/repeat.js',
];

/** All files of the page by the path they are asked for, some 150 kB: read once and kept. */
export async function readPageFiles(): Promise<ReadonlyMap<string, PageFile>> {
  const sources = new Map<string, string>([
    ['/', join(HERE, 'index.html')],
    ['/page/favicon.svg', join(HERE, 'favicon.svg')],
  ]);
  for (const pattern of ['client/**/*.js', 'styles/*.css'])
    for await (const path of glob(pattern, { cwd: HERE })) sources.set(`/page/${path}`, join(HERE, path));
  // Their entries for Node, one folder below or beside those for browsers.
  const litHtml = join(fileURLToPath(import.meta.resolve('lit-html')), '..', '..');
  for (const path of LIT_HTML) sources.set(`/page/vendor/lit-html/${path}`, join(litHtml, path));
  const signals = join(
    fileURLToPath(import.meta.resolve('@preact/signals-core')),
    '..',
    'signals-core.module.js',
  );
  sources.set('/page/vendor/signals-core.js', signals);
  const bodies = await Promise.all(
    [...sources].map(async ([path, source]) => [path, source, await readFile(source)] as const),
  );
  const modules = [...sources.keys()].filter((path) => path.endsWith('.js'));
  return new Map(
    bodies.map(([path, source, body]) => [
      path,
      pageFile(source, path === '/' ? withModules(body, modules) : body),
    ]),
  );
}

/** Names all modules in the index, so that they are not found one through another, a journey each. */
function withModules(index: Buffer, paths: readonly string[]): Buffer {
  const links = paths.map((path) => `<link rel="modulepreload" href="${path}" />`).join('\n    ');
  return Buffer.from(index.toString().replace('<!-- modules -->', links));
}

function pageFile(source: string, body: Buffer): PageFile {
  return {
    type: TYPES[extname(source)] ?? 'application/octet-stream',
    etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`,
    body,
  };
}
