import type { Agent } from 'node:http';
import type { ConnectionOptions } from 'node:tls';

/** Of `tls.connect`, what a kubeconfig may say. */
export type TlsOptions = Readonly<
  Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'pfx' | 'passphrase' | 'servername' | 'rejectUnauthorized'>
>;

/** How the apiserver is reached and what says who we are, as it stands now: tokens and certificates rotate. */
export interface Access {
  /** Its base URL; may have a path, as behind Rancher. */
  readonly server: string;
  /** Authorization, impersonation. */
  readonly headers: Readonly<Record<string, string>>;
  /** Authority, client certificate, server name. */
  readonly tls: TlsOptions;
  /** An HTTP proxy's URL. */
  readonly proxy: string | undefined;
  /** Connections through a SOCKS proxy, where there is one; those are not kept. */
  readonly socks: Agent | undefined;
}

/** Where accesses come from: a pod's mounted service account, or a kubeconfig. */
export interface AccessSource {
  /** The namespace that is ours unless told otherwise. */
  readonly namespace: string | undefined;
  /** `afresh`: the last one was refused, so nothing kept in memory may be used again. Throws AccessError. */
  read(options: { readonly afresh: boolean }): Promise<Access>;
}

/** Why nothing says who we are, in words that help. */
export class AccessError extends Error {
  override readonly name = 'AccessError';
}
