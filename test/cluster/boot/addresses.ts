/**
 * Addresses of one cluster, from 198.18.0.0/15: the range set aside for measuring networks (RFC 2544), which neither
 * the Internet nor, hardly ever, a company's network uses.
 */
export interface Addresses {
  /** The host's end of the link: where pods reach what tests serve. */
  readonly host: string;
  /** The cluster's end: API server and node. */
  readonly machine: string;
  /** The name of the host's end of the link; the kernel allows each name once, which makes it the lock on a slot. */
  readonly link: string;
  readonly services: string;
  /** The ClusterIP of the Service `kubernetes`: by rule the first of the range. */
  readonly kubernetesService: string;
  readonly pods: string;
  readonly podGateway: string;
}

/** Clusters that can run side by side on one machine. */
export const SLOTS = 8;

export function addressesOf(slot: number): Addresses {
  return {
    host: `198.18.${slot}.1`,
    machine: `198.18.${slot}.2`,
    link: `loomvideo${slot}`,
    services: `198.18.${128 + slot}.0/24`,
    kubernetesService: `198.18.${128 + slot}.1`,
    pods: `198.19.${slot}.0/24`,
    podGateway: `198.19.${slot}.1`,
  };
}
