import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { connect, type OnReadOpts, type Socket } from 'node:net';
import type { Resolve } from './destination.ts';
import type { UpstreamProxy } from './environmentProxies.ts';

/** Opens a connection to one of these addresses, in their order; the socket may still be connecting. */
export type Dial = (addresses: readonly LookupAddress[], port: number, onread: OnReadOpts) => Socket;

/** As every program of this machine resolves a name: its hosts file, then its name server. */
export const resolveName: Resolve = (host) => lookup(host, { all: true });

/** Until the next of several addresses is tried. Node's own 250 ms is less than some ways around the world take. */
const NEXT_ADDRESS_MS = 1000;

/** Connects to the addresses given, and asks no name server again. */
export const dialAddresses: Dial = (addresses, port, onread) =>
  connect({
    host: 'checked',
    port,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_MS,
    lookup: (_host, _options, done) => done(null, [...addresses]),
    onread,
  });

/** Connects to a proxy of the environment: whoever runs us chose it, so it may be anywhere. */
export function dialProxy({ host, port }: UpstreamProxy, onread: OnReadOpts): Socket {
  return connect({ host, port, autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_MS, onread });
}
