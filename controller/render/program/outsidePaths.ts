import { count, list, object, text } from './schemas.ts';

const PROBLEM = {
  description: 'A problem',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
};

const TEXT_ANSWER = { content: { 'text/plain': { schema: text } } };

/** Of the same server, but served elsewhere: as OpenAPI has them. */
export const OUTSIDE_PATHS = {
  '/api/session': {
    get: {
      operationId: 'getSession',
      summary: 'Whether a token is asked for, and whether this caller has given it',
      tags: ['session'],
      security: [],
      responses: {
        200: {
          description: 'How it stands',
          content: {
            'application/json': {
              schema: object({ required: { type: 'boolean' }, authenticated: { type: 'boolean' } }),
            },
          },
        },
      },
    },
    post: {
      operationId: 'signIn',
      summary: 'Gives the token once; a cookie stands for it from there on',
      tags: ['session'],
      security: [],
      requestBody: { required: true, content: { 'application/json': { schema: object({ token: text }) } } },
      responses: { 204: { description: 'Signed in' }, default: PROBLEM },
    },
    delete: {
      operationId: 'signOut',
      summary: 'Ends the session',
      tags: ['session'],
      responses: { 204: { description: 'Signed out' } },
    },
  },
  '/api/manifests': {
    get: {
      operationId: 'getManifests',
      summary: 'How the files of LOOMVIDEO_MANIFESTS_DIR stand, each with its errors',
      tags: ['manifests'],
      responses: {
        200: {
          description: 'The files; none where there is no such folder',
          content: {
            'application/json': {
              schema: object({
                'folder?': text,
                'message?': text,
                files: list(
                  object({
                    file: text,
                    documents: count,
                    errors: list(
                      object({ 'document?': count, 'line?': count, 'object?': text, message: text }),
                    ),
                  }),
                ),
              }),
            },
          },
        },
        default: PROBLEM,
      },
    },
  },
  '/healthz': {
    get: {
      operationId: 'getHealth',
      summary: 'Whether the server lives',
      tags: ['about'],
      security: [],
      responses: { 200: { description: 'It lives', ...TEXT_ANSWER } },
    },
  },
  '/readyz': {
    get: {
      operationId: 'getReadiness',
      summary: 'Whether videos are looked after',
      tags: ['about'],
      responses: {
        200: { description: 'They are', ...TEXT_ANSWER },
        503: { description: 'It starts or stops', ...TEXT_ANSWER },
      },
    },
  },
};
