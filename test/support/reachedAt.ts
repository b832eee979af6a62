import type { AddressInfo } from 'node:net';

/** Where a server that listens is reached: at the one address it was given; of all addresses, at loopback. */
export function reachedAt({ address, port }: AddressInfo): string {
  const everywhere = address === '0.0.0.0' || address === '::';
  const host = everywhere ? '127.0.0.1' : address.includes(':') ? `[${address}]` : address;
  return `http://${host}:${port}`;
}
