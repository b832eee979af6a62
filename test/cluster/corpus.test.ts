/** The LoomVideo kind on a real apiserver: it judges specs as Ajv does, and shows what kubectl users expect. */
import assert from 'node:assert/strict';
import { before, suite, test } from 'node:test';
import type { LoomVideoObject } from '../../controller/kubernetes/objects.ts';
import { loomVideoPath, loomVideosPath } from '../../controller/kubernetes/paths.ts';
import { parseSpec } from '../../jobrunner/contract/spec.ts';
import { SPEC_CASES, type SpecCase } from '../support/specCorpus.ts';
import type { Cluster } from './cluster.ts';
import type { Answer, Apiserver } from './support/apiserver.ts';
import { makeNamespace } from './support/namespace.ts';
import { openPlayedCluster, URL } from './support/playedWorld.ts';

/** A refusal of the apiserver. */
interface Status {
  readonly reason: string;
  readonly message: string;
  readonly details?: { readonly causes?: readonly { readonly field?: string; readonly message?: string }[] };
}

const OTHER_URL = 'https://www.loom.com/share/fedcba9876543210fedcba9876543210';

suite('a real apiserver', () => {
  let cluster: Cluster;
  let apiserver: Apiserver;
  before(async () => {
    ({ cluster, apiserver } = await openPlayedCluster());
  });

  const dryRun = (spec: unknown): Promise<Answer> =>
    apiserver.ask('POST', loomVideosPath('default'), {
      query: { dryRun: 'All', fieldValidation: 'Strict' },
      body: manifest('demo', spec),
    });

  test(`judges ${SPEC_CASES.length} specs as Ajv does`, async (t) => {
    const disagreements: string[] = [];
    for (const one of SPEC_CASES) {
      const wrong = disagreement(one, await dryRun(one.spec));
      if (wrong !== undefined) disagreements.push(`${one.what.slice(0, 120)}: ${wrong}`);
    }
    t.diagnostic(`${SPEC_CASES.filter(({ faults }) => faults.length === 0).length} of them valid`);
    assert.deepEqual(disagreements, []);
  });

  test('refuses what the schema does not know, when asked to be strict', async () => {
    const { status, body } = await dryRun({ url: URL, limits: { maxHight: 480 } });
    assert.equal(status, 400);
    assert.match((body as Status).message, /unknown field "spec\.limits\.maxHight"/);
  });

  test('keeps the link of a video as it was made', async (t) => {
    const namespace = await makeNamespace(t, cluster);
    await apiserver.create(loomVideosPath(namespace), manifest('demo', { url: URL }));
    const change = (spec: object) =>
      apiserver.ask('PATCH', loomVideoPath(namespace, 'demo'), {
        body: { spec },
        type: 'application/merge-patch+json',
      });
    const { status, body } = await change({ url: OTHER_URL });
    assert.equal(status, 422);
    const said = 'url is immutable; create another LoomVideo for another video';
    assert.deepEqual(causes(body as Status), [`spec.url: Invalid value: "${OTHER_URL}": ${said}`]);
    assert.equal((await change({ maxAttempts: 5 })).status, 200);
  });

  test('takes the status by its own way only', async (t) => {
    const namespace = await makeNamespace(t, cluster);
    const path = loomVideoPath(namespace, 'demo');
    const status = { phase: 'Running', attempts: 1 };
    const made = await apiserver.create<LoomVideoObject>(loomVideosPath(namespace), {
      ...manifest('demo', { url: URL }),
      status,
    });
    assert.equal(made.status, undefined);
    const edited = await apiserver.patch<LoomVideoObject>(path, { status, spec: { suspend: true } });
    assert.deepEqual([edited.status, edited.metadata.generation], [undefined, 2]);
    const written = await apiserver.patch<LoomVideoObject>(`${path}/status`, {
      status,
      spec: { suspend: false },
    });
    assert.deepEqual([written.status, written.metadata.generation], [status, 2]);
    assert.equal((written.spec as { suspend: boolean }).suspend, true);
  });

  test('shows the columns, by its short name and in its categories', async (t) => {
    const namespace = await makeNamespace(t, cluster);
    await apiserver.create(loomVideosPath(namespace), manifest('demo', { url: URL }));
    await apiserver.patch(`${loomVideoPath(namespace, 'demo')}/status`, {
      status: {
        phase: 'Ready',
        stage: 'index',
        attempts: 2,
        video: { title: 'A_demo', durationSeconds: 61.5 },
        memory: { peakMb: 312, limitMb: 400, afterMb: 90 },
      },
    });
    for (const name of ['lv', 'loomvideo', 'loomvideos.v1alpha1.qudemo.dev', 'qudemo']) {
      const [head = '', row = ''] = (await cluster.kubectl('get', name, `--namespace=${namespace}`)).split(
        '\n',
      );
      assert.match(head, /^NAME +PHASE +TITLE +DURATION +STAGE +ATTEMPTS +PEAK MEMORY +AGE/, name);
      assert.match(row, /demo +Ready +A_demo +61\.5 +index +2 +312 +\d+s/, name);
    }
    assert.match(
      await cluster.kubectl('get', 'all', `--namespace=${namespace}`),
      /loomvideo\.qudemo\.dev\/demo/,
    );
  });

  test('explains each field of a spec', async () => {
    const fields = await cluster.kubectl('explain', 'loomvideo.spec', '--recursive');
    const paths = fieldPaths(fields);
    assert.ok(paths.length > 20, fields);
    for (const path of paths.filter((field) => !/Ref\.(name|key)$/.test(field))) {
      const text = await cluster.kubectl('explain', `loomvideo.spec.${path}`);
      assert.match(text, /DESCRIPTION:\n\s+(?!<empty>)\S+/, `spec.${path}`);
    }
  });
});

function manifest(name: string, spec: unknown): object {
  return { apiVersion: 'qudemo.dev/v1alpha1', kind: 'LoomVideo', metadata: { name }, spec };
}

/** In what the apiserver judges a spec otherwise than the case says; undefined: in nothing. */
function disagreement({ spec, faults }: SpecCase, { status, body }: Answer): string | undefined {
  if (faults.length === 0) {
    if (status !== 201) return `refused: ${causes(body as Status).join('; ')}`;
    const defaulted = JSON.stringify(sorted((body as LoomVideoObject).spec));
    const ours = JSON.stringify(sorted(parseSpec(spec)));
    return defaulted === ours ? undefined : `becomes ${defaulted}, for us ${ours}`;
  }
  if (status !== 422 && status !== 400) return `answered ${status}`;
  const named = pathsOf(body as Status);
  const missing = faults.filter((fault) => !named.includes(fault));
  return missing.length === 0 ? undefined : `names ${named.join(', ')}, not ${missing.join(', ')}`;
}

function causes({ message, details }: Status): string[] {
  return details?.causes?.map((cause) => `${cause.field}: ${cause.message}`) ?? [message];
}

function pathsOf({ message, details }: Status): string[] {
  return details?.causes?.flatMap(({ field }) => field ?? []) ?? message.match(/spec(\.\w+)*/g) ?? [];
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, part]) => [key, sorted(part)]),
  );
}

/** From what `kubectl explain --recursive` prints: a name per line, indented by two more spaces per level. */
function fieldPaths(text: string): string[] {
  const [, fields = ''] = text.split(/^FIELDS:$/m);
  const stack: string[] = [];
  return fields.split('\n').flatMap((line) => {
    const [, indent = '', name] = /^( +)(\w+)\t/.exec(line) ?? [];
    if (name === undefined) return [];
    stack.length = indent.length / 2 - 1;
    stack.push(name);
    return [stack.join('.')];
  });
}
