import { Ajv, type ValidateFunction } from 'ajv';

/**
 * What the data plane takes, by its OpenAPI document (pinecone-io/pinecone-api, 2026-04/db_data_2026-04.oas.yaml) and the
 * types of API version 2026-07 that the client 9.0.0 is generated from. A field it does not have is refused, as by any
 * protobuf API in JSON.
 */
const id = { type: 'string', minLength: 1, maxLength: 512 };
/** float32 */
const value = { type: 'number', minimum: -3.402_823_5e38, maximum: 3.402_823_5e38 };
const values = { type: 'array', items: value, minItems: 1, maxItems: 20_000 };
const namespace = { type: 'string' };
const filter = { type: 'object' };
const sparseValues = {
  type: 'object',
  required: ['indices', 'values'],
  properties: {
    indices: { type: 'array', items: { type: 'integer', minimum: 0 }, minItems: 1, maxItems: 1000 },
    values: { type: 'array', items: value, minItems: 1, maxItems: 1000 },
  },
};

const object = (required: readonly string[], properties: Record<string, object>): object => ({
  type: 'object',
  required,
  properties,
  additionalProperties: false,
});

const SCHEMAS = {
  upsert: object(['vectors'], {
    vectors: {
      type: 'array',
      minItems: 1,
      maxItems: 1000,
      items: object(['id', 'values'], { id, values, sparseValues, metadata: { type: 'object' } }),
    },
    namespace,
  }),
  query: object(['topK'], {
    namespace,
    topK: { type: 'integer', minimum: 1, maximum: 10_000 },
    filter,
    includeValues: { type: 'boolean' },
    includeMetadata: { type: 'boolean' },
    vector: values,
    id,
  }),
  delete: object([], {
    ids: { type: 'array', items: id, minItems: 1, maxItems: 1000 },
    deleteAll: { type: 'boolean' },
    namespace,
    filter,
  }),
  stats: object([], { filter }),
} as const;

export interface UpsertBody {
  readonly vectors: readonly {
    readonly id: string;
    readonly values: readonly number[];
    readonly metadata?: Readonly<Record<string, unknown>>;
  }[];
  readonly namespace?: string;
}

export interface QueryBody {
  readonly namespace?: string;
  readonly topK: number;
  readonly filter?: Readonly<Record<string, unknown>>;
  readonly includeValues?: boolean;
  readonly includeMetadata?: boolean;
  readonly vector?: readonly number[];
  readonly id?: string;
}

export interface DeleteBody {
  readonly ids?: readonly string[];
  readonly deleteAll?: boolean;
  readonly namespace?: string;
  readonly filter?: Readonly<Record<string, unknown>>;
}

const ajv = new Ajv({ allErrors: false, strict: true });

/** A check of a body: what is wrong with it, or undefined. */
export type BodyCheck = (body: unknown) => string | undefined;

function check(schema: object): BodyCheck {
  const validate: ValidateFunction = ajv.compile(schema);
  return (body) => {
    if (validate(body)) return undefined;
    const [error] = validate.errors ?? [];
    return `${error?.instancePath ?? ''} ${error?.message ?? 'is not valid'} ${JSON.stringify(error?.params ?? {})}`.trim();
  };
}

export const BODY_CHECKS = {
  upsert: check(SCHEMAS.upsert),
  query: check(SCHEMAS.query),
  delete: check(SCHEMAS.delete),
  stats: check(SCHEMAS.stats),
};
