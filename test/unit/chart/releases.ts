/** Ways to install the chart that each are another story; together they render every template. */
export type Values = Readonly<Record<string, unknown>>;

/** Values by the name of the way. `videos`: a namespace that is there. */
export function releases(videos: string): Readonly<Record<string, Values>> {
  return {
    'as it comes': {},
    'without any key': { embedded: { enabled: true, namespace: videos, storageClass: 'fast' } },
    'for some namespaces': { watchNamespaces: [videos], rbac: { aggregateToUserRoles: false } },
    'with services': { credentialsSecret: 'loomvideo-credentials', scope: 'cluster-a' },
    'with everything': everything(videos),
  };
}

function everything(videos: string): Values {
  const toleration = { key: 'media', operator: 'Exists', effect: 'NoSchedule' };
  return {
    image: {
      repository: 'registry.example.com/loomvideo-operator',
      digest: `sha256:${'0123456789abcdef'.repeat(4)}`,
      pullPolicy: 'IfNotPresent',
    },
    imagePullSecrets: [{ name: 'registry' }],
    replicaCount: 2,
    watchNamespaces: [videos],
    credentialsSecret: 'loomvideo-credentials',
    maxConcurrent: 20,
    maxConcurrentPerNamespace: 4,
    workers: 16,
    kubeApi: { qps: 50.5, burst: 100 },
    logLevel: 'debug',
    proxy: { http: 'http://proxy:3128', https: 'http://proxy:3128', noProxy: '.svc,10.0.0.0/8' },
    caBundle: { configMap: 'ca-bundle', key: 'bundle.pem' },
    runAsUser: 20_001,
    runAsGroup: 20_002,
    job: {
      image: { tag: '0.1.0-media', pullPolicy: 'Always' },
      imagePullSecrets: [{ name: 'registry' }],
      cpuRequest: '1',
      cpuLimit: '2',
      ephemeralStorageRequest: '300Mi',
      ttlSecondsAfterFinished: 600,
      env: [{ name: 'LOG_LEVEL', value: 'debug' }],
      volumes: [{ name: 'scratch', emptyDir: {} }],
      volumeMounts: [{ name: 'scratch', mountPath: '/scratch' }],
      labels: { team: 'media' },
      annotations: { 'sidecar.istio.io/inject': 'false' },
      nodeSelector: { pool: 'media' },
      tolerations: [toleration],
      affinity: { nodeAffinity: {} },
      priorityClassName: 'batch',
      runtimeClassName: 'gvisor',
      serviceAccountName: 'jobs',
    },
    podLabels: { team: 'media' },
    podAnnotations: { note: 'x' },
    extraEnv: [{ name: 'NODE_OPTIONS', value: '--max-semi-space-size=4' }],
    extraVolumes: [{ name: 'extra', emptyDir: {} }],
    extraVolumeMounts: [{ name: 'extra', mountPath: '/extra' }],
    nodeSelector: { pool: 'system' },
    tolerations: [toleration],
    topologySpreadConstraints: [
      { maxSkew: 1, topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'ScheduleAnyway' },
    ],
    annotations: { note: 'x' },
    commonLabels: { owner: 'platform' },
    serviceAccount: { annotations: { note: 'x' } },
    metrics: {
      port: 9090,
      service: { annotations: { note: 'x' } },
      serviceMonitor: { enabled: true, labels: { release: 'prometheus' } },
      prometheusRule: { enabled: true, labels: { release: 'prometheus' }, alertLabels: { team: 'media' } },
    },
    networkPolicy: {
      enabled: true,
      apiServerCidrs: ['10.0.0.1/32'],
      metricsFrom: [{ namespaceSelector: { matchLabels: { name: 'monitoring' } } }],
      extraEgress: [{ ports: [{ port: 4317 }] }],
      job: { extraEgress: [{ ports: [{ port: 3128 }] }] },
    },
  };
}
