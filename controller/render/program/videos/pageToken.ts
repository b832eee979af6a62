import { parseObject } from '../../../../common/json.ts';
import { ProblemError } from '../problem.ts';

/** Where a video stands in the list: the newest first, of one second by their uid. It keeps its place as long as it lives. */
export interface Place {
  /** RFC 3339 in seconds. */
  readonly createdAt: string;
  readonly uid: string;
}

/** Negative where `a` comes first. */
export function comparePlaces(a: Place, b: Place): number {
  return compareTexts(b.createdAt, a.createdAt) || compareTexts(b.uid, a.uid);
}

/** The `continue` token; to clients it means nothing. */
export function formatContinue({ createdAt, uid }: Place): string {
  return Buffer.from(JSON.stringify({ createdAt, uid })).toString('base64url');
}

/** Throws the problem for what was not made by {@link formatContinue}. */
export function parseContinue(token: string): Place {
  const { createdAt, uid } = parseObject(Buffer.from(token, 'base64url').toString()) ?? {};
  if (typeof createdAt !== 'string' || typeof uid !== 'string')
    throw new ProblemError(400, 'Invalid', 'query.continue is not a token of this list: begin without it.', {
      field: 'query.continue',
    });
  return { createdAt, uid };
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
