import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ResourceFailure } from '../resources/failure.ts';
import { badRequest } from '../resources/failures.ts';
import { isNamespaceName } from '../resources/metadata/names.ts';
import { apiVersionOf, type Crd } from '../resources/crd.ts';
import type { EventFilter, VideoEventRecord } from '../resources/eventStore.ts';
import type { Resources } from '../resources/openResources.ts';
import { timestamp } from '../resources/resource.ts';
import { negotiate } from './accept.ts';
import { answer } from './answer.ts';
import { isTrue } from './requestOptions.ts';
import { queryOf } from './url.ts';

/** What kubectl asks of the core group: namespaces, of which any exists, and the events of a video. */
export function serveCore(app: FastifyInstance, { videos, events }: Resources): void {
  const { crd } = videos;

  app.get('/api/v1/namespaces', (request, reply) => {
    refuseWatch(request);
    const items = [...new Set(['default', ...videos.namespaces()])].sort().map(namespaceOf);
    return answer(reply, negotiate(request.headers.accept), {
      kind: 'NamespaceList',
      apiVersion: 'v1',
      metadata: { resourceVersion: String(videos.version) },
      items,
    });
  });

  app.get<{ Params: { namespace: string } }>('/api/v1/namespaces/:namespace', (request, reply) => {
    const { namespace } = request.params;
    checkNamespace(namespace);
    return answer(reply, negotiate(request.headers.accept), namespaceOf(namespace));
  });

  const listEvents = (request: FastifyRequest, namespace: string | undefined): object => {
    refuseWatch(request);
    const filter = eventFilter(crd, queryOf(request).get('fieldSelector') ?? '', namespace);
    return {
      kind: 'EventList',
      apiVersion: 'v1',
      metadata: { resourceVersion: String(videos.version) },
      items: filter ? events.list(filter).map((event) => eventOf(crd, event)) : [],
    };
  };
  app.get('/api/v1/events', (request, reply) =>
    answer(reply, negotiate(request.headers.accept), listEvents(request, undefined)),
  );
  app.get<{ Params: { namespace: string } }>('/api/v1/namespaces/:namespace/events', (request, reply) =>
    answer(reply, negotiate(request.headers.accept), listEvents(request, request.params.namespace)),
  );
}

/** Throws the refusal `NotFound` for what cannot be a namespace. */
export function checkNamespace(name: string): void {
  if (!isNamespaceName(name))
    throw new ResourceFailure(404, 'NotFound', `namespaces "${name}" not found`, {
      name,
      kind: 'namespaces',
    });
}

function namespaceOf(name: string): object {
  return {
    kind: 'Namespace',
    apiVersion: 'v1',
    metadata: { name, labels: { 'kubernetes.io/metadata.name': name } },
    status: { phase: 'Active' },
  };
}

/** Undefined: events about something else, of which there are none. */
function eventFilter(crd: Crd, selector: string, namespace: string | undefined): EventFilter | undefined {
  const about = new Map<string, string>();
  for (const part of selector.split(',').filter((one) => one !== '')) {
    const [, field, value] = /^([\w.]+)==?(.*)$/.exec(part) ?? [];
    if (field === undefined || value === undefined) throw badRequest(`field label not supported: ${part}`);
    about.set(field, value);
  }
  const kind = about.get('involvedObject.kind');
  const of = about.get('involvedObject.namespace') ?? namespace;
  if ((kind !== undefined && kind !== crd.kind) || (namespace !== undefined && of !== namespace))
    return undefined;
  const video = about.get('involvedObject.name');
  const uid = about.get('involvedObject.uid');
  return {
    ...(of !== undefined && { namespace: of }),
    ...(video !== undefined && { video }),
    ...(uid !== undefined && { uid }),
  };
}

function eventOf(crd: Crd, event: VideoEventRecord): object {
  const { namespace, video, uid, id, type, reason, message, count } = event;
  return {
    kind: 'Event',
    apiVersion: 'v1',
    metadata: {
      name: `${video}.${id.toString(16).padStart(16, '0')}`,
      namespace,
      uid: `${uid}-${id}`,
      creationTimestamp: timestamp(event.firstAt),
    },
    involvedObject: { apiVersion: apiVersionOf(crd), kind: crd.kind, namespace, name: video, uid },
    type,
    reason,
    message,
    count,
    firstTimestamp: timestamp(event.firstAt),
    lastTimestamp: timestamp(event.lastAt),
    source: { component: 'loomvideo' },
    reportingComponent: 'loomvideo',
  };
}

function refuseWatch(request: FastifyRequest): void {
  if (isTrue(queryOf(request).get('watch')))
    throw new ResourceFailure(405, 'MethodNotAllowed', 'watch is supported on loomvideos only');
}
