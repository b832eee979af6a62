import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { apiVersionOf, type Crd } from '../resources/crd.ts';
import { LIST_META, OBJECT_META } from './metaSchemas.ts';

/**
 * OpenAPI v3, from the CRD: kubectl reads it for `explain`, and to learn that manifests are validated here (the query
 * parameter `fieldValidation`) and how patches are to be sent.
 */
export function serveOpenApi(app: FastifyInstance, crd: Crd): void {
  const text = JSON.stringify(documentOf(crd));
  const hash = createHash('sha256').update(text).digest('hex').toUpperCase();
  const path = `apis/${apiVersionOf(crd)}`;
  app.get('/openapi/v3', () => ({
    paths: { [path]: { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` } },
  }));
  app.get('/openapi/v2', (request, reply) =>
    (request.headers.accept ?? '').includes('protobuf')
      ? reply.type('application/com.github.proto-openapi.spec.v2.v1.0+protobuf').send(EMPTY_V2)
      : reply.send({ swagger: '2.0', info: { title: 'LoomVideo', version: crd.version }, paths: {} }),
  );
  app.get(`/openapi/v3/${path}`, (_request, reply) => reply.type('application/json').send(text));
}

/**
 * `swagger: "2.0"` in protobuf, and no more. kubectl asks for the old form when a manifest's kind is not in the new one,
 * and says `no matches for kind` when it is in neither; without an answer it says something else.
 */
const EMPTY_V2 = Buffer.from([0x0a, 3, ...Buffer.from('2.0')]);

const REF = '#/components/schemas/';
const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';

function documentOf(crd: Crd): object {
  const { group, version, kind, listKind, plural, schema } = crd;
  const name = `${group.split('.').toReversed().join('.')}.${version}`;
  const gvk = (of: string): object[] => [{ group, kind: of, version }];
  const all = `/apis/${apiVersionOf(crd)}/${plural}`;
  const some = `/apis/${apiVersionOf(crd)}/namespaces/{namespace}/${plural}`;
  const operation = operations(crd, `${REF}${name}.${kind}`, `${REF}${name}.${listKind}`);
  const namespace = parameter('namespace', 'path', { type: 'string' });
  const one = [namespace, parameter('name', 'path', { type: 'string' })];
  return {
    openapi: '3.0.0',
    info: { title: 'LoomVideo', version },
    paths: {
      [all]: { get: operation('list') },
      [some]: {
        parameters: [namespace],
        get: operation('list'),
        post: operation('post'),
        delete: operation('deletecollection'),
      },
      [`${some}/{name}`]: {
        parameters: one,
        get: operation('get'),
        put: operation('put'),
        patch: operation('patch'),
        delete: operation('delete'),
      },
      [`${some}/{name}/status`]: {
        parameters: one,
        get: operation('get'),
        put: operation('put'),
        patch: operation('patch'),
      },
    },
    components: {
      schemas: {
        [`${name}.${kind}`]: {
          ...schema,
          properties: {
            ...schema.properties,
            apiVersion: { type: 'string', description: `${group}/${version}.` },
            kind: { type: 'string', description: `${kind}.` },
            metadata: {
              description: "Standard object's metadata.",
              allOf: [{ $ref: `${REF}${META}.ObjectMeta` }],
            },
          },
          'x-kubernetes-group-version-kind': gvk(kind),
        },
        [`${name}.${listKind}`]: {
          type: 'object',
          required: ['items'],
          properties: {
            apiVersion: { type: 'string' },
            kind: { type: 'string' },
            metadata: { allOf: [{ $ref: `${REF}${META}.ListMeta` }] },
            items: { type: 'array', items: { $ref: `${REF}${name}.${kind}` } },
          },
          'x-kubernetes-group-version-kind': gvk(listKind),
        },
        [`${META}.ObjectMeta`]: OBJECT_META,
        [`${META}.ListMeta`]: LIST_META,
      },
    },
  };
}

type Action = 'list' | 'get' | 'post' | 'put' | 'patch' | 'delete' | 'deletecollection';

const QUERIES: Record<Action, readonly string[]> = {
  list: [
    'labelSelector',
    'fieldSelector',
    'limit',
    'continue',
    'resourceVersion',
    'resourceVersionMatch',
    'watch',
    'timeoutSeconds',
    'allowWatchBookmarks',
    'sendInitialEvents',
  ],
  get: [],
  post: ['dryRun', 'fieldManager', 'fieldValidation'],
  put: ['dryRun', 'fieldManager', 'fieldValidation'],
  patch: ['dryRun', 'fieldManager', 'fieldValidation'],
  delete: ['dryRun', 'propagationPolicy'],
  deletecollection: ['dryRun', 'labelSelector', 'fieldSelector', 'limit', 'continue', 'propagationPolicy'],
};
const BODIES: Partial<Record<Action, readonly string[]>> = {
  post: ['application/json', 'application/yaml'],
  put: ['application/json', 'application/yaml'],
  patch: ['application/merge-patch+json'],
};

function operations({ group, kind, version }: Crd, object: string, list: string): (action: Action) => object {
  return (action) => {
    const types = BODIES[action];
    const schema = { $ref: action === 'list' || action === 'deletecollection' ? list : object };
    return {
      parameters: QUERIES[action].map((name) => parameter(name, 'query', { type: 'string' })),
      ...(types && {
        requestBody: {
          required: true,
          content: Object.fromEntries(
            types.map((type) => [type, { schema: action === 'patch' ? { type: 'object' } : schema }]),
          ),
        },
      }),
      responses: {
        [action === 'post' ? '201' : '200']: {
          description: 'OK',
          content: { 'application/json': { schema }, 'application/yaml': { schema } },
        },
      },
      'x-kubernetes-action': action,
      'x-kubernetes-group-version-kind': { group, kind, version },
    };
  };
}

function parameter(name: string, where: 'path' | 'query', schema: object): object {
  return { name, in: where, ...(where === 'path' && { required: true }), schema };
}
