import { STAGES } from '../../../jobrunner/contract/stageReport.ts';

/**
 * The shapes of requests and answers as JSON Schema: of these the OpenAPI document, the checks of requests and the
 * writing of answers are made. An answer has no field that is not here.
 */

export const text = { type: 'string' } as const;
export const count = { type: 'integer', minimum: 0 } as const;
const seconds = { type: 'number', minimum: 0, description: 'Seconds.' } as const;
const mb = { type: 'number', minimum: 0, description: 'MB of 1024².' } as const;
const instant = { type: 'string', format: 'date-time' } as const;
const moment = { ...seconds, description: 'Seconds from the beginning of the video.' } as const;

/** An object in which those without a `?` after their name are required. */
export function object(properties: Readonly<Record<string, object>>, more: object = {}): object {
  const names = Object.keys(properties);
  const named = names.map((name) => [name.replace(/\?$/, ''), properties[name]] as const);
  return {
    type: 'object',
    required: names.filter((name) => !name.endsWith('?')),
    properties: Object.fromEntries(named),
    additionalProperties: false,
    ...more,
  };
}

export function list(items: object): object {
  return { type: 'array', items };
}

const ref = (name: string): object => ({ $ref: `${name}#` });

const progress = object({
  stage: { type: 'string', enum: STAGES },
  'percent?': { type: 'number', minimum: 0, maximum: 100 },
  'detail?': text,
  memoryMb: { ...mb, description: 'What the whole process tree uses now; MB of 1024².' },
  limitMb: mb,
});

const summary = {
  namespace: text,
  name: text,
  uid: text,
  resourceVersion: { ...text, description: 'Of the last change of this video; compared as a number.' },
  url: { ...text, description: 'The link of the video in Loom.' },
  'title?': text,
  phase: {
    ...text,
    description: 'Pending, Queued, Running, Retrying, Ready, Failed, Suspended or Deleting.',
  },
  'stage?': text,
  'reason?': { ...text, description: 'Of the last failure while it counts, else of the condition Ready.' },
  'message?': text,
  'advice?': { ...text, description: 'What the user can do about a failure.' },
  'retryable?': { type: 'boolean', description: 'Of a failure: whether it is tried again by itself.' },
  'durationSeconds?': seconds,
  'language?': text,
  attempts: count,
  createdAt: instant,
  'startedAt?': instant,
  'finishedAt?': instant,
  deleting: { type: 'boolean' },
  'peakMb?': mb,
  'limitMb?': mb,
  'passages?': count,
  'progress?': ref('Progress'),
};

const chapter = object({ start: moment, title: text });

const pastRun = object({
  run: count,
  attempt: count,
  startedAt: instant,
  'finishedAt?': instant,
  outcome: { type: 'string', enum: ['Running', 'Succeeded', 'Failed', 'Stopped'] },
  'reason?': text,
  'interruptions?': { ...count, description: 'How often it was cut short and went on.' },
  stages: list(
    object({
      stage: text,
      outcome: { type: 'string', enum: ['Succeeded', 'Failed'] },
      reason: text,
      startedAt: instant,
      finishedAt: instant,
      peakMb: mb,
      limitMb: mb,
    }),
  ),
});

const condition = object({
  type: text,
  status: { type: 'string', enum: ['True', 'False', 'Unknown'] },
  reason: text,
  message: text,
  lastTransitionTime: instant,
  'observedGeneration?': count,
});

const timings = object(
  {
    'fetchSeconds?': seconds,
    'transcribeSeconds?': seconds,
    'indexSeconds?': seconds,
    'totalSeconds?': seconds,
  },
  { additionalProperties: seconds },
);

const problem = object(
  {
    title: text,
    status: { type: 'integer' },
    detail: text,
    'reason?': { ...text, description: 'One word for programs.' },
    'field?': { ...text, description: 'Which part of the request is at fault: body.links, query.limit.' },
  },
  { description: 'RFC 9457.' },
);

/** By their names; routes refer to them as `<name>#`. */
export const SHAPES: Readonly<Record<string, object>> = {
  Progress: progress,
  Summary: object(summary),
  Chapter: chapter,
  PastRun: pastRun,
  Condition: condition,
  Timings: timings,
  Detail: object({
    ...summary,
    conditions: list(ref('Condition')),
    chapters: list(ref('Chapter')),
    runs: { ...list(ref('PastRun')), description: 'The last attempts, oldest first.' },
    'timings?': ref('Timings'),
  }),
  VideoList: object({
    items: list(ref('Summary')),
    'continue?': { ...text, description: 'For the next page.' },
    total: { ...count, description: 'Of all pages.' },
    phases: {
      type: 'object',
      additionalProperties: count,
      description: 'How many videos are in each phase that there is, whatever was asked for.',
    },
    resourceVersion: { ...text, description: 'To follow /api/events from, as ?after=.' },
  }),
  AddedLink: object({
    link: { ...text, description: 'As it was given.' },
    outcome: { type: 'string', enum: ['created', 'exists', 'invalid'] },
    'namespace?': text,
    'name?': text,
    'message?': text,
  }),
  Transcript: object({
    namespace: text,
    name: text,
    title: text,
    'url?': text,
    language: text,
    model: text,
    durationSeconds: seconds,
    chapters: list(ref('Chapter')),
    segments: list(
      object({ start: moment, end: moment, text, 'url?': { ...text, description: 'Opens Loom there.' } }),
    ),
  }),
  SearchResult: object({
    video: { ...text, description: 'Its name, with the namespace before it unless that is default.' },
    namespace: text,
    name: text,
    title: text,
    'chapter?': text,
    start: moment,
    end: moment,
    text,
    highlights: {
      ...list({ type: 'array', items: { type: 'integer', minimum: 0 }, minItems: 2, maxItems: 2 }),
      description:
        'Where words of the query stand in text, in any form: [from, to) in UTF-16 units, in order.',
    },
    score: { type: 'number', description: 'Higher is better; comparable within one answer only.' },
    'url?': { ...text, description: 'Opens Loom where the passage begins.' },
    exists: {
      type: 'boolean',
      description: 'Whether its LoomVideo is there; what was retained after a deletion is found without.',
    },
  }),
  SearchAnswer: object({
    query: text,
    ranking: {
      type: 'string',
      enum: ['hybrid', 'lexical'],
      description: 'By meaning and by words, or by words alone while the embedding model is not in memory.',
    },
    results: list(ref('SearchResult')),
  }),
  Problem: problem,
};

export const PROBLEM = {
  description: 'A problem',
  content: { 'application/problem+json': { schema: ref('Problem') } },
};

export const NAMESPACE = {
  type: 'string',
  maxLength: 63,
  pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$',
  description: 'A DNS label.',
};

/** The path of one video. What cannot be a name is not found. */
export const VIDEO_PARAMS = object({ namespace: text, name: text });

export const LIST_QUERY = {
  type: 'object',
  properties: {
    limit: { type: 'integer', minimum: 1, maximum: 200, default: 50 },
    continue: { type: 'string', maxLength: 500 },
    phase: { type: 'string', maxLength: 40 },
    namespace: NAMESPACE,
  },
};

export const ADD_BODY = object({
  links: { type: 'array', items: text, minItems: 1, maxItems: 100 },
  'namespace?': { ...NAMESPACE, default: 'default' },
});

export const SEARCH_QUERY = {
  type: 'object',
  required: ['q'],
  properties: {
    q: { type: 'string', minLength: 1, maxLength: 1000, description: 'Words or a question.' },
    limit: { type: 'integer', minimum: 1, maximum: 100, default: 10 },
    namespace: NAMESPACE,
    wait: {
      type: 'boolean',
      default: false,
      description: 'Whether to wait for an embedding model that is not in memory.',
    },
  },
};

export const EVENTS_QUERY = {
  type: 'object',
  properties: {
    after: {
      type: 'string',
      pattern: '^\\d{1,15}$',
      description: 'The resourceVersion of a list: tells what came after it.',
    },
    namespace: NAMESPACE,
  },
};

export const FILE_QUERY = {
  type: 'object',
  properties: { inline: { description: 'Shown rather than saved.' } },
};
