import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../../../common/clock.ts';
import { apiVersionOf } from '../resources/crd.ts';
import { ResourceFailure } from '../resources/failure.ts';
import { badRequest, notFound } from '../resources/failures.ts';
import type { LoomVideo, VideoKey } from '../resources/resource.ts';
import type { DeleteOptions, ResourceStore, VideoPage, WriteOptions } from '../resources/resourceStore.ts';
import { negotiate } from './accept.ts';
import { answer, answerJson, warn } from './answer.ts';
import { checkNamespace } from './core.ts';
import { eventEncoder } from './encodeEvent.ts';
import { readManifest, readOptions, readPatch, type Body } from './readBody.ts';
import {
  isTrue,
  readDeleteOptions,
  readListQuery,
  readWatchParameters,
  readWriteParameters,
} from './requestOptions.ts';
import { readTarget, type Target } from './requestTarget.ts';
import { partialOf, tableOf, type TableOptions } from './table.ts';
import { pathOf, queryOf } from './url.ts';
import { streamWatch } from './watchStream.ts';

export interface VideoRoutes {
  readonly videos: ResourceStore;
  readonly clock: Clock;
  /** From 0 to 1: watches do not end all at once. */
  readonly random: () => number;
  /** Ends the watches. */
  readonly closing: AbortSignal;
}

/** The least time of a watch that names none, and as much again at most; as kube-apiserver's --min-request-timeout. */
const WATCH_SECONDS = 1800;
/** Watches at once: an operator has one, `kubectl get -w` another; each holds a connection for as long as it likes. */
export const MAX_WATCHES = 200;

/** The resource itself: `/apis/qudemo.dev/v1alpha1/[namespaces/<ns>/]loomvideos[/<name>[/status]]`. */
export function serveVideos(app: FastifyInstance, { videos, clock, random, closing }: VideoRoutes): void {
  const { crd } = videos;
  const base = `/apis/${apiVersionOf(crd)}/`;
  let watches = 0;

  // One route for all: names are longer than the router lets a parameter be, and the apiserver's own words are wanted
  // for what is not there.
  app.route({
    method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    url: `${base}*`,
    handler: (request, reply) => {
      const target = readTarget(crd, pathOf(request).slice(base.length));
      if (!target) throw missing();
      return handle(request, reply, target);
    },
  });

  function handle(request: FastifyRequest, reply: FastifyReply, target: Target): unknown {
    const key = keyOf(target);
    switch (request.method) {
      case 'GET':
      case 'HEAD':
        if (key) return get(request, reply, key);
        return request.method === 'GET' && isTrue(queryOf(request).get('watch'))
          ? watch(request, reply, target)
          : list(request, reply, target);
      case 'POST':
        if (target.namespace === undefined) throw missing();
        if (key) throw notAllowed('create');
        return create(request, reply, target.namespace);
      case 'PUT':
        if (!key) throw badRequest('name must be provided');
        return replace(request, reply, key, target.status);
      case 'PATCH':
        if (!key) throw notAllowed('patch');
        return patch(request, reply, key, target.status);
      default:
        if (target.status) throw notAllowed('delete');
        return key ? remove(request, reply, key) : removeAll(request, reply, target);
    }
  }

  function get(request: FastifyRequest, reply: FastifyReply, key: VideoKey): FastifyReply {
    const video = videos.get(key);
    if (!video) throw notFound(crd, key.name);
    return answerVideo(request, reply, video);
  }

  function list(request: FastifyRequest, reply: FastifyReply, target: Target): FastifyReply {
    const query = readListQuery(target, queryOf(request), videos.version);
    const { as, encoding } = negotiate(request.headers.accept);
    if (as !== 'object' || encoding !== 'json' || !query)
      return answerPage(request, reply, query ? videos.list(query) : nothing());
    const page = videos.listJson(query);
    return answerJson(reply, listText(page));
  }

  /** What is stored is what is shown: it is not read on the way. */
  function listText(page: VideoPage<string>): string {
    const head = JSON.stringify({
      kind: crd.listKind,
      apiVersion: apiVersionOf(crd),
      metadata: listMeta(page),
    });
    return `${head.slice(0, -1)},"items":[${page.items.join(',')}]}`;
  }

  async function watch(request: FastifyRequest, reply: FastifyReply, target: Target): Promise<void> {
    const format = negotiate(request.headers.accept);
    const parameters = readWatchParameters(target, queryOf(request));
    const seconds = parameters?.timeoutSeconds || WATCH_SECONDS * (1 + random());
    if (watches === MAX_WATCHES) {
      void reply.header('retry-after', '1');
      throw tooManyRequests();
    }
    const ended = new AbortController();
    const timer = setTimeout(() => ended.abort(), seconds * 1000);
    const gone = (): void => ended.abort();
    reply.raw.once('close', gone);
    closing.addEventListener('abort', gone, { once: true });
    const { signal } = ended;
    // What nothing can match is watched by a name that no object can have.
    const events = videos.watch(parameters?.query ?? { name: '' }, signal);
    const encode = eventEncoder(crd, format, () => tableOptions(request, format.metaVersion));
    watches++;
    try {
      await streamWatch(reply, events, encode, signal);
    } finally {
      watches--;
      clearTimeout(timer);
      closing.removeEventListener('abort', gone);
    }
  }

  function create(request: FastifyRequest, reply: FastifyReply, namespace: string): FastifyReply {
    checkNamespace(namespace);
    const body = manifestOf(request);
    return write(
      request,
      reply,
      'CreateOptions',
      body,
      (options) => videos.create(namespace, body.value, options),
      201,
    );
  }

  function replace(
    request: FastifyRequest,
    reply: FastifyReply,
    key: VideoKey,
    status: boolean,
  ): FastifyReply {
    const body = manifestOf(request);
    return write(request, reply, 'UpdateOptions', body, (options) =>
      status ? videos.replaceStatus(key, body.value, options) : videos.replace(key, body.value, options),
    );
  }

  function patch(request: FastifyRequest, reply: FastifyReply, key: VideoKey, status: boolean): FastifyReply {
    const body = readPatch(request.headers['content-type'], textOf(request));
    return write(request, reply, 'PatchOptions', body, (options) =>
      status ? videos.patchStatus(key, body.value, options) : videos.patch(key, body.value, options),
    );
  }

  function write(
    request: FastifyRequest,
    reply: FastifyReply,
    kind: 'CreateOptions' | 'UpdateOptions' | 'PatchOptions',
    { faults }: Body,
    work: (options: WriteOptions) => LoomVideo,
    code = 200,
  ): FastifyReply {
    // What cannot be answered is not done either.
    negotiate(request.headers.accept);
    const parameters = readWriteParameters(kind, queryOf(request));
    const warnings: string[] = [];
    let video: LoomVideo;
    try {
      video = work({
        ...parameters,
        decodingFaults: faults,
        onWarning: (warning) => void warnings.push(warning),
      });
    } finally {
      warn(reply, warnings);
    }
    return answerVideo(request, reply, video, code);
  }

  function remove(request: FastifyRequest, reply: FastifyReply, key: VideoKey): FastifyReply {
    const format = negotiate(request.headers.accept);
    const { video, gone } = videos.delete(key, deleteOptionsOf(request));
    if (!gone) return answerVideo(request, reply, video);
    const { name, uid } = video.metadata;
    return answer(reply, format, {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Success',
      details: { name, group: crd.group, kind: crd.plural, uid },
    });
  }

  function removeAll(request: FastifyRequest, reply: FastifyReply, target: Target): FastifyReply {
    if (target.namespace === undefined) throw notAllowed('deletecollection');
    negotiate(request.headers.accept);
    const options = deleteOptionsOf(request);
    const query = readListQuery(target, queryOf(request), videos.version);
    const page = query ? videos.list(query) : nothing();
    const items = page.items.map(
      ({ metadata: { namespace, name } }) => videos.delete({ namespace, name }, options).video,
    );
    return answerPage(request, reply, { ...page, items });
  }

  function answerVideo(
    request: FastifyRequest,
    reply: FastifyReply,
    video: LoomVideo,
    code = 200,
  ): FastifyReply {
    const format = negotiate(request.headers.accept);
    const { as, metaVersion } = format;
    if (as === 'object') return answer(reply, format, video, code);
    if (as === 'partial') return answer(reply, format, partialOf(video, metaVersion), code);
    const { resourceVersion } = video.metadata;
    return answer(
      reply,
      format,
      tableOf(crd, [video], { resourceVersion }, tableOptions(request, metaVersion)),
      code,
    );
  }

  function answerPage(request: FastifyRequest, reply: FastifyReply, page: VideoPage): FastifyReply {
    const format = negotiate(request.headers.accept);
    const { as, metaVersion } = format;
    const { items } = page;
    const metadata = listMeta(page);
    if (as === 'table')
      return answer(reply, format, tableOf(crd, items, metadata, tableOptions(request, metaVersion)));
    if (as === 'partial')
      return answer(reply, format, {
        kind: 'PartialObjectMetadataList',
        apiVersion: `meta.k8s.io/${metaVersion}`,
        metadata,
        items: items.map((video) => partialOf(video, metaVersion)),
      });
    return answer(reply, format, { kind: crd.listKind, apiVersion: apiVersionOf(crd), metadata, items });
  }

  function tableOptions(request: FastifyRequest, metaVersion: string): TableOptions {
    const include = queryOf(request).get('includeObject');
    return {
      metaVersion,
      include: include === 'Object' || include === 'None' ? include : 'Metadata',
      now: clock.now(),
    };
  }

  function manifestOf(request: FastifyRequest): Body {
    return readManifest(crd.kind, request.headers['content-type'], textOf(request));
  }

  function nothing(): VideoPage {
    return { items: [], resourceVersion: String(videos.version) };
  }

  function notAllowed(verb: string): ResourceFailure {
    const { plural, group } = crd;
    return new ResourceFailure(
      405,
      'MethodNotAllowed',
      `${verb} is not supported on resources of kind "${plural}.${group}"`,
      { group, kind: plural },
    );
  }
}

/** In kube-apiserver's words. */
function tooManyRequests(): ResourceFailure {
  const message = 'Too many requests, please try again later.';
  return new ResourceFailure(429, 'TooManyRequests', message, { retryAfterSeconds: 1 });
}

export function missing(): ResourceFailure {
  return new ResourceFailure(404, 'NotFound', 'the server could not find the requested resource', {});
}

function listMeta({ resourceVersion, remaining, continue: token }: VideoPage<unknown>): object {
  return {
    resourceVersion,
    ...(token !== undefined && { continue: token }),
    ...(remaining !== undefined && { remainingItemCount: remaining }),
  };
}

function keyOf({ namespace, name }: Target): VideoKey | undefined {
  return namespace === undefined || name === undefined ? undefined : { namespace, name };
}

function textOf({ body }: FastifyRequest): string {
  return typeof body === 'string' ? body : '';
}

function deleteOptionsOf(request: FastifyRequest): DeleteOptions {
  return readDeleteOptions(readOptions(request.headers['content-type'], textOf(request)), queryOf(request));
}
