import {
  request as send,
  type ClientRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
} from 'node:http';
import { Agent, request as sendSecure } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { lineSplitter } from '../../../common/lines.ts';
import type { KubeObject } from '../../../controller/kubernetes/api/kubeApi.ts';
import { kubeconfigAccess } from '../../../controller/kubernetes/api/kubeconfigAccess.ts';

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export interface Question {
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
  readonly type?: string;
}

export type Change<T> = { readonly kind: 'there' | 'gone'; readonly object: T };

/** The apiserver, asked as the administrator by a client that shares nothing with the operator's but the kubeconfig. */
export interface Apiserver {
  /** Its base URL. */
  readonly server: string;
  /** Forwards a request of somebody else, as the administrator. */
  open(options: {
    readonly method: string;
    readonly path: string;
    readonly headers: OutgoingHttpHeaders;
  }): ClientRequest;
  ask(method: string, path: string, question?: Question): Promise<Answer>;
  /** What is no JSON: `/metrics`. */
  text(path: string): Promise<string>;
  /** The next three throw what the apiserver says where it is no success. */
  read<T>(path: string): Promise<T>;
  create<T extends KubeObject>(path: string, body: object): Promise<T>;
  patch<T extends KubeObject>(path: string, body: object): Promise<T>;
  /** Nothing happens where there is none. */
  remove(path: string): Promise<void>;
  /**
   * Tells all objects of a list and, once that is done and it has resolved, each change of them until the signal.
   * `onBreak` is told when the watch had to be begun again, so that changes may have been missed.
   */
  follow<T extends KubeObject>(
    path: string,
    onChange: (change: Change<T>) => void,
    options: { readonly signal: AbortSignal; readonly onBreak?: (why: unknown) => void },
  ): Promise<void>;
}

/** Thousands of Jobs are played at once: each with a connection of its own would be a test of handshakes. */
const MAX_SOCKETS = 64;

export async function openApiserver(kubeconfig: string): Promise<Apiserver> {
  const source = await kubeconfigAccess({ files: kubeconfig });
  const { server, tls, headers: identity } = await source.read({ afresh: false });
  const { protocol, hostname, port } = new URL(server);
  const agent = new Agent({ ...tls, keepAlive: true, maxSockets: MAX_SOCKETS });

  const open: Apiserver['open'] = ({ method, path, headers }) => {
    const options = { method, path, host: hostname, port, headers: { ...headers, ...identity } };
    return protocol === 'http:' ? send(options) : sendSecure({ ...options, ...tls, agent });
  };

  function begin(method: string, path: string, question: Question, signal?: AbortSignal) {
    const { query, body, type = 'application/json' } = question;
    const text = body && JSON.stringify(body);
    const search = query ? `?${new URLSearchParams(query).toString()}` : '';
    return new Promise<IncomingMessage>((resolve, reject) => {
      const request = open({
        method,
        path: path + search,
        headers: { ...(text && { 'content-type': type, 'content-length': Buffer.byteLength(text) }) },
      });
      request.once('response', resolve).on('error', reject).end(text);
      signal?.addEventListener('abort', () => request.destroy());
    });
  }

  async function ask(method: string, path: string, question: Question = {}): Promise<Answer> {
    const response = await begin(method, path, question);
    return { status: response.statusCode ?? 0, body: JSON.parse(await textOf(response)) as unknown };
  }

  async function expect<T>(method: string, path: string, question: Question = {}): Promise<T> {
    const { status, body } = await ask(method, path, question);
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(body)}`);
    return body as T;
  }

  async function watch(
    path: string,
    resourceVersion: string,
    onEvent: (event: { type: string; object: KubeObject }) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const query = { watch: 'true', resourceVersion, timeoutSeconds: '3600' };
    const response = await begin('GET', path, { query }, signal);
    const lines = lineSplitter((line) => {
      const event = JSON.parse(line) as { type: string; object: KubeObject };
      // What it holds then is no object of ours but a Status that says why: an apiserver that stops, a version that is too old.
      if (event.type === 'ERROR') throw new Error(line);
      onEvent(event);
    });
    for await (const chunk of response.setEncoding('utf8')) lines.push(String(chunk));
  }

  return {
    server,
    open,
    ask,
    text: async (path) => textOf(await begin('GET', path, {})),
    read: (path) => expect('GET', path),
    create: (path, body) => expect('POST', path, { body }),
    patch: (path, body) => expect('PATCH', path, { body, type: 'application/merge-patch+json' }),
    async remove(path) {
      const { status, body } = await ask('DELETE', path, { query: { propagationPolicy: 'Background' } });
      if (status >= 300 && status !== 404) throw new Error(`DELETE ${path}: ${JSON.stringify(body)}`);
    },
    async follow<T extends KubeObject>(
      path: string,
      onChange: (change: Change<T>) => void,
      { signal, onBreak }: { signal: AbortSignal; onBreak?: (why: unknown) => void },
    ): Promise<void> {
      const known = new Map<string, T>();
      const there = (object: T): void => {
        known.set(object.metadata.name, object);
        onChange({ kind: 'there', object });
      };
      const gone = (object: T): void => {
        known.delete(object.metadata.name);
        onChange({ kind: 'gone', object });
      };
      const list = async (): Promise<string> => {
        const { items, metadata } = await expect<{ items: T[]; metadata: { resourceVersion: string } }>(
          'GET',
          path,
        );
        for (const object of [...known.values()])
          if (!items.some((item) => item.metadata.uid === object.metadata.uid)) gone(object);
        for (const item of items)
          if (known.get(item.metadata.name)?.metadata.resourceVersion !== item.metadata.resourceVersion)
            there(item);
        return metadata.resourceVersion;
      };
      let version = await list();
      const run = async (): Promise<void> => {
        while (!signal.aborted)
          try {
            await watch(
              path,
              version,
              ({ type, object }) => (type === 'DELETED' ? gone : there)(object as T),
              signal,
            );
            throw new Error('the watch ended');
          } catch (error) {
            if (signal.aborted) return;
            onBreak?.(error);
            await sleep(100);
            version = await list().catch(() => version);
          }
      };
      void run();
    },
  };
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += String(chunk);
  return text;
}
