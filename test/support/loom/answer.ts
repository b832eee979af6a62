import type { IncomingMessage, ServerResponse } from 'node:http';

const MAX_BODY = 64 * 1024;

/** Sends a whole JSON answer. */
export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  sendText(response, status, 'application/json; charset=utf-8', JSON.stringify(value));
}

/** Sends a whole text answer. */
export function sendText(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

/** What CloudFront says to a link that is not signed, or whose signature is wrong. */
export function sendForbidden(response: ServerResponse): void {
  const text =
    '<?xml version="1.0" encoding="UTF-8"?><Error><Code>MissingKey</Code>' +
    '<Message>Missing Key-Pair-Id query parameter or cookie value</Message></Error>';
  sendText(response, 403, 'text/xml', text);
}

/** Reads a request's body; what is longer than an API call can be is an error. */
export async function readBody(request: IncomingMessage): Promise<string> {
  let text = '';
  request.setEncoding('utf8');
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > MAX_BODY) throw new Error('body too long');
  }
  return text;
}

/** The parsed body, or undefined when it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
