import { makeAuthority } from './authority.ts';

/** A certificate authority made for one run, and a server certificate it signed; all in PEM. */
export interface Certificates {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** Makes a throw-away authority and a certificate for `hosts`. */
export function makeCertificates(hosts: readonly string[]): Certificates {
  const authority = makeAuthority('LoomVideo test authority');
  const server = authority.issue({ commonName: hosts[0] ?? 'localhost', hosts });
  return { ca: authority.certificate, cert: server.certificate, key: server.key };
}
