import { setImmediate as turn } from 'node:timers/promises';
import { isNode, LineCounter, parseAllDocuments, type Document } from 'yaml';
import { isObject, type JsonObject } from '../../../common/json.ts';
import { jsonOf, ONLY_JSON } from '../api/yamlAsJson.ts';
import { apiVersionOf, type Crd } from '../resources/crd.ts';
import type { ResourceFailure } from '../resources/failure.ts';
import type { VideoKey } from '../resources/resource.ts';
import { wordsOf } from './findFiles.ts';
import type { ManifestFault } from './status.ts';

/** Aliases are few in a manifest; a document that grows by them is not made. */
const MAX_ALIASES = 100;

/** A LoomVideo that was found to be right. */
export interface Manifest {
  readonly key: VideoKey;
  /** From 1. */
  readonly document: number;
  readonly line: number;
  /** With its namespace, without a status. */
  readonly value: JsonObject;
}

export interface ParsedFile {
  readonly documents: number;
  readonly manifests: readonly Manifest[];
  /** All LoomVideos whose names could be read, right or wrong. */
  readonly named: readonly VideoKey[];
  readonly faults: readonly ManifestFault[];
  /** False: it cannot be told what it declares, as of a file that is being written. */
  readonly isReadable: boolean;
}

/** What the resource API would say to a manifest; undefined: it takes it. */
export type Judge = (namespace: string, value: JsonObject) => ResourceFailure | undefined;

/** Where something stands. */
interface Place {
  readonly document: number;
  readonly parsed: Document;
  /** Of the object in its document. */
  readonly path: readonly (string | number)[];
}

/** Reads a file of YAML documents, or of JSON, which is YAML too. Others have their turn between objects. */
export async function parseManifests(text: string, crd: Crd, judge: Judge): Promise<ParsedFile> {
  const lines = new LineCounter();
  const faults: ManifestFault[] = [];
  const manifests: Manifest[] = [];
  const named: VideoKey[] = [];
  const unreadable = (fault: ManifestFault): ParsedFile => ({
    documents: 0,
    manifests: [],
    named,
    faults: [fault],
    isReadable: false,
  });
  // Written in two steps, a file is empty in between.
  if (text.trim() === '') return unreadable({ message: 'It is empty.' });

  const lineOf = ({ parsed, path }: Place, field = ''): number | undefined => {
    // The innermost part of the path that is there: what is missing has no line.
    for (const steps = field.match(/[^.[\]]+/g) ?? []; ; steps.pop()) {
      const keys = [...path, ...steps.map((step) => (/^\d+$/.test(step) ? Number(step) : step))];
      const node: unknown = keys.length === 0 ? parsed.contents : parsed.getIn(keys, true);
      const at = isNode(node) ? node.range?.[0] : undefined;
      if (at !== undefined) return lines.linePos(at).line;
      if (steps.length === 0) return undefined;
    }
  };
  const blame = (place: Place, message: string, field?: string, object?: string): void => {
    const line = lineOf(place, field);
    faults.push({
      document: place.document,
      ...(line !== undefined && { line }),
      ...(object !== undefined && { object }),
      message,
    });
  };

  const take = (value: unknown, place: Place): void => {
    if (!isObject(value)) return blame(place, 'It is no object.');
    const { kind, apiVersion } = value;
    if (kind !== crd.kind || apiVersion !== apiVersionOf(crd))
      return blame(
        place,
        `${shown(kind, 'an object without a kind')} of ${shown(apiVersion, 'no apiVersion')} is not taken here: ${crd.kind} of ${apiVersionOf(crd)} is.`,
        'kind',
      );
    const { status: _, metadata, ...rest } = value;
    const given = isObject(metadata) ? metadata : {};
    const { name } = given;
    const namespace = given['namespace'] || 'default';
    if (typeof name !== 'string' || name === '' || typeof namespace !== 'string')
      return blame(place, 'metadata.name: Required value: what is applied has a name of its own', 'metadata');
    const key = { namespace, name };
    named.push(key);
    const whole = { ...rest, metadata: { ...given, namespace } };
    const failure = judge(namespace, whole);
    if (failure) blame(place, failure.message, fieldOf(failure), `${namespace}/${name}`);
    else manifests.push({ key, document: place.document, line: lineOf(place) ?? 1, value: whole });
  };

  let documents: ReturnType<typeof parseAllDocuments>;
  try {
    const options = { lineCounter: lines, prettyErrors: false, uniqueKeys: true, ...ONLY_JSON };
    documents = parseAllDocuments(text, options);
  } catch (cause) {
    // The parser calls itself for each level, until there is no more stack.
    if (!(cause instanceof RangeError)) throw cause;
    return unreadable({ message: 'It is nested too deeply.' });
  }
  // For a text without any document this is no list of documents.
  if (!Array.isArray(documents)) return { documents: 0, manifests, named, faults, isReadable: true };
  let count = 0;
  for (const [index, parsed] of documents.entries()) {
    const document = index + 1;
    const [error] = [...parsed.errors, ...parsed.warnings];
    if (error) {
      const { line } = lines.linePos(error.pos[0]);
      return unreadable({ document, line, message: error.message });
    }
    let value: unknown;
    try {
      // Judged as a request's body is.
      value = jsonOf(parsed, MAX_ALIASES);
    } catch (cause) {
      return unreadable({ document, message: wordsOf(cause) });
    }
    if (value === null || value === undefined) continue;
    count++;
    await turn();
    const items = isObject(value) && isList(value['kind'], crd) ? value['items'] : undefined;
    if (Array.isArray(items))
      for (const [at, item] of items.entries()) {
        take(item, { document, parsed, path: ['items', at] });
        await turn();
      }
    else take(value, { document, parsed, path: [] });
  }
  return { documents: count, manifests, named, faults, isReadable: true };
}

function isList(kind: unknown, crd: Crd): boolean {
  return kind === 'List' || kind === crd.listKind;
}

function fieldOf({ details, message }: ResourceFailure): string | undefined {
  const field = details?.causes?.[0]?.field;
  return field ?? /unknown field "([^"]+)"/.exec(message)?.[1];
}

function shown(value: unknown, otherwise: string): string {
  return typeof value === 'string' && value !== '' ? value.slice(0, 100) : otherwise;
}
