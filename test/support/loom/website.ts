import type { IncomingMessage, ServerResponse } from 'node:http';
import { parseJson, sendJson, sendText } from './answer.ts';
import { applyFault } from './faults.ts';
import { answerGraphql, denial, graphqlComplaint, type GraphqlRequest } from './graphql.ts';
import { oembed, sharePage } from './pages.ts';
import type { Signer } from './signing.ts';
import { streamUrl } from './streamUrls.ts';
import type { Video } from './video.ts';

/** Answers as `www.loom.com`: GraphQL, the session's media links, share pages, oEmbed. */
export function serveWebsite(
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  body: string,
  findVideo: (id: string) => Video | undefined,
  signer: Signer,
): void {
  if (url.pathname === '/graphql') return graphql(request, response, body, findVideo, signer);
  const session = /^\/api\/campaigns\/sessions\/([\da-f]{32})\/(raw|transcoded)-url$/.exec(url.pathname);
  if (session) {
    const kind = session[2] === 'raw' ? 'raw' : 'transcoded';
    return mediaLink(request, response, body, findVideo(session[1] ?? ''), kind, signer);
  }
  const page = /^\/(?:share|embed)\/([\da-f]{32})$/.exec(url.pathname);
  if (page && request.method === 'GET') {
    const video = findVideo(page[1] ?? '');
    if (video && applyFault(video, 'page', response).done) return;
    return sharePage(response, video, signer);
  }
  if (url.pathname === '/v1/oembed' && request.method === 'GET') {
    const video = findVideo(/[\da-f]{32}/.exec(url.searchParams.get('url') ?? '')?.[0] ?? '');
    if (video && applyFault(video, 'oembed', response).done) return;
    return oembed(response, video);
  }
  sendText(response, 404, 'text/plain', 'Not Found');
}

function graphql(
  request: IncomingMessage,
  response: ServerResponse,
  body: string,
  findVideo: (id: string) => Video | undefined,
  signer: Signer,
): void {
  // Apollo's protection against cross-site requests: only a POST with JSON is answered.
  if (request.method !== 'POST' || !request.headers['content-type']?.startsWith('application/json')) {
    return sendText(response, 400, 'text/plain', 'This operation has been blocked.');
  }
  const parsed = parseJson(body);
  const complaint = graphqlComplaint(parsed);
  if (complaint) return sendJson(response, 400, { errors: [{ message: complaint }] });
  const question = parsed as GraphqlRequest;
  const video = findVideo(String(question.variables['videoId']));
  if (video && applyFault(video, 'graphql', response).done) return;
  sendJson(response, 200, answerGraphql(question, video, signer));
}

function mediaLink(
  request: IncomingMessage,
  response: ServerResponse,
  body: string,
  video: Video | undefined,
  kind: 'raw' | 'transcoded',
  signer: Signer,
): void {
  const question = parseJson(body);
  if (request.method !== 'POST' || typeof question !== 'object' || question === null) {
    return sendText(response, 404, 'text/plain', 'Not Found');
  }
  if (!video || video.access === 'deleted') return sendJson(response, 404, { error: 'Not found' });
  const { force_original: forceOriginal, password } = question as Record<string, unknown>;
  if (forceOriginal === true) return sendJson(response, 401, { error: 'Unauthorized' });
  if (denial(video, password)) return sendJson(response, 403, { error: 'Forbidden' });
  if (applyFault(video, `${kind}-url`, response).done) return;
  const url = streamUrl(video, kind, signer);
  // Loom says nothing at all, with a good status, where there is no such stream.
  if (url === undefined) response.writeHead(204).end();
  else sendJson(response, 200, { url, part_credentials: null });
}
