import type { AddressInfo } from 'node:net';
import type { ServerResponse } from 'node:http';
import { fastify, type FastifyInstance, type FastifyReply } from 'fastify';
import type {
  AddResult,
  Detail,
  Progress,
  SearchAnswer,
  Summary,
} from '../../../controller/render/page/client/contract.d.ts';
import { page } from '../../../controller/render/page/page.ts';
import { instant, type CannedVideo } from './cannedVideos.ts';
import type { TestEnd } from './lastFirst.ts';

export interface FixtureOptions {
  readonly videos?: readonly CannedVideo[];
  /** Asked for where given. */
  readonly token?: string;
  /** What a search finds; `wait` says whether the model is waited for. */
  readonly search?: (query: string, wait: boolean) => SearchAnswer;
}

/** The page in front of canned data, for states that are hard to bring about. */
export interface Fixture {
  readonly url: string;
  /** What was asked, as `POST /api/videos`. */
  readonly asked: readonly string[];
  put(video: CannedVideo): void;
  progress(key: Pick<Summary, 'namespace' | 'name'>, progress: Progress | null): void;
  remove(uid: string): void;
  /** Says that what was missed is not known any more. */
  reset(): void;
  /** The next requests of this kind are answered so. */
  fail(asked: string, status: number, body: object, headers?: Record<string, string>): void;
  heal(): void;
  /** Cuts all connections, and takes no new ones. */
  goDown(): Promise<void>;
  comeBack(): Promise<void>;
}

const COOKIE = 'loomvideo';

/** Plays the program API of /api as its OpenAPI document says. */
export async function startFixture(t: TestEnd, options: FixtureOptions = {}): Promise<Fixture> {
  const videos = new Map<string, CannedVideo>();
  const streams = new Set<ServerResponse>();
  const sessions = new Set<string>();
  const faults = new Map<string, { status: number; body: object; headers: Record<string, string> }>();
  const asked: string[] = [];
  let version = 1_000_000;
  const store = (video: CannedVideo): Summary => {
    const detail = { ...video.detail, resourceVersion: String(++version) };
    videos.set(detail.uid, { ...video, detail });
    return summaryOf(detail);
  };
  for (const video of options.videos ?? []) store(video);
  const tell = (event: string, data: object, id?: string): void => {
    for (const stream of streams)
      stream.write(
        `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`,
      );
  };
  const change = (video: CannedVideo): Summary => {
    const summary = store(video);
    tell('video', summary, summary.resourceVersion);
    return summary;
  };
  const remove = (uid: string): void => {
    const detail = videos.get(uid)?.detail;
    videos.delete(uid);
    if (detail) tell('deleted', { namespace: detail.namespace, name: detail.name, uid }, String(++version));
  };
  const find = ({ namespace, name }: Pick<Summary, 'namespace' | 'name'>): CannedVideo | undefined =>
    [...videos.values()].find(({ detail }) => detail.namespace === namespace && detail.name === name);

  let port = 0;
  let app = await listen();
  port = (app.server.address() as AddressInfo).port;
  t.after(() => goDown());

  async function listen(): Promise<FastifyInstance> {
    const made = fastify({ forceCloseConnections: true });
    serve(made);
    await made.listen({ host: '127.0.0.1', port });
    return made;
  }

  async function goDown(): Promise<void> {
    streams.clear();
    app.server.closeAllConnections();
    await app.close();
  }

  function serve(made: FastifyInstance): void {
    void made.register(page);
    made.addHook('onRequest', async (request, reply) => {
      const path = request.url.split('?', 1)[0] ?? '';
      if (!path.startsWith('/api/')) return;
      asked.push(`${request.method} ${request.url}`);
      const fault = faults.get(`${request.method} ${path}`);
      if (fault) await reply.code(fault.status).headers(fault.headers).send(fault.body);
      else if (options.token !== undefined && path !== '/api/session' && !isSignedIn(request.headers.cookie))
        await problem(reply, 401, 'Unauthorized', 'Sign in first.');
    });
    const isSignedIn = (cookie: string | undefined): boolean => {
      const id = new RegExp(`${COOKIE}=([^;]+)`).exec(cookie ?? '')?.[1];
      return id !== undefined && sessions.has(id);
    };
    made.get('/api/session', (request) => ({
      required: options.token !== undefined,
      authenticated: options.token === undefined || isSignedIn(request.headers.cookie),
    }));
    made.post<{ Body: { token: string } }>('/api/session', (request, reply) => {
      if (request.body.token !== options.token) return problem(reply, 401, 'Unauthorized', 'Wrong token.');
      const id = String(++version);
      sessions.add(id);
      return reply
        .code(204)
        .header('set-cookie', `${COOKIE}=${id}; HttpOnly; SameSite=Strict; Path=/`)
        .send();
    });
    made.delete('/api/session', (_request, reply) => {
      sessions.clear();
      return reply.code(204).send();
    });
    made.get<{ Querystring: { limit?: string; phase?: string; continue?: string } }>(
      '/api/videos',
      ({ query }) => {
        const all = [...videos.values()]
          .map(({ detail }) => summaryOf(detail))
          .filter(({ phase }) => query.phase === undefined || phase === query.phase)
          .toSorted((a, b) =>
            a.createdAt === b.createdAt ? (a.uid < b.uid ? 1 : -1) : a.createdAt < b.createdAt ? 1 : -1,
          );
        const start = all.findIndex(({ uid }) => uid === query.continue) + 1;
        const items = all.slice(start, start + Number(query.limit ?? 50));
        const last = items.at(-1);
        return {
          items,
          ...(last && last !== all.at(-1) && { continue: last.uid }),
          total: all.length,
          phases: phasesOf([...videos.values()].map(({ detail }) => summaryOf(detail).phase)),
          resourceVersion: String(version),
        };
      },
    );
    made.post<{ Body: { links: string[] } }>('/api/videos', ({ body }) => ({
      results: body.links.map((link) => add(link)),
    }));
    made.get<{ Params: { namespace: string; name: string } }>(
      '/api/videos/:namespace/:name',
      ({ params }, reply) => reply.send(find(params)?.detail ?? notFound(reply)),
    );
    made.get<{ Params: { namespace: string; name: string } }>(
      '/api/videos/:namespace/:name/transcript.json',
      ({ params }, reply) => {
        const transcript = find(params)?.transcript;
        return transcript
          ? reply.send(transcript)
          : problem(reply, 404, 'TranscriptMissing', 'No transcript.');
      },
    );
    made.post<{ Params: { namespace: string; name: string } }>(
      '/api/videos/:namespace/:name/retry',
      ({ params }, reply) => {
        const video = find(params);
        if (!video) return notFound(reply);
        const {
          reason: _reason,
          message: _message,
          advice: _advice,
          finishedAt: _at,
          ...rest
        } = video.detail;
        return reply.code(202).send(change({ detail: { ...rest, phase: 'Queued' } }));
      },
    );
    made.delete<{ Params: { namespace: string; name: string } }>(
      '/api/videos/:namespace/:name',
      ({ params }, reply) => {
        const video = find(params);
        if (!video) return notFound(reply);
        const summary = change({ ...video, detail: { ...video.detail, phase: 'Deleting', deleting: true } });
        setTimeout(() => remove(summary.uid), 150);
        return reply.code(202).send(summary);
      },
    );
    made.get<{ Querystring: { q: string; wait?: string } }>('/api/search', ({ query }) =>
      (options.search ?? nothingFound)(query.q, query.wait === 'true'),
    );
    made.get<{ Querystring: { after?: string } }>('/api/events', (request, reply) => {
      reply.hijack();
      const { raw } = reply;
      raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      raw.write('retry: 300\n\n');
      // What it missed is not kept.
      if ((request.headers['last-event-id'] ?? request.query.after) !== String(version))
        raw.write('event: reset\ndata: {}\n\n');
      streams.add(raw);
      raw.once('close', () => streams.delete(raw));
    });
  }

  function add(link: string): AddResult {
    const id = /^https:\/\/(?:www\.)?loom\.com\/(?:share|embed)\/(?:[\w-]+-)?([0-9a-f]{32})/.exec(link)?.[1];
    if (id === undefined)
      return {
        link,
        outcome: 'invalid',
        message: `Not the share or embed link of a Loom video: "${link.slice(0, 100)}"`,
      };
    const key = { namespace: 'default', name: `loom-${id}` };
    if (find(key)) return { link, outcome: 'exists', ...key };
    change({
      detail: {
        ...key,
        uid: `uid-${++version}`,
        resourceVersion: '',
        url: `https://www.loom.com/share/${id}`,
        phase: 'Queued',
        attempts: 0,
        createdAt: instant(0),
        deleting: false,
        conditions: [],
        chapters: [],
        runs: [],
      },
    });
    return { link, outcome: 'created', ...key };
  }

  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    put: (video) => void change(video),
    progress(key, progress) {
      const video = find(key);
      if (!video) return;
      const { progress: _before, ...rest } = video.detail;
      videos.set(rest.uid, { ...video, detail: progress ? { ...rest, progress } : rest });
      tell('progress', { namespace: key.namespace, name: key.name, uid: rest.uid, progress });
    },
    remove,
    reset: () => tell('reset', { resourceVersion: String(version) }),
    fail: (what, status, body, headers = {}) => void faults.set(what, { status, body, headers }),
    heal: () => faults.clear(),
    goDown,
    async comeBack() {
      app = await listen();
    },
  };
}

function summaryOf({
  conditions: _conditions,
  chapters: _chapters,
  runs: _runs,
  timings: _timings,
  ...summary
}: Detail): Summary {
  return summary;
}

function nothingFound(query: string): SearchAnswer {
  return { query, ranking: 'hybrid', results: [] };
}

function notFound(reply: FastifyReply): FastifyReply {
  return problem(reply, 404, 'NotFound', 'There is no such video.');
}

function problem(reply: FastifyReply, status: number, title: string, detail: string): FastifyReply {
  return reply
    .code(status)
    .type('application/problem+json')
    .send(JSON.stringify({ title, status, detail, reason: title }));
}

function phasesOf(phases: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const phase of phases) counts[phase] = (counts[phase] ?? 0) + 1;
  return counts;
}
