import helmet from '@fastify/helmet';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { readPageFiles, type PageFile } from './pageFiles.ts';

/**
 * Nothing but our own files, and no script that came as text: `trusted-types` makes the browser refuse whatever is written
 * as HTML outside lit-html's templates, which are constants (https://www.w3.org/TR/trusted-types/).
 */
const CONTENT_SECURITY_POLICY = {
  'default-src': ["'none'"],
  'script-src': ["'self'"],
  'style-src': ["'self'"],
  'img-src': ["'self'", 'data:'],
  'connect-src': ["'self'"],
  'form-action': ["'self'"],
  'base-uri': ["'none'"],
  'frame-ancestors': ["'none'"],
  'require-trusted-types-for': ["'script'"],
  'trusted-types': ['lit-html'],
};

/** What the page has no use for, so that no script in it has either. */
const PERMISSIONS_POLICY = [
  'accelerometer',
  'camera',
  'display-capture',
  'geolocation',
  'gyroscope',
  'magnetometer',
  'microphone',
  'payment',
  'usb',
]
  .map((feature) => `${feature}=()`)
  .join(', ');

/** The web page: `/` and what it is made of under `/page/`. */
export const page: FastifyPluginAsync = async (app) => {
  const files = await readPageFiles();
  await app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: CONTENT_SECURITY_POLICY },
    crossOriginEmbedderPolicy: true,
    crossOriginOpenerPolicy: { policy: 'same-origin' },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    referrerPolicy: { policy: 'no-referrer' },
    xFrameOptions: { action: 'deny' },
    // A promise for a whole domain and for months: for its owner to make, where TLS ends.
    strictTransportSecurity: false,
  });
  for (const [path, file] of files)
    app.get(path, (request, reply) =>
      send(request, reply.header('permissions-policy', PERMISSIONS_POLICY), file),
    );
};

/** Kept by browsers and asked for again each time: after an update all files are of one version. */
function send(request: FastifyRequest, reply: FastifyReply, { type, etag, body }: PageFile): FastifyReply {
  void reply.header('cache-control', 'no-cache').header('etag', etag).header('vary', 'accept-encoding');
  if (request.headers['if-none-match']?.includes(etag)) return reply.code(304).send();
  return reply.type(type).send(body);
}
