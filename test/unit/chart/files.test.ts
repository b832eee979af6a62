/** What of the chart can be checked without Helm; test/cluster/chart*.test.ts render it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { parse } from 'yaml';
import { ROOT } from './renderChart.ts';
import { defaultValues, isValues, readChart, valuesSchema } from './values.ts';

interface Schema {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
}

suite('the files of the chart', () => {
  test('hold the resource as crds/ has it', () => {
    const source = readFileSync(join(ROOT, 'crds/loomvideos.yaml'), 'utf8');
    assert.equal(readChart('files/loomvideos.yaml'), source, 'stale; run: npm run generate');
  });

  test('have the version of the project', () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
    const chart = parse(readChart('Chart.yaml')) as { version: string; appVersion: string };
    assert.deepEqual([chart.version, chart.appVersion], [version, version]);
    assert.match(readFileSync(join(ROOT, 'Dockerfile'), 'utf8'), new RegExp(`^ARG VERSION=${version}$`, 'm'));
  });

  test('have defaults that the schema takes', () => {
    assert.equal(isValues(defaultValues()), true, JSON.stringify(isValues.errors));
  });

  test('describe every value in the schema, and no other', () => {
    const described = pathsOf(valuesSchema as Schema).filter((path) => path !== 'global');
    // null, {} and [] are values too; what only a resource list may hold besides has no default.
    const values = defaultValues();
    assert.deepEqual(
      described.filter((path) => at(values, path) === undefined),
      ['resources.claims'],
    );
  });
});

function pathsOf({ properties = {} }: Schema, above = ''): string[] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    const path = above + name;
    return schema.properties ? [path, ...pathsOf(schema, `${path}.`)] : [path];
  });
}

function at(values: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], values);
}
