import type { Agent } from 'node:http';
import type { RequestOptions } from 'node:https';
import { delimiter } from 'node:path';
import { AccessError, type Access, type AccessSource, type TlsOptions } from './access.ts';

export interface KubeconfigOptions {
  /** KUBECONFIG: files, in the order they count, as kubectl reads them. Undefined: `~/.kube/config`. */
  readonly files: string | undefined;
  /** Other than the file's current one. */
  readonly context?: string;
}

/**
 * The access that a kubeconfig describes: certificates, tokens, exec plugins, OIDC, as @kubernetes/client-node reads
 * and renews them. Two things that kubectl knows it does not (2.0.1): a user's `tokenFile`, and groups to
 * impersonate. The library costs 84 MB of memory, so it is loaded here only.
 */
export async function kubeconfigAccess({ files, context }: KubeconfigOptions): Promise<AccessSource> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  type Config = InstanceType<typeof KubeConfig>;

  const load = (): Config => {
    const config = new KubeConfig();
    try {
      const [first, ...others] = (files ?? '').split(delimiter).filter((file) => file !== '');
      if (first === undefined) config.loadFromDefault();
      else config.loadFromFile(first);
      for (const file of others) {
        const other = new KubeConfig();
        other.loadFromFile(file);
        // The first file that names a current context decides.
        config.mergeConfig(other, Boolean(config.currentContext));
      }
    } catch (error) {
      throw new AccessError(`The kubeconfig ${files ?? '~/.kube/config'} cannot be read: ${said(error)}`, {
        cause: error,
      });
    }
    if (context !== undefined) config.setCurrentContext(context);
    if (!config.getCurrentCluster())
      throw new AccessError(
        `The kubeconfig ${files ?? '~/.kube/config'} has no context ${JSON.stringify(config.currentContext)}.`,
      );
    return config;
  };

  let config = load();
  return {
    namespace: config.getContextObject(config.currentContext)?.namespace,
    async read({ afresh }): Promise<Access> {
      // Files may have changed, and a plugin's token may have been revoked before its time.
      if (afresh) config = load();
      const options: RequestOptions = {};
      try {
        await config.applyToHTTPSOptions(options);
      } catch (error) {
        throw new AccessError(`The kubeconfig's credentials cannot be had: ${said(error)}`, { cause: error });
      }
      const cluster = config.getCurrentCluster();
      if (!cluster) throw new AccessError('The kubeconfig names no cluster.');
      const { server, proxyUrl } = cluster;
      const socks = proxyUrl?.startsWith('socks') && isAgent(options.agent) ? options.agent : undefined;
      return {
        server,
        headers: headersOf(options),
        tls: tlsOf(options),
        proxy: socks ? undefined : proxyUrl,
        socks,
      };
    },
  };
}

function headersOf({ headers, auth }: RequestOptions): Record<string, string> {
  return Object.fromEntries([
    ...(typeof auth === 'string' ? [['authorization', `Basic ${btoa(auth)}`]] : []),
    // A token file usually ends with a line break, which no header may.
    ...Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value).trim()]),
  ]);
}

function tlsOf({
  ca,
  cert,
  key,
  pfx,
  passphrase,
  servername,
  rejectUnauthorized,
}: RequestOptions): TlsOptions {
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(pfx !== undefined && { pfx }),
    ...(passphrase !== undefined && { passphrase }),
    ...(servername !== undefined && { servername }),
    ...(rejectUnauthorized !== undefined && { rejectUnauthorized }),
  };
}

function isAgent(agent: RequestOptions['agent']): agent is Agent {
  return typeof agent === 'object';
}

function said(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
