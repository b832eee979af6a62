import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { reachedAt } from '../reachedAt.ts';

/** A request as a stand-in's handlers see it. */
export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  /** The parsed JSON; undefined where there is no body or it is not JSON. */
  readonly body: unknown;
  readonly text: string;
}

export interface ApiAnswer {
  readonly status: number;
  readonly body?: unknown;
  /** Instead of a JSON body: plain text. */
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One operation of a service, by the name its faults and counts go by. */
export interface Route {
  readonly operation: string;
  readonly method: string;
  readonly path: RegExp;
  handle(request: ApiRequest, match: RegExpExecArray): ApiAnswer | Promise<ApiAnswer>;
}

/** How an operation misbehaves. Without a status or a break, the ordinary answer comes, late or changed. */
export interface Fault {
  /** Answers with this instead; `body` and `headers` go with it. */
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds before the answer. */
  readonly delayMs?: number;
  /** No answer, ever: the connection stays open. */
  readonly hang?: boolean;
  /** The connection ends after this many bytes of the body; 0: before the head. */
  readonly cutAfter?: number;
  /** The raw text of a 200, for an answer that is not what it should be. */
  readonly rawBody?: string;
  /** Changes the ordinary answer. */
  readonly change?: (answer: ApiAnswer) => ApiAnswer;
  /** The request takes effect before the fault strikes: its answer is lost, its work is not. */
  readonly takesEffect?: boolean;
  /** How often it strikes; once unless told. */
  readonly times?: number;
}

export interface SeenCall {
  readonly operation: string;
  readonly request: ApiRequest;
  /** 0: cut or left hanging. */
  status: number;
}

export interface StandIn {
  readonly url: string;
  readonly calls: readonly SeenCall[];
  /** How often each operation was called. */
  count(operation: string): number;
  /** Lets the next calls of an operation misbehave, after those faults that were set before. */
  fault(operation: string, fault: Fault): void;
  clearFaults(): void;
  close(): Promise<void>;
}

export interface StandInOptions {
  readonly routes: readonly Route[];
  /** What the service says to a path it does not have. */
  readonly notFound: (request: ApiRequest) => ApiAnswer;
  /** Longest request taken; above it `tooLarge` answers. */
  readonly maxBytes: number;
  readonly tooLarge: (request: ApiRequest) => ApiAnswer;
  /** The address it listens at and is reached by; loopback unless told. */
  readonly host?: string;
  readonly port?: number;
}

/** Starts an HTTP server that plays a service and misbehaves on demand. Several may run at once. */
export async function startStandIn(options: StandInOptions): Promise<StandIn> {
  const faults = new Map<string, { fault: Fault; left: number }[]>();
  const calls: SeenCall[] = [];

  const strike = (operation: string): Fault | undefined => {
    const queue = faults.get(operation) ?? [];
    const first = queue[0];
    if (first && --first.left <= 0) queue.shift();
    return first?.fault;
  };

  const server = createServer((incoming, response) => {
    serve(incoming, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else send(response, { status: 500, body: { error: { message: `stand-in: ${String(error)}` } } });
    });
  });

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await readRequest(incoming);
    const found = options.routes.flatMap((route) => {
      const match = route.method === request.method ? route.path.exec(request.path) : null;
      return match ? [{ route, match }] : [];
    })[0];
    const call: SeenCall = { operation: found?.route.operation ?? 'unknown', request, status: 0 };
    calls.push(call);
    const fault = strike(call.operation);
    const ordinary = async (): Promise<ApiAnswer> => {
      if (Buffer.byteLength(request.text) > options.maxBytes) return options.tooLarge(request);
      return found ? found.route.handle(request, found.match) : options.notFound(request);
    };
    await misbehave(fault, ordinary, response, (status) => (call.status = status));
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, options.host ?? '127.0.0.1', resolve);
  });
  return {
    url: reachedAt(server.address() as AddressInfo),
    calls,
    count: (operation) => calls.filter((call) => call.operation === operation).length,
    fault(operation, fault) {
      const queue = faults.get(operation) ?? [];
      queue.push({ fault, left: fault.times ?? 1 });
      faults.set(operation, queue);
    },
    clearFaults: () => faults.clear(),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function misbehave(
  fault: Fault | undefined,
  ordinary: () => Promise<ApiAnswer>,
  response: ServerResponse,
  onStatus: (status: number) => void,
): Promise<void> {
  const replaced = fault?.status !== undefined || fault?.rawBody !== undefined;
  const breaks = fault?.hang === true || fault?.cutAfter === 0;
  const effect = !fault || fault.takesEffect || !(replaced || breaks) ? await ordinary() : undefined;
  if (fault?.delayMs !== undefined) await sleep(fault.delayMs);
  if (fault?.hang) return;
  if (fault?.cutAfter === 0) return void response.destroy();
  let answer: ApiAnswer = effect ?? { status: 200 };
  if (fault?.status !== undefined)
    answer = { status: fault.status, ...(fault.body !== undefined && { body: fault.body }) };
  if (fault?.change) answer = fault.change(answer);
  answer = { ...answer, headers: { ...answer.headers, ...fault?.headers } };
  onStatus(fault?.cutAfter === undefined ? answer.status : 0);
  send(response, answer, fault);
}

function send(response: ServerResponse, answer: ApiAnswer, fault?: Fault): void {
  const text =
    fault?.rawBody ?? answer.text ?? (answer.body === undefined ? '' : JSON.stringify(answer.body));
  response.writeHead(answer.status, {
    'content-type': answer.text === undefined ? 'application/json; charset=utf-8' : 'text/plain',
    'content-length': Buffer.byteLength(text),
    ...answer.headers,
  });
  if (fault?.cutAfter === undefined) return void response.end(text);
  response.write(Buffer.from(text).subarray(0, fault.cutAfter), () => response.destroy());
}

async function readRequest(incoming: IncomingMessage): Promise<ApiRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  const url = new URL(incoming.url ?? '/', 'http://stand-in.invalid');
  return {
    method: incoming.method ?? '',
    path: url.pathname,
    query: url.searchParams,
    headers: incoming.headers,
    body: parse(text),
    text,
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
