import type { FastifyInstance, FastifyReply } from 'fastify';

/** For all answers, also those that are streams. */
const ALWAYS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
};

/** Where a route says nothing else: data are private, and nothing in them is to run or to be framed if a browser shows them. */
const UNLESS_SAID = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
};

/** What answers say to browsers. */
export function answerHeaders(app: FastifyInstance): void {
  app.addHook('onRequest', (_request, reply, done) => {
    void reply.headers(ALWAYS);
    done();
  });
  app.addHook('onSend', (_request, reply, _payload, done) => {
    complete(reply);
    done();
  });
}

/** For answers that no hook is run for. */
export function completeHeaders(reply: FastifyReply): void {
  void reply.headers(ALWAYS);
  complete(reply);
}

function complete(reply: FastifyReply): void {
  for (const [name, value] of Object.entries(UNLESS_SAID))
    if (!reply.hasHeader(name)) void reply.header(name, value);
}
