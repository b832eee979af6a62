import { setTimeout as sleep } from 'node:timers/promises';
import { RELEASE_MS } from '../../../controller/kubernetes/runtime/pace.ts';
import type { Apiserver } from './apiserver.ts';

/** Requests that the apiserver has counted, by verb and resource, since it began. */
export async function requestsOf(apiserver: Apiserver): Promise<Map<string, number>> {
  const text = await apiserver.text('/metrics');
  const counts = new Map<string, number>();
  for (const [, labels = '', value = '0'] of text.matchAll(/^apiserver_request_total\{(.*)\} (\S+)$/gm)) {
    const label = (name: string): string => new RegExp(`${name}="([^"]*)"`).exec(labels)?.[1] ?? '';
    const subresource = label('subresource');
    const what = `${label('verb')} ${label('resource')}${subresource === '' ? '' : `/${subresource}`}`;
    counts.set(what, (counts.get(what) ?? 0) + Number(value));
  }
  return counts;
}

/** Resources of which the operator asks for something, and nobody else all the time. */
const RESOURCES = /^\S+ (loomvideos|jobs|pods|events)(\/|$)/;

/** What a player of Jobs, whoever makes and deletes LoomVideos, and Kubernetes' garbage collector ask for. */
const OTHERS = new Set([
  ...['POST loomvideos', 'DELETE loomvideos', 'POST pods', 'PATCH pods/status', 'PATCH jobs/status'],
  ...['DELETE jobs', 'DELETE pods', 'DELETE events'],
  ...['DELETECOLLECTION jobs', 'DELETECOLLECTION pods', 'DELETECOLLECTION events'],
]);

/** Requests between two counts that only the operator makes, per video; without its watches. */
export function operatorsRequests(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
  videos: number,
): Map<string, number> {
  return new Map(
    [...after]
      .filter(([what]) => RESOURCES.test(what) && !OTHERS.has(what) && !what.startsWith('WATCH'))
      .map(([what, count]): [string, number] => [what, (count - (before.get(what) ?? 0)) / videos])
      .filter(([, count]) => count > 0),
  );
}

/** Of such requests those that change something. */
export function writesOf(requests: ReadonlyMap<string, number>): number {
  return [...requests].reduce((sum, [what, count]) => (/^(GET|LIST) /.test(what) ? sum : sum + count), 0);
}

/** Longer than the operator keeps a Job whose outcome it has written: what it does with it then counts too. Milliseconds. */
const QUIET_MS = RELEASE_MS + 2000;

/** Resolves when the apiserver has been asked for nothing that matters for so long that nothing more is to come. */
export async function quiet(apiserver: Apiserver): Promise<void> {
  let before = Number.NaN;
  for (let since = performance.now(); performance.now() - since < QUIET_MS; await sleep(500)) {
    const counts = await requestsOf(apiserver);
    const matters = [...counts].filter(([what]) => RESOURCES.test(what) && !what.startsWith('WATCH'));
    const total = matters.reduce((sum, [, count]) => sum + count, 0);
    if (total === before) continue;
    before = total;
    since = performance.now();
  }
}
