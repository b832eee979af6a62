import type { Agent } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../../../common/clock.ts';
import type { Access, AccessSource } from './access.ts';
import { agentFor } from './agentFor.ts';

/** Where to send a request, over which connections, and with which headers. */
export interface Line {
  readonly access: Access;
  readonly agent: Agent;
}

export interface CurrentLine {
  /** `refused`: the line whose credentials were not accepted; another one is made, once for all who ask. */
  get(refused?: Line): Promise<Line>;
  /** Breaks what is under way. */
  close(): void;
}

/** Credentials are read again after this time, as client-go does with token files (transport/token_source.go). */
const REREAD_MS = 60_000;

/**
 * Keeps the access fresh and its connections shared. New connections are made only when certificates or the proxy
 * changed, not for a new token; requests under way end on the old ones.
 */
export function currentLine(source: AccessSource, clock: Clock): CurrentLine {
  let line: Line | undefined;
  let readAt = 0;
  let reading: Promise<Line> | undefined;

  async function read(afresh: boolean): Promise<Line> {
    const access = await source.read({ afresh });
    const kept = line && isDeepStrictEqual(connection(line.access), connection(access)) ? line : undefined;
    // Idle connections of the old one end by themselves.
    line = { access, agent: kept?.agent ?? agentFor(access) };
    readAt = clock.now().getTime();
    return line;
  }

  return {
    async get(refused) {
      const now = clock.now().getTime();
      // An age below 0: the clock was set back, and says nothing.
      const fresh = now >= readAt && now - readAt < REREAD_MS;
      if (line && line !== refused && fresh) return line;
      reading ??= read(refused !== undefined).finally(() => (reading = undefined));
      return reading;
    },
    close: () => line?.agent.destroy(),
  };
}

function connection({ server, tls, proxy }: Access) {
  return { server, tls, proxy };
}
