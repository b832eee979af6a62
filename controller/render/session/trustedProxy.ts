import { BlockList, isIPv6 } from 'node:net';

/**
 * Cloudflare, then Render's own proxy: a request comes from a private address with `X-Forwarded-For: …, <client>, <Cloudflare>`,
 * and what the client wrote there itself stands before. Seen by others (https://rohitpaulk.com/articles/render-rails-remote-ip);
 * where it is wrong, an address can be made up, which the count over all addresses is for.
 */
const HOPS = 2;

/** Where Render's proxy is, as anything within a network. */
const nearby = new BlockList();
for (const [address, prefix] of [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const)
  nearby.addSubnet(address, prefix);
nearby.addAddress('::1', 'ipv6');
nearby.addSubnet('fc00::', 7, 'ipv6');

/** For Fastify's `trustProxy`: which of the addresses that a request came over, the nearest first, are Render's proxies. */
export function isRenderProxy(address: string | undefined, hop: number): boolean {
  if (hop > 0) return hop < HOPS;
  return address !== undefined && nearby.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}
