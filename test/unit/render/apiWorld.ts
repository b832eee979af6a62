import { fastify, type FastifyInstance } from 'fastify';
import { resourceApi } from '../../../controller/render/api/resourceApi.ts';
import { resourceWorld, type World } from './resourceWorld.ts';

export const VIDEOS = '/apis/qudemo.dev/v1alpha1/namespaces/default/loomvideos';
export const MERGE_PATCH = 'application/merge-patch+json';
export const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';

/** A `Status` object, or any other, with what tests look at. */
export interface Answer {
  readonly code: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  /** Undefined where the text is no JSON. */
  readonly body: AnswerBody;
}

export interface AnswerBody {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: Readonly<Record<string, unknown>> & {
    readonly resourceVersion: string;
    readonly continue?: string;
  };
  readonly spec: Readonly<Record<string, unknown>>;
  readonly status: unknown;
  readonly message: string;
  readonly reason: string;
  readonly details: {
    readonly causes: readonly { readonly field: string; readonly message: string; readonly reason: string }[];
  };
  readonly items: readonly AnswerBody[];
  readonly columnDefinitions: readonly { readonly name: string }[] | null;
  readonly rows: readonly { readonly cells: readonly unknown[]; readonly object: AnswerBody }[];
}

export interface Request {
  readonly body?: unknown;
  readonly type?: string;
  readonly accept?: string;
}

export interface ApiWorld extends World {
  readonly app: FastifyInstance;
  readonly call: (
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    url: string,
    request?: Request,
  ) => Promise<Answer>;
  /** Listens on a free port of the loopback and gives the base URL. */
  readonly listen: () => Promise<string>;
}

export function apiWorld(
  t: { after(work: () => unknown): void },
  options: Parameters<typeof resourceWorld>[1] = {},
): ApiWorld {
  const world = resourceWorld(t, options);
  const app = fastify();
  void app.register(resourceApi, { resources: world, clock: world.clock, random: () => 0 });
  t.after(() => app.close());
  return {
    ...world,
    app,
    async call(method, url, { body, type, accept } = {}) {
      const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
      const response = await app.inject({
        method,
        url,
        headers: {
          ...(text !== undefined && {
            'content-type': type ?? (method === 'PATCH' ? MERGE_PATCH : 'application/json'),
          }),
          ...(accept !== undefined && { accept }),
        },
        ...(text !== undefined && { payload: text }),
      });
      return {
        code: response.statusCode,
        headers: response.headers,
        text: response.body,
        body: parsed(response.body) as AnswerBody,
      };
    },
    listen: () => app.listen({ port: 0, host: '127.0.0.1' }),
  };
}

/** Undefined where it is no JSON. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
