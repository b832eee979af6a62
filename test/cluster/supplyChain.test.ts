/**
 * What the image holds, as syft reads it: nothing that the lock files do not name, under licences that are known here. The
 * list is kept as `.cache/cluster/sbom.cdx.json` (CycloneDX).
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, suite, test } from 'node:test';
import { SBOM_MODULE } from './build/goModule.ts';
import { buildModule } from './build/goTools.ts';
import { run } from './command.ts';
import { operatorArchive } from './images/operatorImage.ts';
import { CACHE, ROOT } from './paths.ts';

const SBOM = join(CACHE, 'sbom.cdx.json');

/** That may be passed on in an image without asking for more than a notice. */
const PERMISSIVE = new Set([
  ...['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT', 'PSF-2.0'],
  ...['CC0-1.0', 'Unlicense', 'Zlib'],
]);

/** What their authors call otherwise. */
const SPELLINGS: Readonly<Record<string, string>> = {
  Apache: 'Apache-2.0',
  BSD: 'BSD-2-Clause',
  'MIT License': 'MIT',
};

/** Packages without a licence in what syft reads, looked up by hand. */
const LOOKED_UP: Readonly<Record<string, string>> = {
  tokenizers: 'Apache-2.0',
  'yt-dlp': 'Unlicense',
};

interface Component {
  readonly name: string;
  readonly version: string;
  readonly purl?: string;
  readonly licenses?: readonly { expression?: string; license?: { id?: string; name?: string } }[];
  readonly properties?: readonly { name: string; value: string }[];
}

interface Locked {
  readonly version?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
}

suite('what the image holds', () => {
  let components: readonly Component[] = [];
  const of = (kind: 'deb' | 'npm' | 'pypi'): Component[] =>
    components.filter(({ purl }) => purl?.startsWith(`pkg:${kind}/`));

  /** The package of each folder below `node_modules`, as the lock file names it. */
  const installed = (): Map<string, Component> =>
    new Map(
      of('npm').flatMap((component) => {
        const file = component.properties?.find(({ name }) => name === 'syft:location:0:path')?.value;
        const folder = /^\/app\/((?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+)\/package\.json$/.exec(
          file ?? '',
        )?.[1];
        return folder === undefined ? [] : [[folder, component] as const];
      }),
    );

  before(async () => {
    const archive = operatorArchive();
    assert.ok(
      existsSync(archive),
      `${archive} is not there: run npm run test:cluster without LOOMVIDEO_IMAGE`,
    );
    const bin = await buildModule(SBOM_MODULE);
    await run(
      join(bin, 'syft'),
      ['scan', '--quiet', `docker-archive:${archive}`, `--output=cyclonedx-json=${SBOM}`],
      {
        // It asks for newer versions of itself, unless told.
        env: { SYFT_CHECK_FOR_APP_UPDATE: 'false' },
      },
    );
    ({ components = [] } = JSON.parse(readFileSync(SBOM, 'utf8')) as { components?: Component[] });
  });

  test('npm packages are those of the lock file, and all of them', (t) => {
    const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
      packages: Readonly<Record<string, Locked>>;
    };
    const found = installed();
    for (const [folder, { version }] of found) {
      assert.equal(version, packages[folder]?.version, folder);
      assert.notEqual(packages[folder]?.dev, true, `${folder} is for development`);
    }
    const needed = Object.entries(packages).filter(
      ([folder, { dev, optional }]) => folder !== '' && !dev && !optional,
    );
    assert.deepEqual(
      needed.map(([folder]) => folder).filter((folder) => !found.has(folder)),
      [],
    );
    t.diagnostic(
      `${found.size} npm, ${of('pypi').length} Python, ${of('deb').length} Debian packages: ${SBOM}`,
    );
  });

  test('Python packages are those that are pinned by hash', () => {
    const pinned = new Set(
      [
        ...readFileSync(join(ROOT, 'requirements.txt'), 'utf8').matchAll(/^([\w.-]+==[^ ]+) (?:;.*)?\\$/gm),
      ].map(([, pin = '']) => pin.toLowerCase()),
    );
    const found = of('pypi').map(({ name, version }) => `${name}==${version}`.toLowerCase());
    assert.ok(found.length >= 7, found.join(' '));
    assert.deepEqual(
      found.filter((pin) => !pinned.has(pin)),
      [],
    );
  });

  test('licences of what we install are permissive', () => {
    const packages = [...installed().values(), ...of('pypi')];
    assert.deepEqual(
      packages
        .map((component) => ({ component, licence: licenceOf(component) }))
        .filter(({ licence }) => !isPermissive(licence))
        .map(({ component, licence }) => `${component.name}: ${licence}`),
      [],
    );
  });
});

function licenceOf({ name, licenses = [] }: Component): string {
  const told = licenses.map(({ expression, license }) => expression ?? license?.id ?? license?.name ?? '');
  return told.length > 0 ? told.join(' AND ') : (LOOKED_UP[name] ?? '');
}

/** Of an expression without brackets: all that are joined by AND; of those joined by OR, one. */
function isPermissive(expression: string): boolean {
  return expression
    .split(' AND ')
    .every((part) => part.split(' OR ').some((licence) => PERMISSIVE.has(SPELLINGS[licence] ?? licence)));
}
