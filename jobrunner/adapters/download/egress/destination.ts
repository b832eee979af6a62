import type { LookupAddress } from 'node:dns';
import { isIP } from 'node:net';
import { isSameAuthority, type Authority } from './authority.ts';
import { isPublicAddress } from './publicAddress.ts';

/** All addresses of a name. Rejects when there is none. */
export type Resolve = (host: string) => Promise<readonly LookupAddress[]>;

/** A destination that is not to be reached. The message names the host at most: never a path or a query. */
export class RefusedDestination extends Error {
  override readonly name = 'RefusedDestination';
}

/**
 * Names that mean something inside a network only: this machine (RFC 6761), multicast DNS and clusters (RFC 6762,
 * `cluster.local`), home networks (RFC 8375), and private use (ICANN, 2024; the cloud's `metadata.google.internal`).
 */
const INSIDE = /(^|\.)(localhost|local|internal|home\.arpa)$/;
/** The web's own. */
const PORTS = new Set([80, 443]);
const LONGEST_SHOWN = 80;

/**
 * Throws {@link RefusedDestination} where the destination alone tells that it is not the public web: an address that
 * is not public, a name for the inside of a network, another port than the web's. `named` is the one that the user
 * asked for himself.
 */
export function refuseInside(destination: Authority, named: Authority | undefined): void {
  if (isSameAuthority(destination, named)) return;
  const { host, port } = destination;
  const inside = isIP(host) === 0 ? !host.includes('.') || INSIDE.test(host) : !isPublicAddress(host);
  if (inside) throw notPublic(host);
  if (!PORTS.has(port)) {
    throw new RefusedDestination(
      `The download was led to port ${port} of ${shown(host)}, which is none of the web's; it is not followed.`,
    );
  }
}

/**
 * The addresses to connect to, each of them checked: who connects to these very addresses is led nowhere else by a
 * second answer of the name's server. A name that has public and other addresses is refused as a whole.
 */
export async function checkedAddresses(
  destination: Authority,
  named: Authority | undefined,
  resolve: Resolve,
): Promise<readonly LookupAddress[]> {
  const { host } = destination;
  const family = isIP(host);
  const addresses = family === 0 ? await resolve(host) : [{ address: host, family }];
  const trusted = isSameAuthority(destination, named);
  if (!trusted && !addresses.every(({ address }) => isPublicAddress(address))) throw notPublic(host);
  return addresses;
}

function notPublic(host: string): RefusedDestination {
  return new RefusedDestination(
    `The download was led to an address that is not public (${shown(host)}); it is not followed.`,
  );
}

function shown(host: string): string {
  return host.length <= LONGEST_SHOWN ? host : `${host.slice(0, LONGEST_SHOWN)}…`;
}
