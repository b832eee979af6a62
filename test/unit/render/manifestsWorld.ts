import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createLogger } from '../../../common/log.ts';
import { Folder, PRUNE_AFTER_MS, type Passed } from '../../../controller/render/manifests/folderPass.ts';
import type { ManifestFault } from '../../../controller/render/manifests/status.ts';
import type { LoomVideo } from '../../../controller/render/resources/resource.ts';
import { resourceWorld, type World } from './resourceWorld.ts';

export const ID_A = '0123456789abcdef0123456789abcdef';
export const ID_B = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa';

/** A manifest in YAML; `more` are lines of the spec. */
export function yaml(name: string, { id = ID_A, namespace = '', more = [] as string[] } = {}): string {
  return [
    'apiVersion: qudemo.dev/v1alpha1',
    'kind: LoomVideo',
    `metadata: { name: ${name}${namespace && `, namespace: ${namespace}`} }`,
    'spec:',
    `  url: https://www.loom.com/share/${id}`,
    ...more.map((line) => `  ${line}`),
    '',
  ].join('\n');
}

/** A real folder beside a real store. */
export interface ManifestsWorld extends World {
  readonly root: string;
  readonly folder: string;
  /** What was logged, as `info …` or `warn …`. */
  readonly lines: string[];
  readonly write: (file: string, text: string | Buffer) => void;
  readonly remove: (file: string) => void;
  readonly move: (from: string, to: string) => void;
  /** One look at the folder. */
  readonly pass: () => Promise<Passed>;
  /** Looks until what is missing is missed for long enough. */
  readonly settle: () => Promise<Passed>;
  /** Its errors at the last look. */
  readonly errorsOf: (file: string) => readonly ManifestFault[];
  /** As `default/name`, sorted. */
  readonly names: () => string[];
  readonly get: (name: string, namespace?: string) => LoomVideo | undefined;
  /** Another process: it knows nothing but what is stored. */
  readonly restart: () => void;
}

export function manifestsWorld(t: { after(work: () => unknown): void }): ManifestsWorld {
  const root = mkdtempSync(join(tmpdir(), 'manifests-'));
  const folder = join(root, 'videos');
  mkdirSync(folder);
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const world = resourceWorld(t);
  const { videos, clock } = world;
  const lines: string[] = [];
  const log = createLogger({
    level: 'info',
    format: 'json',
    write(line) {
      const { level, msg } = JSON.parse(line) as { level: string; msg: string };
      lines.push(`${level} ${msg}`);
    },
  });
  const make = (): Folder => new Folder({ folder, videos, clock, log });
  let looking = make();
  let last: Passed | undefined;
  const pass = async (): Promise<Passed> => (last = await looking.pass(new AbortController().signal));
  return {
    ...world,
    root,
    folder,
    lines,
    write(file, text) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), text);
    },
    remove: (file) => rmSync(join(folder, file), { recursive: true }),
    move: (from, to) => renameSync(join(folder, from), join(folder, to)),
    pass,
    async settle() {
      await pass();
      clock.pass(PRUNE_AFTER_MS);
      return pass();
    },
    errorsOf: (file) => last?.status.files.find((one) => one.file === file)?.errors ?? [],
    names: () => videos.list().items.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`),
    get: (name, namespace = 'default') => videos.get({ namespace, name }),
    restart() {
      looking = make();
    },
  };
}
