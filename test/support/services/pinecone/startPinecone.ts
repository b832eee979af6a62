import { startStandIn, type ApiAnswer, type ApiRequest, type Route, type StandIn } from '../standIn.ts';
import { controlError, dataError, invalid, RPC } from './answers.ts';
import { indexModel } from './controlPlane.ts';
import { dataPlane } from './dataPlane.ts';
import { laggingState, type LaggingState, type StoredVector } from './laggingState.ts';
import { BODY_CHECKS } from './requestSchemas.ts';

/** The version that is played: the one the client 9.0.0 asks for. */
const API_VERSION = '2026-07';
/** "1,000 records, up to 2 MB total": https://docs.pinecone.io/reference/api/database-limits/operation-limits */
const MAX_BYTES = 2_000_000;

export interface PineconeIndex {
  readonly name: string;
  /** Where the control plane says that it is; the stand-in itself unless told. */
  readonly host: string;
  readonly dimension: number;
  readonly metric: 'cosine' | 'dotproduct' | 'euclidean';
  readonly vectorType: 'dense' | 'sparse' | 'documents';
  /** `IndexModelStatus.state`; ready when it is `Ready`. */
  readonly state: string;
  readonly pod: boolean;
}

export interface PineconeStandIn extends StandIn, Pick<LaggingState, 'lag' | 'hold' | 'settle'> {
  readonly controllerUrl: string;
  readonly apiKey: string;
  readonly indexName: string;
  /** What is really stored, whatever a read shows. */
  vectors(): (StoredVector & { readonly namespace: string })[];
  /** Changes what the index is. */
  change(index: Partial<PineconeIndex>): void;
  /** Deletes the index: the control plane knows it no more, and nothing answers at its address. */
  drop(): void;
}

export interface PineconeStandInOptions extends Partial<PineconeIndex> {
  readonly apiKey?: string;
  /** Of the server; see StandInOptions. */
  readonly listenOn?: string;
  readonly port?: number;
}

/** The operations, by the names their faults and counts go by. */
const OPERATIONS = [
  { operation: 'describeIndex', method: 'GET', path: /^\/indexes\/([^/]+)$/ },
  { operation: 'listIndexes', method: 'GET', path: /^\/indexes$/ },
  { operation: 'stats', method: 'POST', path: /^\/describe_index_stats$/ },
  { operation: 'upsert', method: 'POST', path: /^\/vectors\/upsert$/ },
  { operation: 'query', method: 'POST', path: /^\/query$/ },
  { operation: 'fetch', method: 'GET', path: /^\/vectors\/fetch$/ },
  { operation: 'list', method: 'GET', path: /^\/vectors\/list$/ },
  { operation: 'delete', method: 'POST', path: /^\/vectors\/delete$/ },
] as const;

/**
 * A Pinecone of one index: control plane and the index's data plane at one address, by the published API
 * (github.com/pinecone-io/pinecone-api, docs.pinecone.io). It refuses what Pinecone would refuse, and reads may lag behind
 * writes.
 */
export async function startPinecone(options: PineconeStandInOptions = {}): Promise<PineconeStandIn> {
  const { apiKey = 'pcsk_stand-in_secret', listenOn, port, ...given } = options;
  const state = laggingState();
  let index: PineconeIndex = {
    name: 'loomvideo',
    host: '',
    dimension: 8,
    metric: 'cosine',
    vectorType: 'dense',
    state: 'Ready',
    pod: false,
    ...given,
  };
  let exists = true;
  const data = dataPlane(() => index, state);

  const control = (request: ApiRequest, name: string | undefined): ApiAnswer => {
    if (request.headers['api-key'] !== apiKey)
      return controlError(401, 'UNAUTHENTICATED', 'Invalid API key.');
    const version = versionFault(request);
    if (version !== undefined) return controlError(400, 'INVALID_ARGUMENT', version);
    if (name === undefined) return { status: 200, body: { indexes: exists ? [indexModel(index)] : [] } };
    return exists && name === index.name
      ? { status: 200, body: indexModel(index) }
      : controlError(404, 'NOT_FOUND', `Index ${name} not found.`);
  };

  const onIndex = (operation: keyof typeof data, request: ApiRequest): ApiAnswer => {
    if (!exists) return { status: 404, text: 'Not Found' };
    if (request.headers['api-key'] !== apiKey) return { status: 401, text: 'Invalid API Key' };
    const fault = versionFault(request) ?? bodyFault(operation, request);
    return fault === undefined ? data[operation](request) : invalid(fault);
  };

  const routes = OPERATIONS.map(({ operation, method, path }): Route => ({
    operation,
    method,
    path,
    handle: (request, match) =>
      operation === 'describeIndex' || operation === 'listIndexes'
        ? control(request, match[1] === undefined ? undefined : decodeURIComponent(match[1]))
        : onIndex(operation, request),
  }));

  const standIn = await startStandIn({
    routes,
    notFound: () => dataError(404, RPC.notFound, 'Not Found'),
    maxBytes: MAX_BYTES,
    tooLarge: () => invalid('Request size exceeds the maximum supported size of 2MB'),
    ...(listenOn !== undefined && { host: listenOn }),
    ...(port !== undefined && { port }),
  });
  if (index.host === '') index = { ...index, host: standIn.url };

  return {
    ...standIn,
    controllerUrl: standIn.url,
    apiKey,
    indexName: index.name,
    vectors: () =>
      [...state.written].flatMap(([namespace, vectors]) =>
        [...vectors.values()].map((vector) => ({ ...vector, namespace })),
      ),
    change: (changes) => (index = { ...index, ...changes }),
    drop() {
      exists = false;
      state.written.clear();
    },
    lag: (ms) => state.lag(ms),
    hold: () => state.hold(),
    settle: () => state.settle(),
  };
}

/** "Required date-based version header" */
function versionFault({ headers }: ApiRequest): string | undefined {
  const version = headers['x-pinecone-api-version'];
  return version === API_VERSION
    ? undefined
    : `X-Pinecone-Api-Version is ${String(version)}; ${API_VERSION} is what is played here`;
}

function bodyFault(operation: string, { method, headers, body }: ApiRequest): string | undefined {
  if (method !== 'POST') return undefined;
  if (headers['content-type']?.startsWith('application/json') !== true) return 'Content-Type must be JSON';
  const check = Object.entries(BODY_CHECKS).find(([name]) => name === operation)?.[1];
  return check?.(body);
}
