import { BlockList, isIPv4, isIPv6 } from 'node:net';

/**
 * IPv4 networks that are not the public internet: all that IANA's IPv4 Special-Purpose Address Registry
 * (https://www.iana.org/assignments/iana-ipv4-special-registry, RFC 6890) does not call globally reachable, and
 * multicast (RFC 5771).
 */
const NOT_PUBLIC_V4 = [
  '0.0.0.0/8', // this network (RFC 791); 0.0.0.0 is this very machine
  '10.0.0.0/8', // private use (RFC 1918)
  '100.64.0.0/10', // shared space of carriers and clusters (RFC 6598); Alibaba's metadata, 100.100.100.200
  '127.0.0.0/8', // loopback (RFC 1122)
  '169.254.0.0/16', // link-local (RFC 3927); the clouds' metadata, 169.254.169.254
  '172.16.0.0/12', // private use (RFC 1918)
  '192.0.0.0/24', // IETF protocol assignments (RFC 6890); Oracle's metadata, 192.0.0.192
  '192.0.2.0/24', // documentation (RFC 5737)
  '192.88.99.0/24', // 6to4 relays, no longer in use (RFC 7526)
  '192.168.0.0/16', // private use (RFC 1918)
  '198.18.0.0/15', // measuring of networks (RFC 2544)
  '198.51.100.0/24', // documentation (RFC 5737)
  '203.0.113.0/24', // documentation (RFC 5737)
  '224.0.0.0/4', // multicast (RFC 5771)
  '240.0.0.0/4', // reserved (RFC 1112), with 255.255.255.255
  // A public number that only machines in Azure reach: its metadata and agents (Microsoft Learn, "What is IP address
  // 168.63.129.16?").
  '168.63.129.16/32',
] as const;

/**
 * What of 2000::/3 is not the public internet by IANA's IPv6 Special-Purpose Address Registry
 * (https://www.iana.org/assignments/iana-ipv6-special-registry). Outside 2000::/3 nothing is global unicast.
 */
const NOT_PUBLIC_V6 = [
  '2001::/23', // IETF protocol assignments (RFC 2928), with Teredo, which holds an IPv4 address; none serves the web
  '2001:db8::/32', // documentation (RFC 3849)
  '2002::/16', // 6to4, which holds an IPv4 address (RFC 3056)
  '3fff::/20', // documentation (RFC 9637)
] as const;

const notPublicV4 = listOf(NOT_PUBLIC_V4, 'ipv4');
const notPublicV6 = listOf(NOT_PUBLIC_V6, 'ipv6');
/** Global unicast (RFC 4291, IANA's IPv6 Address Space registry). */
const globalV6 = listOf(['2000::/3'], 'ipv6');
/** Translated to the IPv4 address in its last 32 bits, as clusters with IPv6 alone do (NAT64, RFC 6052). */
const translatedV6 = listOf(['64:ff9b::/96'], 'ipv6');

/** Whether an address in its usual spelling (`192.0.2.1`, `2001:db8::1`) is one of the public internet. */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !notPublicV4.check(address, 'ipv4');
  // With a zone (`fe80::1%eth0`) it is no address of the internet.
  if (!isIPv6(address) || address.includes('%')) return false;
  if (translatedV6.check(address, 'ipv6')) return isPublicAddress(lastFourBytes(address));
  return globalV6.check(address, 'ipv6') && !notPublicV6.check(address, 'ipv6');
}

/** The IPv4 address at the end of an address in 64:ff9b::/96. */
function lastFourBytes(address: string): string {
  // The URL standard writes it in one form: groups in hex, the zeros in the middle as `::`.
  const groups = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::').at(-1)?.split(':') ?? [];
  const [high = 0, low = 0] = ['0', '0', ...groups]
    .slice(-2)
    .map((group) => Number.parseInt(group || '0', 16));
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.');
}

function listOf(networks: readonly string[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    list.addSubnet(address, Number(bits), family);
  }
  return list;
}
