import { isObject } from '../../../common/json.ts';
import type { Cause, CauseReason } from '../resources/failure.ts';
import { badRequest, invalidOption, tooLargeVersion, expired } from '../resources/failures.ts';
import type { DeleteOptions, FieldValidation, ListQuery, WatchQuery } from '../resources/resourceStore.ts';
import { parseFieldSelector, parseLabelSelector } from '../resources/selectors.ts';
import type { Target } from './requestTarget.ts';

/** The query parameters of a request, as the apiserver reads and judges them. */

export interface WriteParameters {
  readonly dryRun: boolean;
  readonly fieldValidation: FieldValidation;
}

export interface WatchParameters {
  readonly query: WatchQuery;
  /** Undefined: as long as the server likes. */
  readonly timeoutSeconds: number | undefined;
}

/** How often a watch with nothing to tell says how far it is, as kube-apiserver does. */
const BOOKMARK_MS = 60_000;

const POLICIES: ReadonlySet<unknown> = new Set(['Foreground', 'Background', 'Orphan']);

type OptionsKind = 'CreateOptions' | 'UpdateOptions' | 'PatchOptions';

export function readWriteParameters(kind: OptionsKind, query: URLSearchParams): WriteParameters {
  const fieldValidation = query.get('fieldValidation') || 'Warn';
  if (!isFieldValidation(fieldValidation))
    throw invalidOption(
      kind,
      notSupported('fieldValidation', JSON.stringify(fieldValidation), '"", "Ignore", "Strict", "Warn"'),
    );
  return { dryRun: readDryRun(kind, query.getAll('dryRun')), fieldValidation };
}

/** `body`: DeleteOptions, where some were sent; what they say goes before the query. */
export function readDeleteOptions(body: unknown, query: URLSearchParams): DeleteOptions {
  if (body !== undefined && !isObject(body)) throw badRequest('DeleteOptions are to be an object');
  // kubectl leaves the kind out.
  const kind = body?.['kind'] ?? 'DeleteOptions';
  if (kind !== 'DeleteOptions')
    throw badRequest(`no kind ${JSON.stringify(kind)} is registered for deletion: DeleteOptions is`);
  const options = body ?? {};
  const policy = options['propagationPolicy'] ?? query.get('propagationPolicy');
  if (policy && !POLICIES.has(policy))
    throw invalidOption(
      'DeleteOptions',
      notSupported(
        'propagationPolicy',
        JSON.stringify(policy),
        '"Foreground", "Background", "Orphan", "nil"',
      ),
    );
  const { uid, resourceVersion } = isObject(options['preconditions']) ? options['preconditions'] : {};
  const sent: unknown = options['dryRun'];
  return {
    dryRun: readDryRun('DeleteOptions', Array.isArray(sent) ? sent.map(String) : query.getAll('dryRun')),
    ...(typeof uid === 'string' && { uid }),
    ...(typeof resourceVersion === 'string' && { resourceVersion }),
  };
}

/** `current`: the store's version. Undefined: nothing can match. */
export function readListQuery(
  target: Target,
  query: URLSearchParams,
  current: number,
): ListQuery | undefined {
  const match = query.get('resourceVersionMatch') ?? '';
  const asked = query.get('resourceVersion') ?? '';
  const token = query.get('continue') ?? '';
  if (query.has('sendInitialEvents'))
    throw invalidOption(
      'ListOptions',
      forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list'),
    );
  checkMatch(match, asked, token);
  const version = readVersion(asked);
  if (version !== undefined && version > current) throw tooLargeVersion(version, current);
  if (match === 'Exact' && version !== current)
    throw expired('The resourceVersion for the provided list is too old.');
  const filter = readFilter(target, query);
  if (!filter) return undefined;
  const limit = readInteger(query.get('limit')) ?? 0;
  return { ...filter, ...(limit > 0 && { limit }), ...(token !== '' && { continue: token }) };
}

/** Undefined: nothing can match. */
export function readWatchParameters(target: Target, query: URLSearchParams): WatchParameters | undefined {
  const match = query.get('resourceVersionMatch') ?? '';
  const initial = query.get('sendInitialEvents');
  if (initial !== null && match !== 'NotOlderThan')
    throw matchForbidden('sendInitialEvents requires setting resourceVersionMatch to NotOlderThan');
  if (initial === null && match !== '')
    throw matchForbidden('resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided');
  const filter = readFilter(target, query);
  if (!filter) return undefined;
  const version = readVersion(query.get('resourceVersion') ?? '');
  const wantsAll = initial === null ? version === undefined : isTrue(initial);
  const bookmarks = isTrue(query.get('allowWatchBookmarks'));
  return {
    query: {
      ...filter,
      ...(!wantsAll && version !== undefined && { after: version }),
      ...(bookmarks && { bookmarkMs: BOOKMARK_MS }),
      ...(wantsAll && initial !== null && bookmarks && { initialBookmark: true }),
    },
    timeoutSeconds: readInteger(query.get('timeoutSeconds')),
  };
}

export function isTrue(text: string | null): boolean {
  return text === 'true' || text === '1';
}

function readFilter(
  target: Target,
  query: URLSearchParams,
): Pick<ListQuery, 'namespace' | 'name' | 'labels'> | undefined {
  const fields = parseFieldSelector(query.get('fieldSelector') ?? '');
  const labels = parseLabelSelector(query.get('labelSelector') ?? '');
  const namespace = target.namespace ?? fields.namespace;
  const name = target.name ?? fields.name;
  if (fields.namespace !== undefined && fields.namespace !== namespace) return undefined;
  if (fields.name !== undefined && fields.name !== name) return undefined;
  return {
    ...(namespace !== undefined && { namespace }),
    ...(name !== undefined && { name }),
    ...(labels && { labels }),
  };
}

function checkMatch(match: string, version: string, token: string): void {
  if (match === '') return;
  if (token !== '') throw matchForbidden('resourceVersionMatch is forbidden when continue is provided');
  if (version === '')
    throw matchForbidden('resourceVersionMatch is forbidden unless resourceVersion is provided');
  if (match !== 'Exact' && match !== 'NotOlderThan')
    throw invalidOption(
      'ListOptions',
      notSupported('resourceVersionMatch', JSON.stringify(match), '"Exact", "NotOlderThan", ""'),
    );
  if (match === 'Exact' && version === '0')
    throw matchForbidden('resourceVersionMatch "exact" is forbidden for resourceVersion "0"');
}

function matchForbidden(what: string): Error {
  return invalidOption('ListOptions', forbidden('resourceVersionMatch', what));
}

/** Undefined for none and for `0`: whatever there is. */
function readVersion(text: string): number | undefined {
  if (text === '' || text === '0') return undefined;
  if (!/^\d{1,15}$/.test(text))
    throw badRequest(
      `invalid resource version: resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`,
    );
  return Number(text);
}

function readInteger(text: string | null): number | undefined {
  if (text === null || text === '') return undefined;
  if (!/^-?\d{1,15}$/.test(text))
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  return Number(text);
}

function readDryRun(kind: OptionsKind | 'DeleteOptions', values: readonly string[]): boolean {
  const given = values.filter((value) => value !== '');
  if (given.some((value) => value !== 'All'))
    throw invalidOption(kind, notSupported('dryRun', JSON.stringify(given), '"All"'));
  return given.length > 0;
}

function isFieldValidation(text: string): text is FieldValidation {
  return text === 'Ignore' || text === 'Warn' || text === 'Strict';
}

function notSupported(field: string, value: string, supported: string): Cause {
  return cause(
    field,
    'FieldValueNotSupported',
    `Unsupported value: ${value}: supported values: ${supported}`,
  );
}

function forbidden(field: string, what: string): Cause {
  return cause(field, 'FieldValueForbidden', `Forbidden: ${what}`);
}

function cause(field: string, reason: CauseReason, message: string): Cause {
  return { reason, message, field };
}
