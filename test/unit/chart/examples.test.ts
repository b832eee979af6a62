/** The manifests in docs/kubernetes/examples: what people copy has to work. */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { suite, test } from 'node:test';
import { parse, parseAllDocuments } from 'yaml';
import { parseSpec } from '../../../jobrunner/contract/spec.ts';
import { ROOT, type Manifest } from './renderChart.ts';
import { isValues } from './values.ts';

const EXAMPLES = join(ROOT, 'docs/kubernetes/examples');
const files = globSync('**/*.yaml', { cwd: EXAMPLES }).sort();
const read = (file: string): string => readFileSync(join(EXAMPLES, file), 'utf8');
const objectsOf = (file: string): Manifest[] =>
  parseAllDocuments(read(file)).map((document) => {
    assert.deepEqual(document.errors, [], file);
    return document.toJS() as Manifest;
  });
const all = files.flatMap(objectsOf);
const ofKind = (kind: string): Manifest[] => all.filter((object) => object.kind === kind);

suite('the examples', () => {
  test('are all Kubernetes objects', () => {
    assert.ok(files.length >= 8, files.join(', '));
    for (const { apiVersion, kind } of all) assert.ok(apiVersion && kind);
  });

  test('hold LoomVideos that the schema takes, with no field that it does not know', () => {
    const videos = ofKind('LoomVideo');
    assert.equal(videos.length, 2);
    for (const { apiVersion, metadata, spec } of videos) {
      assert.equal(apiVersion, 'qudemo.dev/v1alpha1');
      const known = leavesOf(parseSpec(spec));
      assert.deepEqual(
        leavesOf(spec).filter((path) => !known.includes(path)),
        [],
        metadata.name,
      );
    }
  });

  test('hold values that the chart takes', () => {
    const [release] = ofKind('HelmRelease').map(({ spec }) => spec as { values: unknown });
    const application = ofKind('Application').find(({ metadata }) => metadata.name === 'loomvideo-operator');
    assert.ok(application);
    const { source } = application['spec'] as { source: { path: string; helm: { valuesObject: unknown } } };
    for (const values of [release?.values, source.helm.valuesObject])
      assert.equal(isValues(values), true, JSON.stringify(isValues.errors));
    assert.ok(existsSync(join(ROOT, source.path, 'Chart.yaml')));
  });

  test('name files that are there', () => {
    for (const file of files.filter((name) => name.endsWith('kustomization.yaml'))) {
      const { resources } = parse(read(file)) as { resources: string[] };
      for (const resource of resources)
        assert.ok(existsSync(join(EXAMPLES, dirname(file), resource)), resource);
    }
  });

  test('have Flux wait for videos that are in the folder', () => {
    const kustomizations = ofKind('Kustomization').filter(({ apiVersion }) => /fluxcd/.test(apiVersion));
    const names = new Set(ofKind('LoomVideo').map(({ metadata }) => metadata.name));
    assert.equal(kustomizations.length, 1);
    for (const { spec } of kustomizations)
      for (const check of (spec as { healthChecks: { kind: string; name: string }[] }).healthChecks) {
        assert.equal(check.kind, 'LoomVideo');
        assert.ok(names.has(check.name), check.name);
      }
  });

  test('give Argo CD the health check that is tested', () => {
    const { data } = ofKind('ConfigMap')[0] as unknown as { data: Record<string, string> };
    assert.deepEqual(data, {
      'resource.customizations.health.qudemo.dev_LoomVideo': read('argocd/health.lua'),
    });
  });
});

suite('the documents', () => {
  const folder = join(ROOT, 'docs/kubernetes');
  for (const name of globSync('*.md', { cwd: folder }))
    test(`${name} links to files that are there`, () => {
      const text = readFileSync(join(folder, name), 'utf8');
      for (const [, link = ''] of text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g))
        assert.ok(existsSync(join(folder, link)), link);
    });
});

function leavesOf(value: unknown, above = ''): string[] {
  if (typeof value !== 'object' || value === null) return [above];
  return Object.entries(value).flatMap(([key, part]) => leavesOf(part, `${above}.${key}`));
}
