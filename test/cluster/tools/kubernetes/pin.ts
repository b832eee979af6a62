/**
 * `node test/cluster/tools/kubernetes/pin.ts v1.36.3`: writes go.mod anew for a Kubernetes version and tidies it.
 * Kubernetes' own go.mod replaces its staging modules (k8s.io/api and so on) by folders that only its repository has;
 * here each is replaced by its published version, v0.<minor>.<patch>. A replacement in a dependency does not reach us,
 * so the list is copied. Names in build/goModule.ts the same version by hand.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../command.ts';

const version = process.argv[2];
if (!version || !/^v1\.\d+\.\d+$/.test(version)) {
  process.stderr.write('usage: node test/cluster/tools/kubernetes/pin.ts v1.<minor>.<patch>\n');
  process.exit(2);
}
const folder = import.meta.dirname;
const file = join(folder, 'go.mod');

const kubernetes = JSON.parse(
  await run('go', ['mod', 'download', '-json', `k8s.io/kubernetes@${version}`]),
) as {
  GoMod: string;
};
const theirs = await readFile(kubernetes.GoMod, 'utf8');
const staging = [...theirs.matchAll(/^\s*(\S+) => \.\/staging\//gm)].map((match) => match[1]);
const ours = await readFile(file, 'utf8');
const etcd = /^\s*go\.etcd\.io\/etcd\/server\/v3 (v\S+)/m.exec(ours)?.[1];
if (!etcd) throw new Error(`${file} requires no go.etcd.io/etcd/server/v3`);

const block = (word: string, lines: readonly string[]): string =>
  `${word} (\n${lines.map((line) => `\t${line}\n`).join('')})\n`;
await writeFile(
  file,
  [
    'module loomvideo.test/cluster/tools/kubernetes\n',
    `go ${/^go (\S+)/m.exec(theirs)?.[1]}\n`,
    /^tool \([^)]*\)\n/m.exec(ours)?.[0] ?? '',
    block('require', [`go.etcd.io/etcd/server/v3 ${etcd}`, `k8s.io/kubernetes ${version}`]),
    block(
      'replace',
      staging.map((name) => `${name} => ${name} ${version.replace('v1.', 'v0.')}`),
    ),
  ].join('\n'),
);
await run('go', ['mod', 'tidy'], { cwd: folder });
