import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { parseJson, readBody, sendText } from './answer.ts';
import { reachedAt } from '../reachedAt.ts';
import { makeCertificates } from '../tls/certificates.ts';
import { serveMedia } from './media.ts';
import { acceptTunnels } from '../tls/acceptTunnels.ts';
import { Signer } from './signing.ts';
import { newVideo, type Video, type VideoOptions } from './video.ts';
import { serveWebsite } from './website.ts';

const HOSTS = ['www.loom.com', 'luna.loom.com', 'cdn.loom.com'];

/** One request the stand-in saw, tunnels that it refused included (`method: 'CONNECT'`, `status: 403`). */
export interface SeenRequest {
  readonly method: string;
  readonly host: string;
  readonly path: string;
  /** Of a GraphQL request. */
  readonly operation: string | undefined;
  readonly authorization: string | undefined;
  readonly range: string | undefined;
  /** The answer's, once it was sent; 0 before. */
  status: number;
}

export interface LoomOptions {
  /** The address it listens at and is reached by; loopback unless told. */
  readonly host?: string;
  readonly port?: number;
}

/** A running stand-in. */
export interface Loom {
  /** For HTTPS_PROXY. */
  readonly proxyUrl: string;
  /** PEM file of the authority to trust, for SSL_CERT_FILE. */
  readonly caFile: string;
  /** HTTPS_PROXY and SSL_CERT_FILE, as a child's environment takes them. */
  readonly env: Readonly<Record<string, string>>;
  readonly requests: readonly SeenRequest[];
  addVideo(options: VideoOptions): Video;
  close(): Promise<void>;
}

/**
 * Starts a stand-in for Loom: an HTTP proxy that plays www.loom.com, luna.loom.com and cdn.loom.com over TLS under
 * an authority of its own. It answers what yt-dlp's extractor asks, in Loom's shapes, refuses what Loom refuses,
 * and misbehaves as its videos say. Several may run at once.
 */
export async function startLoom(options: LoomOptions = {}): Promise<Loom> {
  const certificates = makeCertificates(HOSTS);
  const folder = await mkdtemp(join(tmpdir(), 'loom-stand-in-'));
  const caFile = join(folder, 'ca.pem');
  await writeFile(caFile, certificates.ca);

  const videos = new Map<string, Video>();
  const requests: SeenRequest[] = [];
  const signer = new Signer();
  const find = (id: string): Video | undefined => videos.get(id);

  const site = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else sendText(response, 500, 'text/plain', String(error));
    });
  });
  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const host = request.headers.host ?? '';
    const url = new URL(request.url ?? '/', `https://${host}`);
    const body = host === 'www.loom.com' ? await readBody(request) : '';
    requests.push(record(request, response, host, url, body));
    if (host === 'www.loom.com') serveWebsite(request, response, url, body, find, signer);
    else await serveMedia(request, response, url, find, signer);
  }

  // Whatever is asked of the proxy without a tunnel is for a host that is not played here.
  const proxy = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://proxy.invalid');
    requests.push(record(request, response, url.host, url, ''));
    sendText(response, 403, 'text/plain', 'Forbidden');
  });
  proxy.on(
    'connect',
    acceptTunnels(
      HOSTS,
      certificates,
      ({ host, refused }) => {
        if (refused) requests.push(refusedTunnel(host));
      },
      (socket) => site.emit('connection', socket),
    ),
  );
  const sockets = new Set<Duplex>();
  proxy.on('connection', (socket: Duplex) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });

  const proxyUrl = reachedAt(await listen(proxy, options));
  return {
    proxyUrl,
    caFile,
    env: { HTTPS_PROXY: proxyUrl, HTTP_PROXY: proxyUrl, NO_PROXY: '', SSL_CERT_FILE: caFile },
    requests,
    addVideo(description) {
      const video = newVideo(description);
      videos.set(video.id, video);
      return video;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      site.close();
      await new Promise((resolve) => proxy.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function listen(server: Server, { host = '127.0.0.1', port = 0 }: LoomOptions): Promise<AddressInfo> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return server.address() as AddressInfo;
}

function record(
  request: IncomingMessage,
  response: ServerResponse,
  host: string,
  url: URL,
  body: string,
): SeenRequest {
  const parsed = url.pathname === '/graphql' ? parseJson(body) : undefined;
  const operation =
    typeof parsed === 'object' && parsed !== null && 'operationName' in parsed
      ? parsed.operationName
      : undefined;
  const seen: SeenRequest = {
    method: request.method ?? '',
    host,
    path: url.pathname,
    operation: typeof operation === 'string' ? operation : undefined,
    authorization: request.headers.authorization,
    range: request.headers.range,
    status: 0,
  };
  response.once('close', () => {
    seen.status = response.statusCode;
  });
  return seen;
}

function refusedTunnel(host: string): SeenRequest {
  return {
    method: 'CONNECT',
    host,
    path: '',
    operation: undefined,
    authorization: undefined,
    range: undefined,
    status: 403,
  };
}
