import rateLimit from '@fastify/rate-limit';
import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Clock } from '../../../common/clock.ts';

/** Milliseconds that wrong tokens are counted over. */
const WINDOW_MS = 60_000;
/** Wrong tokens from one address (of IPv6, from one /64) in a window. */
export const MAX_WRONG = 10;
/** From all addresses together: changing them does not help. So 16 characters, the least there are, are never found. */
export const MAX_WRONG_OF_ALL = 300;

/** For so long an address that had the right token is not held up by what others send; milliseconds. */
const KNOWN_MS = 24 * 3600_000;
const MAX_KNOWN = 1000;

export type Verdict =
  | { readonly kind: 'right' }
  | { readonly kind: 'wrong' }
  | { readonly kind: 'wait'; readonly seconds: number };

/** The one place where tokens are compared. */
export interface TokenGate {
  /** While an address has to wait it is not told whether a token is right. */
  readonly judge: (request: FastifyRequest, token: string) => Promise<Verdict>;
}

type Limit = ReturnType<FastifyInstance['createRateLimit']>;

/**
 * Compares in constant time and counts what was wrong, of each address and of all. Strangers who use up the second count
 * keep out new addresses only: for those whose token was right lately it does not hold.
 */
export function tokenGate(app: FastifyInstance, apiToken: string, clock: Clock): TokenGate {
  const expected = digest(apiToken);
  const known = new Map<string, number>();
  // The library counts of 5000 addresses at most, and forgets the one heard of longest ago.
  const limits: { byAddress?: Limit; ofAll?: Limit } = {};
  void app.register(rateLimit, { global: false });
  app.after(() => {
    limits.byAddress = app.createRateLimit({ max: MAX_WRONG, timeWindow: WINDOW_MS });
    limits.ofAll = app.createRateLimit({
      max: MAX_WRONG_OF_ALL,
      timeWindow: WINDOW_MS,
      keyGenerator: () => 'all',
    });
  });

  /** Seconds to wait, or 0; `count`: one more was wrong. */
  async function waitOf(limit: Limit | undefined, request: FastifyRequest, count: boolean): Promise<Wait> {
    const state = await limit?.(request, { increment: count });
    if (!state || state.isAllowed) return { key: '', seconds: 0, isNew: false };
    const { key, max, remaining, ttlInSeconds, isExceeded } = state;
    const holds = count ? isExceeded : remaining === 0 && max > 0;
    return {
      key,
      seconds: holds ? Math.max(1, ttlInSeconds) : 0,
      isNew: count && remaining === 0 && !isExceeded,
    };
  }

  return {
    async judge(request, token) {
      const isRight = timingSafeEqual(digest(token), expected);
      const own = await waitOf(limits.byAddress, request, !isRight);
      const all = await waitOf(limits.ofAll, request, !isRight);
      if (own.isNew)
        request.log.warn({ address: request.ip }, 'Too many wrong tokens from one address: it has to wait');
      if (all.isNew) request.log.warn('Too many wrong tokens from everywhere: new addresses have to wait');
      const now = clock.now().getTime();
      const isKnown = now - (known.get(own.key) ?? Number.NEGATIVE_INFINITY) < KNOWN_MS;
      const seconds = Math.max(own.seconds, isKnown ? 0 : all.seconds);
      if (seconds > 0) return { kind: 'wait', seconds };
      if (!isRight) return { kind: 'wrong' };
      known.delete(own.key);
      known.set(own.key, now);
      const [oldest] = known.keys();
      if (known.size > MAX_KNOWN && oldest !== undefined) known.delete(oldest);
      return { kind: 'right' };
    },
  };
}

interface Wait {
  /** Of the address. */
  readonly key: string;
  readonly seconds: number;
  /** The last that may be wrong was. */
  readonly isNew: boolean;
}

/** Of one length, whatever was sent: what is compared in constant time has to be. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
