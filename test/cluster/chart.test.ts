/** The Helm chart, rendered by Helm: what it grants, what it hands to the controller, what it refuses. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, suite, test } from 'node:test';
import { parse } from 'yaml';
import { readControllerConfig } from '../../controller/config.ts';
import { OURS } from '../../controller/kubernetes/job/labels.ts';
import { parseJobSettings, type JobSettings } from '../../controller/kubernetes/job/settings.ts';
import { Metrics } from '../../controller/kubernetes/telemetry/metrics.ts';
import { releases, type Values } from '../unit/chart/releases.ts';
import { CHART, helm, IMAGE, only, renderChart, ROOT, type Manifest } from '../unit/chart/renderChart.ts';

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}
interface Role {
  readonly rules: readonly Rule[];
}
interface Container {
  readonly image: string;
  readonly env: readonly { readonly name: string; readonly value?: string }[];
  readonly securityContext: unknown;
  readonly resources: { readonly limits: { readonly memory: string } };
}
interface PodSpec {
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly containers: readonly [Container];
  readonly volumes?: readonly Readonly<Record<string, unknown>>[];
}
interface DeploymentSpec {
  readonly replicas: number;
  readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
  readonly template: Pick<Manifest, 'metadata'> & { readonly spec: PodSpec };
}

/** All that the controller may do, as `group/resource: verbs`. */
const GRANTED = [
  'batch/jobs: get, list, watch, create, patch, delete',
  'core/events: list, create',
  'core/namespaces: get',
  'core/pods: get, list, watch',
  'qudemo.dev/loomvideos/finalizers: update',
  'qudemo.dev/loomvideos/status: patch',
  'qudemo.dev/loomvideos: get, list, watch, patch',
];

for (const [way, values] of Object.entries(releases('videos')))
  suite(`the chart ${way}`, () => {
    let objects: readonly Manifest[];
    before(async () => {
      objects = await renderChart(values);
    });

    test('passes lint', async () => {
      await helm(['lint', '--strict', CHART], { image: { repository: IMAGE }, ...values });
    });

    test('grants what the controller calls and no more, nowhere a Secret', () => {
      for (const object of objects.filter(({ kind }) => /^(Cluster)?Role$/.test(kind)))
        for (const { apiGroups, resources, verbs } of (object as Manifest & Role).rules) {
          assert.ok(![...apiGroups, ...resources, ...verbs].includes('*'), object.metadata.name);
          assert.ok(!resources.some((resource) => /secret/i.test(resource)), object.metadata.name);
        }
      const whose = objects.filter(({ kind }) => /^(Cluster)?RoleBinding$/.test(kind));
      const bound = new Set(whose.map((binding) => (binding['roleRef'] as { name: string }).name));
      const own = objects.filter(
        ({ kind, metadata }) => /^(Cluster)?Role$/.test(kind) && bound.has(metadata.name),
      );
      const leases = own.filter(({ metadata }) => metadata.name.endsWith('-lease'));
      const [lease] = leases as (Manifest & Role)[];
      assert.equal(leases.length, 1);
      assert.equal(lease?.metadata.namespace, 'operators');
      assert.deepEqual(grants(lease?.rules ?? []), [
        'coordination.k8s.io/leases: create',
        'coordination.k8s.io/leases: get, update of loomvideo-loomvideo-operator',
      ]);
      const namespaced = 'watchNamespaces' in values || 'embedded' in values;
      const deletions = own.filter(({ metadata }) => metadata.name.endsWith('-deletion'));
      assert.deepEqual(
        deletions.map((role) => [role.kind, ...grants((role as Manifest & Role).rules)]),
        namespaced ? [['ClusterRole', 'core/namespaces: get of videos', 'qudemo.dev/loomvideos: patch']] : [],
      );
      const apart = new Set([...leases, ...deletions]);
      const [main, ...others] = own.filter((role) => !apart.has(role)) as (Manifest & Role)[];
      assert.deepEqual(others, []);
      assert.deepEqual(grants(main?.rules ?? []), GRANTED);
      assert.equal(main?.kind, namespaced ? 'Role' : 'ClusterRole');
      assert.equal(main?.metadata.namespace, namespaced ? 'videos' : undefined);
      for (const binding of whose)
        assert.deepEqual(binding['subjects'], [
          { kind: 'ServiceAccount', name: 'loomvideo-loomvideo-operator', namespace: 'operators' },
        ]);
    });

    test('runs its pods as restricted as Pod Security knows', () => {
      const pods = [deploymentOf(objects).template.spec, podOfTest(objects)];
      for (const { securityContext, containers, volumes = [] } of pods) {
        const { runAsUser, runAsGroup, ...rest } = securityContext;
        const [user, group] = [values['runAsUser'] ?? 10_001, values['runAsGroup'] ?? 10_001];
        assert.deepEqual([runAsUser, runAsGroup], [user, group]);
        assert.deepEqual(rest, { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
        assert.equal(containers.length, 1);
        assert.deepEqual(containers[0].securityContext, {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
        assert.match(containers[0].resources.limits.memory, /Mi$/);
        assert.deepEqual(
          volumes.filter((volume) => 'secret' in volume || 'hostPath' in volume),
          [],
        );
      }
    });

    test('names all that it can bear a namespace for, and its version', () => {
      const cluster = /^(CustomResourceDefinition|ClusterRole|ClusterRoleBinding)$/;
      for (const { kind, metadata } of objects) {
        assert.equal(metadata.namespace === undefined, cluster.test(kind), `${kind} ${metadata.name}`);
        assert.equal(metadata.labels?.['app.kubernetes.io/managed-by'], 'Helm');
        assert.ok(metadata.labels?.['app.kubernetes.io/version']);
      }
    });

    test('makes no Secret, and nothing that the controller would take for its own', () => {
      assert.deepEqual(
        objects.filter(({ kind }) => kind === 'Secret'),
        [],
      );
      for (const { kind, metadata } of objects)
        assert.ok(!OURS.split(',').every((pair) => carries(metadata.labels, pair)), kind);
    });

    test('hands the controller what it takes', () => {
      const config = configOf(objects);
      assert.equal(config.leaseName, 'loomvideo-loomvideo-operator');
      assert.equal(config.jobSettingsFile, '/etc/loomvideo/job.json');
      assert.ok(settingsOf(objects).image.startsWith(IMAGE));
    });

    test('brings the resource, unchanged, to stay', () => {
      const source = parse(readFileSync(join(ROOT, 'crds/loomvideos.yaml'), 'utf8')) as Manifest;
      const { metadata, ...rest } = only(objects, 'CustomResourceDefinition');
      const { metadata: expected, ...same } = source;
      assert.deepEqual(rest, same);
      assert.equal(metadata.name, expected.name);
      assert.equal(metadata.annotations?.['helm.sh/resource-policy'], 'keep');
    });
  });

suite('the values', () => {
  test('as they come: all namespaces, five videos at once, the image of the controller', async () => {
    const objects = await renderChart();
    const { watchNamespaces, maxConcurrent, scope, workers } = configOf(objects);
    assert.deepEqual([watchNamespaces, maxConcurrent, scope, workers], [undefined, 5, 'kubernetes', 8]);
    const defaults = parseJobSettings({ image: `${IMAGE}:0.1.0` });
    assert.deepEqual(settingsOf(objects), defaults, "the chart's defaults are the controller's");
    assert.deepEqual(objects.map(({ kind }) => kind).sort(), [
      ...['ClusterRole', 'ClusterRole', 'ClusterRole', 'ClusterRoleBinding', 'ConfigMap'],
      ...['CustomResourceDefinition', 'Deployment', 'Pod', 'Role', 'RoleBinding', 'Service'],
      'ServiceAccount',
    ]);
  });

  test('without any key: one namespace, one video at a time, a volume that stays', async () => {
    const objects = await renderChart({ maxConcurrent: 9, embedded: { enabled: true } });
    const { watchNamespaces, maxConcurrent } = configOf(objects);
    assert.deepEqual([watchNamespaces, maxConcurrent], [['operators'], 1]);
    const { metadata, spec } = only(objects, 'PersistentVolumeClaim');
    assert.deepEqual(settingsOf(objects).embedded, { claimName: metadata.name });
    assert.equal(metadata.namespace, 'operators');
    assert.equal(metadata.annotations?.['helm.sh/resource-policy'], 'keep');
    assert.deepEqual(spec, {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '1Gi' } },
    });
  });

  test('the volume of the search example is the one the chart makes', async () => {
    const claim = only(await renderChart({ embedded: { enabled: true } }), 'PersistentVolumeClaim');
    const example = readFileSync(join(ROOT, 'docs/kubernetes/examples/search.yaml'), 'utf8');
    const { spec } = parse(example) as { spec: { volumes: [{ persistentVolumeClaim: unknown }] } };
    assert.deepEqual(spec.volumes[0].persistentVolumeClaim, { claimName: claim.metadata.name });
  });

  test('a claim that is there is used, and none made', async () => {
    const objects = await renderChart({ embedded: { enabled: true, existingClaim: 'mine' } });
    assert.deepEqual(settingsOf(objects).embedded, { claimName: 'mine' });
    assert.ok(!objects.some(({ kind }) => kind === 'PersistentVolumeClaim'));
  });

  test('all of them arrive', async () => {
    const everything = releases('videos')['with everything'] ?? {};
    const objects = await renderChart(everything);
    const { logLevel, qps, burst, maxConcurrentPerNamespace, port } = configOf(objects);
    assert.deepEqual([logLevel, qps, burst, maxConcurrentPerNamespace, port], ['debug', 50.5, 100, 4, 9090]);
    const { image: _image, imagePullSecrets, ...job } = everything['job'] as Record<string, unknown>;
    assert.deepEqual(settingsOf(objects), {
      ...parseJobSettings({ image: IMAGE }),
      ...job,
      imagePullSecrets,
      image: `${IMAGE}:0.1.0-media`,
      imagePullPolicy: 'Always',
      runAsUser: 20_001,
      runAsGroup: 20_002,
      credentialsSecret: 'loomvideo-credentials',
      proxy: { http: 'http://proxy:3128', https: 'http://proxy:3128', no: '.svc,10.0.0.0/8' },
      caBundle: { configMap: 'ca-bundle', key: 'bundle.pem' },
    });
    const { replicas, template } = deploymentOf(objects);
    assert.equal(replicas, 2);
    assert.match(template.spec.containers[0].image, /operator@sha256:[0-9a-f]{64}$/);
    assert.deepEqual(only(objects, 'PodDisruptionBudget')['spec'], {
      maxUnavailable: 1,
      selector: { matchLabels: selectorOf(objects) },
    });
  });

  test('the image of the Jobs may be another', async () => {
    const image = { repository: 'other.example.com/jobrunner', tag: '7' };
    const objects = await renderChart({ job: { image } });
    assert.equal(settingsOf(objects).image, 'other.example.com/jobrunner:7');
    assert.equal(deploymentOf(objects).template.spec.containers[0].image, `${IMAGE}:0.1.0`);
  });

  test('other settings of the Jobs are other pods of the controller', async () => {
    const checksum = async (values: Values): Promise<unknown> => {
      const { template } = deploymentOf(await renderChart(values));
      return template.metadata.annotations?.['checksum/job-settings'];
    };
    assert.notEqual(await checksum({}), await checksum({ job: { cpuLimit: '1' } }));
  });

  test('the resource can be left to others', async () => {
    const objects = await renderChart({ crd: { install: false } });
    assert.ok(!objects.some(({ kind }) => kind === 'CustomResourceDefinition'));
  });

  test('the network lets the controller reach the API server, and Jobs the internet', async () => {
    const objects = await renderChart({ watchNamespaces: ['a', 'b'], networkPolicy: { enabled: true } });
    const policies = objects.filter(({ kind }) => kind === 'NetworkPolicy');
    assert.deepEqual(
      policies.map(({ metadata }) => metadata.namespace),
      ['operators', 'a', 'b'],
    );
    interface Policy {
      readonly podSelector: { readonly matchLabels: Readonly<Record<string, string>> };
      readonly policyTypes: readonly string[];
      readonly ingress?: unknown;
      readonly egress: readonly {
        readonly ports: readonly { readonly port: number }[];
        readonly to?: unknown;
      }[];
    }
    const [controller, job] = policies.map(({ spec }) => spec as Policy);
    assert.deepEqual(controller?.podSelector.matchLabels, selectorOf(objects));
    assert.deepEqual(portsOf(controller?.egress ?? []), [53, 53, 443, 6443]);
    assert.ok(OURS.split(',').every((pair) => carries(job?.podSelector.matchLabels, pair)));
    assert.deepEqual(job?.policyTypes, ['Ingress', 'Egress']);
    assert.equal(job?.ingress, undefined);
    assert.deepEqual(portsOf(job?.egress ?? []), [53, 53, 443]);
    assert.match(JSON.stringify(job?.egress[1]?.to), /"except":\["169\.254\.0\.0\/16"\]/);
  });

  test('alerts ask for metrics that there are', async () => {
    const metrics = new Metrics();
    metrics.read({
      phases: () => new Map(),
      purgesOverdue: () => 0,
      queueDepth: () => 0,
      queueDelayed: () => 0,
      placesTaken: () => 0,
      longestRunningSeconds: () => 0,
      watchAges: () => new Map(),
    });
    const known = new Set(metrics.registry.getMetricsAsArray().map(({ name }) => name));
    const objects = await renderChart({ metrics: { prometheusRule: { enabled: true } } });
    const { groups } = only(objects, 'PrometheusRule')['spec'] as {
      groups: [{ rules: { alert: string; expr: string; annotations: Record<string, string> }[] }];
    };
    const { rules } = groups[0];
    assert.deepEqual(
      rules.map(({ alert }) => alert.replace('LoomVideo', '')),
      ['Failed', 'PurgeOverdue', 'OOMKills', 'ControllerDown', 'WatchStale'],
    );
    for (const { expr, annotations } of rules) {
      const [, name = ''] = /([a-z_]+)\{/.exec(expr) ?? [];
      assert.ok(known.has(name), expr);
      assert.match(expr, /job="loomvideo-loomvideo-operator-metrics", namespace="operators"/);
      assert.match(annotations['summary'] ?? '', /\S/);
    }
  });
});

suite('values that are refused, with what is wrong', () => {
  const refused: Readonly<Record<string, readonly [values: Values, message: RegExp]>> = {
    'no image': [
      { image: { repository: '' } },
      /image\.repository: name where the operator's image was pushed/,
    ],
    'a name that is no value': [{ replicas: 2 }, /additional properties 'replicas' not allowed/],
    'a name that is no value of the Jobs': [{ job: { cpuLimits: '1' } }, /'\/job'.*'cpuLimits' not allowed/],
    'no replica': [{ replicaCount: 0 }, /'\/replicaCount': minimum/],
    'namespaces in one text': [{ watchNamespaces: 'a,b' }, /'\/watchNamespaces': got string, want array/],
    'a namespace of capitals': [{ watchNamespaces: ['A'] }, /'\/watchNamespaces\/0'.*does not match pattern/],
    'a size that is none': [{ embedded: { size: 'much' } }, /'\/embedded\/size'.*does not match pattern/],
    'a log level that is none': [{ logLevel: 'verbose' }, /'\/logLevel': value must be one of/],
    'a secret for Jobs': [
      { job: { env: [{ name: 'KEY', valueFrom: { secretKeyRef: { name: 'a', key: 'b' } } }] } },
      /'\/job\/env\/0'.*'valueFrom' not allowed/s,
    ],
    root: [{ runAsUser: 0 }, /'\/runAsUser': minimum/],
    'a volume for two namespaces': [
      { embedded: { enabled: true }, watchNamespaces: ['a', 'b'] },
      /the volume serves one namespace, operators\. Leave watchNamespaces empty/,
    ],
    'a volume and a Secret': [
      { embedded: { enabled: true }, credentialsSecret: 'a' },
      /embedded\.enabled and credentialsSecret contradict each other/,
    ],
    'Jobs to confine, but not where': [
      { networkPolicy: { enabled: true } },
      /networkPolicy\.job\.namespaces: name the namespaces with LoomVideos/,
    ],
    'an account to use, but not which': [
      { serviceAccount: { create: false } },
      /serviceAccount\.name: name the ServiceAccount to use/,
    ],
  };
  for (const [what, [values, message]] of Object.entries(refused))
    test(what, async () => {
      await assert.rejects(renderChart(values), message);
    });
});

suite('the notes', () => {
  const notes = async (values: Values): Promise<string> => {
    const args = ['install', 'loomvideo', CHART, '--namespace=operators', '--dry-run=client'];
    const text = await helm(args, { image: { repository: IMAGE }, ...values });
    return text.slice(text.indexOf('\nNOTES:'));
  };

  test('say what comes next, and what comes before uninstalling', async () => {
    const text = await notes({});
    assert.match(text, /watches all namespaces\./);
    assert.match(text, /kubectl -n default create secret generic loomvideo-credentials/);
    assert.match(text, /BEFORE helm uninstall, delete the LoomVideos/);
    assert.match(text, /kubectl delete loomvideos --all --all-namespaces/);
  });

  test('ask for no Secret where none is needed', async () => {
    const text = await notes({ embedded: { enabled: true } });
    assert.match(text, /Without keys: .* loomvideo-loomvideo-operator-data in operators/);
    assert.doesNotMatch(text, /create secret|credentialsSecretRef/);
  });
});

function grants(rules: readonly Rule[]): string[] {
  return rules
    .flatMap(({ apiGroups, resources, verbs, resourceNames }) =>
      apiGroups.flatMap((group) =>
        resources.map(
          (resource) =>
            `${group || 'core'}/${resource}: ${verbs.join(', ')}${resourceNames ? ` of ${resourceNames.join(', ')}` : ''}`,
        ),
      ),
    )
    .sort();
}

/** The environment of the controller, read as it reads it. */
function configOf(objects: readonly Manifest[]): ReturnType<typeof readControllerConfig> {
  const { env } = deploymentOf(objects).template.spec.containers[0];
  const named = env.map(({ name, value }) => [name, value ?? 'from-the-pod'] as const);
  return readControllerConfig(Object.fromEntries(named));
}

/** The file of the Jobs' settings, read as the controller reads it. */
function settingsOf(objects: readonly Manifest[]): JobSettings {
  const { data } = only(objects, 'ConfigMap') as unknown as { data: Record<string, string> };
  return parseJobSettings(JSON.parse(data['job.json'] ?? ''));
}

function podOfTest(objects: readonly Manifest[]): PodSpec {
  return only(objects, 'Pod')['spec'] as PodSpec;
}

function deploymentOf(objects: readonly Manifest[]): DeploymentSpec {
  return only(objects, 'Deployment')['spec'] as DeploymentSpec;
}

function selectorOf(objects: readonly Manifest[]): Readonly<Record<string, string>> {
  return deploymentOf(objects).selector.matchLabels;
}

function portsOf(egress: readonly { readonly ports: readonly { readonly port: number }[] }[]): number[] {
  return egress.flatMap(({ ports }) => ports.map(({ port }) => port));
}

function carries(labels: Readonly<Record<string, string>> | undefined, pair: string): boolean {
  const [name = '', value] = pair.split('=');
  return labels?.[name] === value;
}
