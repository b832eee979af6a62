import assert from 'node:assert/strict';
import { after, afterEach, describe, it } from 'node:test';
import { decodeEmbedding } from '../support/services/openai/encodeEmbedding.ts';
import { nan, wrongDimensions } from '../support/services/openai/faults.ts';
import { startOpenai } from '../support/services/openai/openai.ts';

const openai = await startOpenai();
after(() => openai.close());
afterEach(() => openai.clearFaults());

interface Answer {
  readonly status: number;
  readonly error?: { message: string; type: string; param: unknown; code: unknown };
  readonly data: { object: string; index: number; embedding: string | number[] }[];
  readonly [field: string]: unknown;
}

const model = 'text-embedding-3-small';

async function post(body: unknown, authorization = `Bearer ${openai.apiKey}`): Promise<Answer> {
  const response = await fetch(`${openai.url}/embeddings`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(authorization !== '' && { authorization }) },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { ...((await response.json()) as Answer), status: response.status };
}

async function vectorsOf(input: readonly string[], more: object = {}): Promise<number[][]> {
  const { data } = await post({ model, input, ...more });
  return data.map(({ embedding }) => decodeEmbedding(embedding));
}

function dot(a: readonly number[] = [], b: readonly number[] = []): number {
  return a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
}

describe('the stand-in for OpenAI refuses what OpenAI refuses', () => {
  for (const [name, body, says] of [
    ['no JSON', '{"model":', /could not parse the JSON body/],
    ['no object', '[]', /is invalid/],
    ['no model', { input: 'x' }, /must provide a model/],
    ['no input', { model }, /'\$\.input' is invalid/],
    ['an empty text', { model, input: '' }, /'\$\.input' is invalid/],
    ['an empty text among others', { model, input: ['a', ''] }, /'\$\.input/],
    ['a blank text', { model, input: [' '] }, /'\$\.input/],
    ['no texts', { model, input: [] }, /'\$\.input' is invalid/],
    ['2,049 texts', { model, input: Array.from({ length: 2049 }, () => 'x') }, /'\$\.input' is invalid/],
    ['texts among tokens', { model, input: [1, 'x'] }, /'\$\.input/],
    ['null', { model, input: [null] }, /'\$\.input/],
    [
      'an unknown field',
      { model, input: 'x', normalize: true },
      /Unrecognized request argument supplied: normalize/,
    ],
    [
      'another encoding',
      { model, input: 'x', encoding_format: 'binary' },
      /'\$\.encoding_format' is invalid/,
    ],
    ['no dimensions', { model, input: 'x', dimensions: 0 }, /'\$\.dimensions' is invalid/],
    ['half a dimension', { model, input: 'x', dimensions: 1.5 }, /'\$\.dimensions' is invalid/],
    ['too many dimensions', { model, input: 'x', dimensions: 1537 }, /less than or equal to 1536/],
    [
      'dimensions of an old model',
      { model: 'text-embedding-ada-002', input: 'x', dimensions: 512 },
      /not support specifying dimensions/,
    ],
    [
      'a text of too many tokens',
      { model, input: 'x'.repeat(8193) },
      /maximum context length is 8192 tokens/,
    ],
    [
      'texts of too many tokens together',
      { model, input: Array.from({ length: 60 }, () => 'x'.repeat(8000)) },
      /max 300000 tokens per request/,
    ],
  ] as const)
    it(`${name}: 400`, async () => {
      const { status, error } = await post(body);
      assert.equal(status, 400);
      assert.match(error?.message ?? '', says);
      assert.deepEqual(Object.keys(error ?? {}).toSorted(), ['code', 'message', 'param', 'type']);
    });

  it('a model it does not have: 404', async () => {
    const { status, error } = await post({ model: 'text-embedding-9', input: 'x' });
    assert.equal(status, 404);
    assert.equal(error?.code, 'model_not_found');
  });

  it('another key: 401, with the ends of it', async () => {
    const { status, error } = await post({ model, input: 'x' }, 'Bearer sk-proj-another-key-9876');
    assert.equal(status, 401);
    assert.equal(error?.code, 'invalid_api_key');
    assert.match(error.message, /Incorrect API key provided: sk-proj-\*+9876\./);
  });

  for (const authorization of ['', 'Basic x'])
    it(`no key (${JSON.stringify(authorization)}): 401`, async () => {
      const { status, error } = await post({ model, input: 'x' }, authorization);
      assert.equal(status, 401);
      assert.match(error?.message ?? '', /didn't provide an API key/);
    });

  it('another path: 404', async () => {
    const response = await fetch(`${openai.url}/embedding`, { method: 'POST' });
    assert.equal(response.status, 404);
    assert.match(await response.text(), /Invalid URL \(POST \/v1\/embedding\)/);
  });
});

describe('the stand-in for OpenAI answers as OpenAI does', () => {
  it('with numbers unless asked for base64, which holds the same as float32', async () => {
    const [numbers] = await vectorsOf(['x']);
    const { data, ...rest } = await post({ model, input: 'x', encoding_format: 'base64' });
    assert.equal(typeof data[0]?.embedding, 'string');
    assert.equal(data[0]?.object, 'embedding');
    assert.ok(Math.abs(dot(numbers, decodeEmbedding(data[0]?.embedding ?? '')) - 1) < 1e-6);
    assert.deepEqual(rest, {
      status: 200,
      object: 'list',
      model,
      usage: { prompt_tokens: 1, total_tokens: 1 },
    });
  });

  it('to a text, texts, tokens and lists of tokens', async () => {
    for (const [input, count] of [
      ['x', 1],
      [['x', 'y'], 2],
      [[1212, 318], 1],
      [[[1212, 318], [257]], 2],
    ] as const)
      assert.equal((await post({ model, input })).data.length, count);
  });

  for (const dimensions of [1, 8, 1536])
    it(`with ${dimensions} dimensions where they are asked for, of length one`, async () => {
      const [vector] = await vectorsOf(['roll back the release'], { dimensions });
      assert.equal(vector?.length, dimensions);
      assert.ok(Math.abs(dot(vector, vector) - 1) < 1e-6);
    });

  for (const dimensions of [1536, 256])
    it(`with vectors that are near for texts with words in common (${dimensions})`, async () => {
      const [question, answer, other, fillers] = await vectorsOf(
        [
          'How do I roll back a bad release?',
          'To roll back, run the release script with the previous version.',
          'The quarterly budget is due on Friday.',
          'How do I do that, and what is it for?',
        ],
        { dimensions },
      );
      assert.ok(dot(question, answer) > 0.3);
      assert.ok(dot(question, answer) > dot(question, other) + 0.2);
      assert.ok(dot(question, answer) > dot(question, fillers) + 0.2);
    });

  it('with the same vector for the same text', async () => {
    const [first, second] = await vectorsOf(['Grüße, 世界', 'Grüße, 世界']);
    assert.deepEqual(first, second);
  });

  it('about a model', async () => {
    const headers = { authorization: `Bearer ${openai.apiKey}` };
    const known = await fetch(`${openai.url}/models/${model}`, { headers });
    assert.deepEqual(Object.keys((await known.json()) as object), ['id', 'object', 'created', 'owned_by']);
    assert.equal((await fetch(`${openai.url}/models/none`, { headers })).status, 404);
    assert.equal((await fetch(`${openai.url}/models/${model}`)).status, 401);
  });

  it('and can be made to lie in either encoding', async () => {
    openai.fault('embed', wrongDimensions(3));
    openai.fault('embed', wrongDimensions(3));
    openai.fault('embed', nan());
    assert.equal((await vectorsOf(['x']))[0]?.length, 3);
    assert.equal((await vectorsOf(['x'], { encoding_format: 'base64' }))[0]?.length, 3);
    assert.ok(Number.isNaN((await vectorsOf(['x'], { encoding_format: 'base64' }))[0]?.[0]));
  });
});
