/** First and longest wait before a refused Job is posted again, milliseconds. Quotas are freed by the minute. */
const FIRST_MS = 5000;
const LONGEST_MS = 300_000;

interface Rejection {
  readonly jobName: string;
  readonly message: string;
  readonly failures: number;
  /** When it may be asked again, milliseconds. */
  readonly due: number;
}

/** Jobs that the apiserver refused, by the uid of their video, and when to ask again. */
export class Rejections {
  readonly #known = new Map<string, Rejection>();

  note(uid: string, jobName: string, message: string, now: Date): void {
    const before = this.#known.get(uid);
    const failures = before?.jobName === jobName ? before.failures + 1 : 1;
    const waitMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1));
    this.#known.set(uid, { jobName, message, failures, due: now.getTime() + waitMs });
  }

  /** Why the video's last Job was refused. */
  messageOf(uid: string): string | undefined {
    return this.#known.get(uid)?.message;
  }

  /** Milliseconds until this Job may be posted; another one than was refused may be at once. */
  waitMs(uid: string, jobName: string, now: Date): number {
    const known = this.#known.get(uid);
    return known?.jobName === jobName ? Math.max(0, known.due - now.getTime()) : 0;
  }

  clear(uid: string): void {
    this.#known.delete(uid);
  }
}
