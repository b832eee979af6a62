import { Ajv, type JSONSchemaType, type ValidateFunction } from 'ajv';
import type { Segment } from '../../artifacts.ts';

/** The answers of the functions in migrations/0001_loomvideo.sql. */

export interface PassageAnswer {
  readonly position: number;
  readonly starts: number;
  readonly ends: number;
  readonly chapter: string | null;
  readonly text: string;
}

export interface VideoAnswer {
  readonly key: string;
  readonly uid: string;
  readonly url: string;
  readonly title: string;
  readonly uploader: string | null;
  readonly duration_seconds: number;
  readonly language: string;
  readonly transcription_model: string;
  readonly embedding_model: string;
  readonly segments: readonly Segment[];
  readonly passages: readonly PassageAnswer[];
}

export interface FoundPassageAnswer extends PassageAnswer {
  readonly key: string;
  readonly uid: string;
  readonly title: string;
  readonly url: string;
}

export interface HitAnswer extends FoundPassageAnswer {
  readonly score: number;
  readonly coverage: number;
}

export interface TableStatus {
  readonly name: string;
  readonly exists: boolean;
  readonly rls: boolean;
  /** What LoomVideo does with the table. */
  readonly access: readonly {
    readonly command: string;
    /** By GRANT. */
    readonly granted: boolean;
    /** By row-level security: past it, or by a policy. */
    readonly admitted: boolean;
  }[];
  /** Those that apply to the role. */
  readonly policies: readonly string[];
}

export interface StatusAnswer {
  readonly schema_version: number;
  /** The role that the key stands for. */
  readonly role: string;
  readonly bypasses_rls: boolean;
  readonly tables: readonly TableStatus[];
  readonly functions: readonly {
    readonly signature: string;
    readonly exists: boolean;
    readonly granted: boolean;
  }[];
  /** Of `anon` and `authenticated`, those that may read a table. */
  readonly readable_by: readonly string[];
}

const text = { type: 'string' } as const;
const number = { type: 'number' } as const;
const count = { type: 'integer', minimum: 0 } as const;
const flag = { type: 'boolean' } as const;
const textOrNull = { type: 'string', nullable: true } as const;

function object(properties: Record<string, object>): object {
  return { type: 'object', required: Object.keys(properties), properties };
}
const listOf = (items: object): object => ({ type: 'array', items });

const passage = { position: count, starts: number, ends: number, chapter: textOrNull, text };
const found = { ...passage, key: text, uid: text, title: text, url: text };

const ajv = new Ajv({ allowUnionTypes: true });

/** Compiled with the first answer: a process that asks Supabase nothing does not pay for it. */
// oxlint-disable-next-line no-unnecessary-type-parameters -- whoever gives a schema says what its values are
function compile<T>(schema: object): (value: unknown) => value is T {
  let validate: ValidateFunction<T> | undefined;
  return (value): value is T => {
    // oxlint-disable-next-line no-unsafe-type-assertion -- JSONSchemaType cannot express readonly arrays and nulls
    validate ??= ajv.compile<T>(schema as JSONSchemaType<T>);
    return validate(value);
  };
}

export const isCount = compile<number>(count);

export const isVideo = compile<VideoAnswer | null>({
  ...object({
    key: text,
    uid: text,
    url: text,
    title: text,
    uploader: textOrNull,
    duration_seconds: number,
    language: text,
    transcription_model: text,
    embedding_model: text,
    segments: listOf(object({ start: number, end: number, text })),
    passages: listOf(object(passage)),
  }),
  nullable: true,
});

export const isFoundPassages = compile<readonly FoundPassageAnswer[]>(listOf(object(found)));

export const isHits = compile<readonly HitAnswer[]>(
  listOf(object({ ...found, score: number, coverage: { type: 'number', minimum: 0, maximum: 1 } })),
);

/** Enough to see the version of one that may be of another shape. */
export const isVersioned = compile<Pick<StatusAnswer, 'schema_version'>>(object({ schema_version: count }));

export const isStatus = compile<StatusAnswer>(
  object({
    schema_version: count,
    role: text,
    bypasses_rls: flag,
    tables: listOf(
      object({
        name: text,
        exists: flag,
        rls: flag,
        access: listOf(object({ command: text, granted: flag, admitted: flag })),
        policies: listOf(text),
      }),
    ),
    functions: listOf(object({ signature: text, exists: flag, granted: flag })),
    readable_by: listOf(text),
  }),
);
