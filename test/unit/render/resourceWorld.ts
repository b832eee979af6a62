import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { Clock } from '../../../common/clock.ts';
import type { LogBounds } from '../../../controller/render/resources/changeLog.ts';
import type { ResourceFailure } from '../../../controller/render/resources/failure.ts';
import { openResources, type Resources } from '../../../controller/render/resources/openResources.ts';

export const URL_A = 'https://www.loom.com/share/0123456789abcdef0123456789abcdef';
export const URL_B = 'https://www.loom.com/share/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa';

/** A manifest as users write it. */
export function manifest(
  name: string | undefined,
  spec: object = {},
  metadata: object = {},
): { apiVersion: string; kind: string; metadata: object; spec: object } {
  return {
    apiVersion: 'qudemo.dev/v1alpha1',
    kind: 'LoomVideo',
    metadata: { ...(name !== undefined && { name }), ...metadata },
    spec: { url: URL_A, ...spec },
  };
}

/** Time that stands until it is moved. */
export class SetClock implements Clock {
  #now = Date.parse('2026-11-24T07:00:00.123Z');

  now(): Date {
    return new Date(this.#now);
  }

  pass(milliseconds: number): void {
    this.#now += milliseconds;
  }
}

export interface World extends Resources {
  readonly file: string;
  readonly clock: SetClock;
  /** Closes the file and opens it again, as a restart does. */
  readonly reopen: () => World;
}

export function resourceWorld(
  t: { after(work: () => unknown): void },
  options: { bounds?: Partial<LogBounds>; file?: string; clock?: SetClock } = {},
): World {
  const folder = options.file === undefined ? mkdtempSync(join(tmpdir(), 'resources-')) : undefined;
  const file = options.file ?? join(folder ?? '', 'data', 'resources.db');
  const clock = options.clock ?? new SetClock();
  const resources = openResources({ ...options, file, clock, log: pino({ level: 'silent' }) });
  let open = true;
  const close = (): void => {
    if (open) resources.close();
    open = false;
  };
  t.after(() => {
    close();
    if (folder !== undefined) rmSync(folder, { recursive: true });
  });
  return {
    ...resources,
    file,
    clock,
    close,
    reopen: () => {
      close();
      return resourceWorld(t, { ...options, file, clock });
    },
  };
}

/** For `assert.throws`: a refusal of this code and reason, with this in its message. */
export function refusal(
  code: number,
  reason: string,
  message: RegExp | string = '',
): (error: unknown) => boolean {
  return (error) => {
    const { code: given, reason: why, message: text } = error as ResourceFailure;
    const says = typeof message === 'string' ? text.includes(message) : message.test(text);
    if (given === code && why === reason && says) return true;
    throw new Error(`expected ${code} ${reason} ${String(message)}, got ${given} ${why} ${text}`, {
      cause: error,
    });
  };
}
