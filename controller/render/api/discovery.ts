import type { FastifyInstance } from 'fastify';
import { apiVersionOf, type Crd } from '../resources/crd.ts';
import { wantsAggregated } from './accept.ts';

/** How clients find out what there is, each in both forms: one answer for all, and one for each group and version. */

const VIDEO_VERBS = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'];
const STATUS_VERBS = ['get', 'patch', 'update'];
const READ_VERBS = ['get', 'list'];
const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/** The release of Kubernetes whose API this one was compared with. */
const KUBERNETES = { major: '1', minor: '36' };

export function serveDiscovery(app: FastifyInstance, crd: Crd): void {
  const groupVersion = apiVersionOf(crd);
  const version = { groupVersion, version: crd.version };
  const group = { name: crd.group, versions: [version], preferredVersion: version };
  const resources = [
    {
      name: crd.plural,
      singularName: crd.singular,
      namespaced: true,
      kind: crd.kind,
      verbs: VIDEO_VERBS,
      shortNames: crd.shortNames,
      categories: crd.categories,
    },
    { name: `${crd.plural}/status`, singularName: '', namespaced: true, kind: crd.kind, verbs: STATUS_VERBS },
  ];

  app.get('/version', () => ({
    ...KUBERNETES,
    gitVersion: `v${KUBERNETES.major}.${KUBERNETES.minor}.0+loomvideo`,
    platform: `${process.platform}/${process.arch}`,
  }));
  app.get('/apis', (request, reply) => {
    if (!wantsAggregated(request.headers.accept))
      return { kind: 'APIGroupList', apiVersion: 'v1', groups: [group] };
    return reply.type(AGGREGATED).send(JSON.stringify(aggregated([aggregatedGroup(crd)])));
  });
  app.get(`/apis/${crd.group}`, () => ({ kind: 'APIGroup', apiVersion: 'v1', ...group }));
  app.get(`/apis/${groupVersion}`, () => ({
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion,
    resources,
  }));
  app.get('/api', (request, reply) => {
    if (!wantsAggregated(request.headers.accept))
      return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] };
    return reply.type(AGGREGATED).send(JSON.stringify(aggregated([aggregatedCore()])));
  });
  app.get('/api/v1', () => ({
    kind: 'APIResourceList',
    groupVersion: 'v1',
    resources: [
      {
        name: 'events',
        singularName: 'event',
        namespaced: true,
        kind: 'Event',
        verbs: READ_VERBS,
        shortNames: ['ev'],
      },
      {
        name: 'namespaces',
        singularName: 'namespace',
        namespaced: false,
        kind: 'Namespace',
        verbs: READ_VERBS,
        shortNames: ['ns'],
      },
    ],
  }));
}

function aggregated(items: readonly object[]): object {
  return { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', metadata: {}, items };
}

function aggregatedGroup({ group, version, kind, plural, singular, shortNames, categories }: Crd): object {
  const responseKind = { group, version, kind };
  return {
    metadata: { name: group },
    versions: [
      {
        version,
        freshness: 'Current',
        resources: [
          {
            resource: plural,
            responseKind,
            scope: 'Namespaced',
            singularResource: singular,
            verbs: VIDEO_VERBS,
            shortNames,
            categories,
            subresources: [{ subresource: 'status', responseKind, verbs: STATUS_VERBS }],
          },
        ],
      },
    ],
  };
}

function aggregatedCore(): object {
  return {
    metadata: {},
    versions: [
      {
        version: 'v1',
        freshness: 'Current',
        resources: [
          coreResource('event', 'Event', 'Namespaced', 'ev'),
          coreResource('namespace', 'Namespace', 'Cluster', 'ns'),
        ],
      },
    ],
  };
}

function coreResource(name: string, kind: string, scope: string, shortName: string): object {
  return {
    resource: `${name}s`,
    responseKind: { group: '', version: 'v1', kind },
    scope,
    singularResource: name,
    verbs: READ_VERBS,
    shortNames: [shortName],
  };
}
