import { StageError } from '../../../contract/stageError.ts';
import { isLoomHost } from '../../../loomUrl.ts';
import { parseAuthority, type Authority } from './authority.ts';
import { environmentProxies, type ChooseProxy } from './environmentProxies.ts';
import { startEgressGuard, type EgressGuard } from './guard.ts';

export interface DownloadGuardOptions {
  readonly env: NodeJS.ProcessEnv;
  /** The link of the download. A direct link to media may lead anywhere itself; a link of Loom's to the public web. */
  readonly url: string;
  /** Told of the first way that was refused: `DownloadForbidden`. */
  readonly onRefused: (error: StageError) => void;
}

/** Starts the guard for one download. Throws `ConfigurationInvalid` where the environment's proxy cannot be used. */
export function guardDownload({ env, url, onRefused }: DownloadGuardOptions): Promise<EgressGuard> {
  const named = namedBy(url);
  return startEgressGuard({
    chooseProxy: proxiesOf(env),
    ...(named && { named }),
    // Loom may correct a link that leads astray: a few attempts are worth it.
    onRefused: ({ message }) => onRefused(new StageError('DownloadForbidden', message)),
  });
}

/** What leads yt-dlp, and the ffmpeg that it starts, through the guard and past every other proxy. */
export function guardedNetwork({ url }: EgressGuard): Record<string, string> {
  const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'];
  const both = names.flatMap((name) => [name, name.toLowerCase()]);
  return { ...Object.fromEntries(both.map((name) => [name, url])), NO_PROXY: '', no_proxy: '' };
}

function proxiesOf(env: NodeJS.ProcessEnv): ChooseProxy {
  try {
    return environmentProxies(env);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new StageError('ConfigurationInvalid', `The proxy cannot be used: ${detail}`, { cause: error });
  }
}

/** The host and port of a direct link, which the user asked for; a host of Loom's is looked at as any other. */
function namedBy(link: string): Authority | undefined {
  const url = isLoomHost(link) ? null : URL.parse(link);
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') return undefined;
  return parseAuthority(url.host, url.protocol === 'https:' ? 443 : 80);
}
