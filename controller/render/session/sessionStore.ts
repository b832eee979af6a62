import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../../../common/clock.ts';

/** Not used for so long, it ends; milliseconds. A working day and the night after it. */
export const IDLE_MS = 24 * 3600_000;
/** However much it is used; milliseconds. */
export const LIFETIME_MS = 7 * 24 * 3600_000;
/** More than people have browsers; whoever makes them has the token. The one not used for longest goes. */
export const MAX_SESSIONS = 1000;

interface Session {
  readonly createdAt: number;
  usedAt: number;
}

/**
 * Who has signed in. In memory alone, and only the hash of each id: what leaks from here opens nothing, a session that was
 * ended is ended, and a restart signs everybody out.
 */
export class SessionStore {
  readonly #clock: Clock;
  /** By the hash of the id; in order of use. */
  readonly #sessions = new Map<string, Session>();
  /** What goes on for a session, likewise. */
  readonly #underWay = new Map<string, Set<() => void>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The id of a new session: 256 random bits. */
  create(): string {
    const id = randomBytes(32).toString('base64url');
    const now = this.#clock.now().getTime();
    this.#sessions.set(hashOf(id), { createdAt: now, usedAt: now });
    for (const oldest of this.#sessions.keys()) {
      if (this.#sessions.size <= MAX_SESSIONS) break;
      this.#drop(oldest);
    }
    return id;
  }

  /** Whether it is one of ours and not over; counts as use. */
  use(id: string): boolean {
    const key = hashOf(id);
    const session = this.#sessions.get(key);
    if (!session) return false;
    const now = this.#clock.now().getTime();
    if (now - session.usedAt > IDLE_MS || now - session.createdAt > LIFETIME_MS) {
      this.#drop(key);
      return false;
    }
    session.usedAt = now;
    this.#sessions.delete(key);
    this.#sessions.set(key, session);
    return true;
  }

  end(id: string): void {
    this.#drop(hashOf(id));
  }

  /** Calls `cut` when the session ends: streams last longer than the look at who asked. Returns how to forget it. */
  onEnd(id: string, cut: () => void): () => void {
    const key = hashOf(id);
    const underWay = this.#underWay.get(key) ?? new Set();
    this.#underWay.set(key, underWay.add(cut));
    return () => {
      underWay.delete(cut);
      if (underWay.size === 0 && this.#underWay.get(key) === underWay) this.#underWay.delete(key);
    };
  }

  #drop(key: string): void {
    this.#sessions.delete(key);
    for (const cut of this.#underWay.get(key) ?? []) cut();
    this.#underWay.delete(key);
  }
}

function hashOf(id: string): string {
  return createHash('sha256').update(id).digest('base64url');
}
