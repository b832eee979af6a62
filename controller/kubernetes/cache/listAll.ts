import { ApiError, type KubeApi, type KubeObject, type KubeQuery } from '../api/kubeApi.ts';
import { keyOf, type Key } from './store.ts';

export interface ListOptions<T> {
  readonly api: Pick<KubeApi, 'list'>;
  readonly path: string;
  readonly query: KubeQuery;
  /** Makes an object small on its way in. */
  readonly strip: (object: T) => T;
  readonly signal: AbortSignal;
  /** Told after each page. */
  readonly onPage: () => void;
}

export interface WholeList<T> {
  readonly objects: ReadonlyMap<Key, T>;
  /** As of which the list is right, and from which to watch. */
  readonly resourceVersion: string;
}

/** Objects asked for at once, as client-go's reflector does (its pager's default page size). */
const PAGE = 500;

/**
 * The apiserver forgets an old revision every 5 minutes (--etcd-compaction-interval): more in one list is trouble.
 */
const MAX_RESTARTS = 3;

/**
 * Lists page by page. Begins anew when the pages' revision has expired, and with smaller pages when one is too large.
 */
export async function listAll<T extends KubeObject>(options: ListOptions<T>): Promise<WholeList<T>> {
  let limit = PAGE;
  for (let restarts = 0; ;) {
    try {
      return await listPages(options, limit);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.reason === 'AnswerTooLarge' && limit > 1) limit = Math.ceil(limit / 4);
      else if (isExpired(error) && restarts++ < MAX_RESTARTS) continue;
      else throw error;
    }
  }
}

async function listPages<T extends KubeObject>(
  { api, path, query, strip, signal, onPage }: ListOptions<T>,
  limit: number,
): Promise<WholeList<T>> {
  const objects = new Map<Key, T>();
  let token: string | undefined;
  for (;;) {
    const page = await api.list<T>(
      path,
      { ...query, limit, ...(token !== undefined && { continue: token }) },
      signal,
    );
    onPage();
    for (const item of page.items) objects.set(keyOf(item), strip(item));
    token = page.metadata.continue;
    if (token === undefined || token === '')
      return { objects, resourceVersion: page.metadata.resourceVersion };
  }
}

/** The revision that was asked for is no longer known: HTTP 410, or an ERROR event of that code or reason. */
export function isExpired({ status, reason }: ApiError): boolean {
  return status === 410 || reason === 'Expired' || reason === 'Gone';
}
