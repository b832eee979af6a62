import { isObject } from '../../../common/json.ts';
import { LineCounter, parseDocument } from 'yaml';
import { badRequest } from '../resources/failures.ts';
import { ResourceFailure } from '../resources/failure.ts';
import { duplicateFields } from './duplicateFields.ts';
import { jsonOf, ONLY_JSON } from './yamlAsJson.ts';

/** A request's body, read. */
export interface Body {
  readonly value: unknown;
  /** Fields given twice, in the apiserver's words. */
  readonly faults: readonly string[];
}

const JSON_TYPE = 'application/json';
const YAML_TYPE = 'application/yaml';
const MERGE_PATCH = 'application/merge-patch+json';

/** A manifest, in JSON unless its type says YAML. Throws the API's refusals. */
export function readManifest(kind: string, type: string | undefined, text: string): Body {
  const named = mediaType(type) || JSON_TYPE;
  const unreadable = (fault: string): ResourceFailure =>
    badRequest(
      `the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; ${fault} (${text === '' ? '<empty>' : text.slice(0, 30)})`,
    );
  if (named === JSON_TYPE) return readJson(text, (fault) => unreadable(`json parse error: ${fault}`));
  if (named === YAML_TYPE) return readYaml(text, (fault) => unreadable(`yaml parse error: ${fault}`));
  throw unsupported(`${JSON_TYPE}, ${YAML_TYPE}`);
}

/** Throws the API's refusals: of the kinds of patches there are, this API takes JSON merge patches. */
export function readPatch(type: string | undefined, text: string): Body {
  const named = mediaType(type);
  if (named === MERGE_PATCH) {
    const body = readJson(text, (fault) => badRequest(`error decoding patch: ${fault}`));
    if (!isObject(body.value)) throw badRequest('error decoding patch: it is not an object');
    return body;
  }
  if (named === 'application/apply-patch+yaml' || named === 'application/apply-patch+cbor')
    throw unsupported(MERGE_PATCH, 'Server-side apply is not to be had here: apply without --server-side.');
  throw unsupported(MERGE_PATCH);
}

/** DeleteOptions, or nothing. Throws the API's refusals. */
export function readOptions(type: string | undefined, text: string): unknown {
  if (text === '') return undefined;
  const named = mediaType(type) || JSON_TYPE;
  if (named === JSON_TYPE) return readJson(text, unreadableOptions).value;
  if (named === YAML_TYPE) return readYaml(text, unreadableOptions).value;
  throw unsupported(`${JSON_TYPE}, ${YAML_TYPE}`);
}

function unreadableOptions(fault: string): ResourceFailure {
  return badRequest(`couldn't get version/kind; json parse error: ${fault}`);
}

function readJson(text: string, refuse: (fault: string) => ResourceFailure): Body {
  try {
    const value: unknown = JSON.parse(text);
    return { value, faults: duplicateFields(text).map((path) => `duplicate field "${path}"`) };
  } catch (error) {
    throw refuse(text === '' ? 'unexpected end of JSON input' : messageOf(error));
  }
}

function readYaml(text: string, refuse: (fault: string) => ResourceFailure): Body {
  try {
    const lineCounter = new LineCounter();
    const options = { lineCounter, uniqueKeys: false, prettyErrors: false, ...ONLY_JSON };
    const document = parseDocument(text, options);
    const [error] = [...document.errors, ...document.warnings];
    if (error) throw refuse(error.message);
    // Aliases are few in a manifest; a document that grows by them is not made.
    return { value: jsonOf(document, 100), faults: duplicateKeys(text) };
  } catch (error) {
    throw error instanceof ResourceFailure ? error : refuse(messageOf(error));
  }
}

function duplicateKeys(text: string): string[] {
  const lineCounter = new LineCounter();
  const { errors } = parseDocument(text, { lineCounter, uniqueKeys: true, prettyErrors: false });
  return errors
    .filter(({ code }) => code === 'DUPLICATE_KEY')
    .map(({ pos: [start] }) => {
      const key = /^["']?([^"':\s]+)/.exec(text.slice(start))?.[1] ?? '';
      return `yaml: unmarshal errors:\n  line ${lineCounter.linePos(start).line}: key "${key}" already set in map`;
    });
}

function unsupported(types: string, advice = ''): ResourceFailure {
  const message = `the body of the request was in an unknown format - accepted media types include: ${types}`;
  return new ResourceFailure(415, 'UnsupportedMediaType', advice === '' ? message : `${message}. ${advice}`);
}

function mediaType(type: string | undefined): string {
  return (type ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
