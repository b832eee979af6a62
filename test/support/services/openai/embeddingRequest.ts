import { Ajv } from 'ajv';

/** `CreateEmbeddingRequest` (openapi.yaml 2.3.0). */
export interface EmbeddingRequest {
  readonly input: string | readonly string[] | readonly number[] | readonly (readonly number[])[];
  readonly model: string;
  readonly encoding_format?: 'float' | 'base64';
  readonly dimensions?: number;
  readonly user?: string;
}

/** Tokens of one input, and of all of one request (the description of `input`). */
const MAX_INPUT_TOKENS = 8192;
const MAX_REQUEST_TOKENS = 300_000;

/**
 * Not empty, as the document says. Blank text is refused too: users report both answers to it, so that no client
 * should send it.
 */
const text = { type: 'string', pattern: '\\S' } as const;
const tokens = { type: 'array', minItems: 1, maxItems: 2048, items: { type: 'integer' } } as const;

export const isEmbeddingRequest = new Ajv({ allErrors: true }).compile<EmbeddingRequest>({
  type: 'object',
  additionalProperties: false,
  required: ['model', 'input'],
  properties: {
    input: {
      oneOf: [
        text,
        { type: 'array', minItems: 1, maxItems: 2048, items: text },
        tokens,
        { type: 'array', minItems: 1, maxItems: 2048, items: tokens },
      ],
    },
    model: { type: 'string' },
    encoding_format: { type: 'string', enum: ['float', 'base64'] },
    dimensions: { type: 'integer', minimum: 1 },
    user: { type: 'string' },
  },
});

/** What the service says to a request that its schema does not allow. */
export function schemaFault(): string {
  const errors = isEmbeddingRequest.errors ?? [];
  const unknown = errors.find(({ keyword }) => keyword === 'additionalProperties');
  if (unknown)
    return `Unrecognized request argument supplied: ${String(unknown.params['additionalProperty'])}`;
  const missing = errors.find(({ keyword }) => keyword === 'required');
  if (missing?.params['missingProperty'] === 'model') return 'you must provide a model parameter';
  const path = missing
    ? `.${String(missing.params['missingProperty'])}`
    : (errors[0]?.instancePath.replaceAll('/', '.') ?? '');
  return `'$${path}' is invalid. Please check the API reference: https://platform.openai.com/docs/api-reference.`;
}

/** Each input as text; a list of tokens as a text of their numbers. */
export function inputsOf({ input }: EmbeddingRequest): string[] {
  if (typeof input === 'string') return [input];
  if (input.every((item) => typeof item === 'number')) return [input.join(' ')];
  return input.map((item) => (typeof item === 'string' ? item : item.join(' ')));
}

/**
 * The most tokens each input can have: its UTF-8 bytes, since a token is at least one. Real text has about a quarter of
 * that, so that this refuses early, never late.
 */
export function tokenCounts({ input }: EmbeddingRequest): number[] {
  if (typeof input === 'string') return [Buffer.byteLength(input)];
  if (input.every((item) => typeof item === 'number')) return [input.length];
  return input.map((item) => (typeof item === 'string' ? Buffer.byteLength(item) : item.length));
}

/** Why there are too many tokens, if there are. */
export function tokenFault(counts: readonly number[]): { message: string; code?: string } | undefined {
  const longest = Math.max(...counts);
  if (longest > MAX_INPUT_TOKENS)
    return {
      message:
        `This model's maximum context length is ${MAX_INPUT_TOKENS} tokens, however you requested ${longest} tokens ` +
        `(${longest} in your prompt; 0 for the completion). Please reduce your prompt; or completion length.`,
    };
  const total = counts.reduce((sum, count) => sum + count, 0);
  return total > MAX_REQUEST_TOKENS
    ? {
        message: `Requested ${total} tokens, max ${MAX_REQUEST_TOKENS} tokens per request`,
        code: 'max_tokens_per_request',
      }
    : undefined;
}
