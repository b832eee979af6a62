/** What `kubectl explain loomvideos.metadata` shows, of what this API keeps. */
export const OBJECT_META = {
  description: 'Metadata that every object has.',
  type: 'object',
  properties: {
    name: { type: 'string', description: 'Unique within the namespace. Cannot be changed.' },
    generateName: {
      type: 'string',
      description: 'Beginning of a name that the server completes, where no name is given.',
    },
    namespace: {
      type: 'string',
      description: 'The space within which the name is unique. Cannot be changed.',
    },
    labels: {
      type: 'object',
      description: 'Short words to select objects by.',
      additionalProperties: { type: 'string', default: '' },
    },
    annotations: {
      type: 'object',
      description: 'Words for tools and people, by which nothing is selected.',
      additionalProperties: { type: 'string', default: '' },
    },
    finalizers: {
      type: 'array',
      description: 'What has to be done before the object may go; each is removed by who has done it.',
      items: { type: 'string', default: '' },
    },
    ownerReferences: {
      type: 'array',
      description: 'Objects that this one belongs to. Kept, and not acted upon.',
      items: { type: 'object' },
    },
    uid: {
      type: 'string',
      description: 'Of this very object: another of that name has another. Set by the server.',
    },
    resourceVersion: {
      type: 'string',
      description: 'Of the last change. An update that names an older one is a conflict. Set by the server.',
    },
    generation: {
      type: 'integer',
      format: 'int64',
      description: 'Rises with each change of the spec. Set by the server.',
    },
    creationTimestamp: { type: 'string', format: 'date-time', description: 'Set by the server.' },
    deletionTimestamp: {
      type: 'string',
      format: 'date-time',
      description: 'When deletion was asked for; it is done when no finalizer is left. Set by the server.',
    },
    deletionGracePeriodSeconds: { type: 'integer', format: 'int64', description: 'Set by the server.' },
  },
} as const;

export const LIST_META = {
  description: 'Metadata of a list.',
  type: 'object',
  properties: {
    resourceVersion: { type: 'string', description: 'To watch from.' },
    continue: { type: 'string', description: 'To ask for the next page with.' },
    remainingItemCount: { type: 'integer', format: 'int64', description: 'Objects after this page.' },
  },
} as const;
