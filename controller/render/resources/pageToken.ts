import { parseObject } from '../../../common/json.ts';
import { badRequest } from './failures.ts';
import type { VideoKey } from './resource.ts';

/** Where a page of a list ended: its last object, and the version of the first page. */
export interface PageEnd extends VideoKey {
  readonly version: number;
}

/** The `continue` token; to clients it means nothing. */
export function formatContinue({ namespace, name, version }: PageEnd): string {
  return Buffer.from(JSON.stringify({ namespace, name, version })).toString('base64url');
}

/** Throws the API's refusal for what was not made by {@link formatContinue}. */
export function parseContinue(token: string): PageEnd {
  const { namespace, name, version } = parseObject(Buffer.from(token, 'base64url').toString()) ?? {};
  if (typeof namespace !== 'string' || typeof name !== 'string' || !Number.isSafeInteger(version))
    throw badRequest('invalid continue token: continue key is not valid');
  return { namespace, name, version: Number(version) };
}
