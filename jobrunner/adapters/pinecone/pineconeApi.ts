import type { Index, Pinecone } from '@pinecone-database/pinecone';
import { parseObject, type JsonObject } from '../../../common/json.ts';
import { StageError } from '../../contract/stageError.ts';
import { callService, type ServiceSettings } from '../service/callService.ts';
import { hostUrl } from './hostUrl.ts';
import { checkDescription, describedIndex, type IndexDescription } from './indexFacts.ts';
import type { RecordMetadata } from './recordMetadata.ts';
import { isMissingNamespace, toStoreError, type Asked } from './storeFailure.ts';

export interface PineconeOptions extends ServiceSettings {
  readonly apiKey: string;
  /** Name of the index. */
  readonly index: string;
  /** URL of the index itself (PINECONE_HOST): then the control plane is never asked. */
  readonly host?: string;
  /** URL of the control plane (PINECONE_CONTROLLER_HOST); https://api.pinecone.io unless told. */
  readonly controllerHost?: string;
  readonly namespace: string;
}

/**
 * Bytes of the longest answer taken: a query's is at most 4 MB
 * (https://docs.pinecone.io/reference/api/database-limits/operation-limits), a hundred fetched vectors of 16,384 numbers
 * are some 25 MB.
 */
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;

export interface PineconeApi {
  /** Asks the control plane for the index, and remembers where it is. Throws where it cannot be used. */
  describe(signal: AbortSignal): Promise<IndexDescription>;
  /** Sends one request to the index, after a lookup where its address is not known yet. */
  ask(operation: Asked['operation'], signal: AbortSignal, send: Send): Promise<JsonObject>;
  /** As `ask`; undefined where the namespace does not exist, since nothing was ever written to it. */
  askIfThere(operation: Asked['operation'], signal: AbortSignal, send: Send): Promise<JsonObject | undefined>;
}

/** Uses the client for one request. What it makes of the answer is not looked at. */
export type Send = (index: Index<RecordMetadata>) => Promise<unknown>;

/**
 * The client library, one request at a time. Answers are read from their JSON: the library drops fields (metric and
 * vectorType of the stats) and believes whatever it is sent. Its own retries are off. Making a client costs 0.04 ms; the
 * library itself 21 MB and 150 ms, so it is loaded with the first request.
 */
export function pineconeApi(options: PineconeOptions): PineconeApi {
  const { apiKey, index, namespace } = options;
  const given = options.host === undefined ? undefined : hostUrl(options.host, 'PINECONE_HOST');
  const controller =
    options.controllerHost === undefined
      ? {}
      : { controllerHostUrl: hostUrl(options.controllerHost, 'PINECONE_CONTROLLER_HOST') };
  let remembered: string | undefined;

  async function request(
    asked: Asked,
    signal: AbortSignal,
    send: (client: Pinecone) => Promise<unknown>,
    onMissingNamespace?: () => void,
  ): Promise<JsonObject> {
    return callService(
      {
        ...options,
        name: 'Pinecone',
        maxBytes: MAX_ANSWER_BYTES,
        translate(failure) {
          if (isMissingNamespace(failure)) onMissingNamespace?.();
          // An index that was made anew has another host.
          else if (failure.kind === 'network' || failure.status === 404) remembered = undefined;
          return toStoreError(failure, asked);
        },
      },
      signal,
      async (fetch) => {
        const library = await import('@pinecone-database/pinecone');
        const seen: { text?: string } = {};
        const client = new library.Pinecone({
          apiKey,
          ...controller,
          maxRetries: 0,
          async fetchApi(input, init) {
            const response = await fetch(input, init);
            seen.text = await response.clone().text();
            return response;
          },
        });
        try {
          await send(client);
        } catch (error) {
          // Whatever the library stumbles over in a whole answer, the answer is judged below.
          if (seen.text === undefined) throw error;
        }
        const answer = parseObject(seen.text ?? '');
        if (!answer) throw strangeAnswer(asked);
        return answer;
      },
    );
  }

  async function describe(signal: AbortSignal): Promise<IndexDescription> {
    const asked = { operation: 'describe', index, address: 'looked up' } as const;
    const described = describedIndex(
      await request(asked, signal, (client) => client.indexes.describe(index)),
    );
    if (!described) throw strangeAnswer(asked);
    checkDescription(described, index);
    remembered = described.host;
    return described;
  }

  async function locate(signal: AbortSignal): Promise<{ host: string; address: Asked['address'] }> {
    if (given !== undefined) return { host: given, address: 'given' };
    if (remembered !== undefined) return { host: remembered, address: 'remembered' };
    return { host: (await describe(signal)).host, address: 'looked up' };
  }

  async function ask(
    operation: Asked['operation'],
    signal: AbortSignal,
    send: Send,
    onMissingNamespace?: () => void,
  ): Promise<JsonObject> {
    const { host, address } = await locate(signal);
    return request(
      { operation, index, address },
      signal,
      (client) => send(client.index<RecordMetadata>({ host, namespace })),
      onMissingNamespace,
    );
  }

  return {
    describe,
    ask: (operation, signal, send) => ask(operation, signal, send),
    async askIfThere(operation, signal, send) {
      let there = true;
      try {
        return await ask(operation, signal, send, () => (there = false));
      } catch (error) {
        if (there) throw error;
        return undefined;
      }
    },
  };
}

/** An answer in another shape than Pinecone documents: something between us and it, perhaps for a while. */
export function strangeAnswer({ operation, index }: Pick<Asked, 'operation' | 'index'>): StageError {
  return new StageError(
    'StoreUnavailable',
    `What came back from the Pinecone index "${index}" (${operation}) is not an answer of Pinecone's.`,
  );
}
