import assert from 'node:assert/strict';
import { after, afterEach, describe, it } from 'node:test';
import { StageError } from '../../jobrunner/contract/stageError.ts';
import type { Reason } from '../../jobrunner/contract/reasons.ts';
import type { Fault } from '../support/services/standIn.ts';
import { embedderOver } from '../support/services/openai/embedder.ts';
import { errorAnswer, invalidRequest } from '../support/services/openai/errorAnswers.ts';
import {
  allZero,
  changeData,
  countryNotSupported,
  htmlPage,
  modelNotAllowed,
  nan,
  quotaExceeded,
  rateLimited,
  unavailable,
  wrongDimensions,
} from '../support/services/openai/faults.ts';
import { startOpenai } from '../support/services/openai/openai.ts';

const signal = new AbortController().signal;
const openai = await startOpenai();
after(() => openai.close());
afterEach(() => openai.clearFaults());

/** Embeds one text against the fault, and checks what every failure has in common. */
async function failureOf(fault: Fault, timeoutMs = 5000): Promise<StageError> {
  openai.fault('embed', fault);
  const before = openai.count('embed');
  const error: unknown = await embedderOver(openai, { timeoutMs })
    .embed(['roll back'], { signal })
    .then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
  assert.ok(error instanceof StageError, `not a StageError: ${String(error)}`);
  assert.equal(openai.count('embed') - before, 1, 'one request, never repeated here');
  assert.ok(!error.message.includes(openai.apiKey), error.message);
  assert.doesNotMatch(error.message, /\n|undefined/);
  return error;
}

const echo = { error: { message: `the key was ${openai.apiKey}`, type: 'x', param: null, code: null } };
const billingLimit = invalidRequest('Billing hard limit has been reached', {
  code: 'billing_hard_limit_reached',
});
const inactive = errorAnswer({
  status: 429,
  type: 'billing_not_active',
  code: 'billing_not_active',
  message: 'Your account is not active, please check your billing details on our website.',
});
const tooLong = invalidRequest("This model's maximum context length is 8192 tokens");
const unknownUrl = invalidRequest('Invalid URL (POST /v1/embeddings)', { status: 404 });
const ollama = invalidRequest('model "text-embedding-3-small" not found, try pulling it first', {
  status: 404,
});

describe('answers of OpenAI that are no vectors', () => {
  for (const [name, fault, reason, says] of [
    [
      'a region that is not served',
      countryNotSupported(),
      'CredentialsRejected',
      /country or region.*OPENAI_BASE_URL/,
    ],
    [
      'a key without the permission',
      { status: 403, body: { error: { message: 'Missing scopes: model.request' } } },
      'CredentialsRejected',
      /OPENAI_API_KEY may not create embeddings with the model text-embedding-3-small.*Missing scopes/,
    ],
    [
      'a model the project may not use',
      modelNotAllowed('text-embedding-3-small'),
      'EmbeddingFailed',
      /no embedding model text-embedding-3-small.*spec\.embedding\.model/,
    ],
    [
      'a model that a compatible server lacks',
      ollama,
      'EmbeddingFailed',
      /try pulling it first.*spec\.embedding\.model/,
    ],
    ['too many requests', rateLimited(), 'EmbeddingRateLimited', /status 429.*Rate limit reached/],
    [
      'a rate that rose too fast',
      { status: 429, body: { error: { type: 'rate_limit_error', code: 'slow_down' } } },
      'EmbeddingRateLimited',
      /429/,
    ],
    ['429 without a body', { status: 429 }, 'EmbeddingRateLimited', /429/],
    ...[
      'insufficient_quota',
      'credit_balance_exhausted',
      'organization_spend_limit_exceeded',
      'project_spend_limit_exceeded',
      'organization_usage_limit_exceeded',
    ].map(
      (code) =>
        [code, quotaExceeded(code), 'EmbeddingQuotaExceeded', /OPENAI_API_KEY.*no credit left/] as const,
    ),
    [
      'a quota with its type alone',
      { status: 429, body: { error: { message: 'm', type: 'insufficient_quota', code: null } } },
      'EmbeddingQuotaExceeded',
      /status 429: m/,
    ],
    ['billing_not_active', inactive, 'EmbeddingQuotaExceeded', /not active/],
    ['billing_hard_limit_reached', billingLimit, 'EmbeddingQuotaExceeded', /status 400/],
    ['payment required', { status: 402 }, 'EmbeddingQuotaExceeded', /status 402/],
    ['too long a text', tooLong, 'EmbeddingFailed', /status 400: This model's maximum context length/],
    ['a request it cannot read', { status: 422 }, 'EmbeddingFailed', /status 422.*spec\.embedding/],
    ['a path it does not have', unknownUrl, 'ConfigurationInvalid', /Invalid URL.*OPENAI_BASE_URL/],
    ['another server’s 404', htmlPage(404), 'ConfigurationInvalid', /status 404.*OPENAI_BASE_URL/],
    ['another method', htmlPage(405), 'ConfigurationInvalid', /status 405.*OPENAI_BASE_URL/],
    ['a timeout of its own', { status: 408 }, 'EmbeddingUnavailable', /408/],
    ['a conflict', { status: 409 }, 'EmbeddingUnavailable', /409/],
    ...[500, 502, 503, 504, 520].map(
      (status) => [`status ${status}`, unavailable(status), 'EmbeddingUnavailable', /status 5/] as const,
    ),
    ['a gateway’s page', htmlPage(502), 'EmbeddingUnavailable', /status 502/],
    ['a page instead of JSON', htmlPage(), 'EmbeddingUnavailable', /not JSON/],
    ['half of the JSON', { rawBody: '{"object":"list","da' }, 'EmbeddingUnavailable', /not JSON/],
    ['no connection', { cutAfter: 0 }, 'EmbeddingUnavailable', /no usable answer/],
    ['a cut inside the body', { cutAfter: 1000 }, 'EmbeddingUnavailable', /no usable answer/],
    ['a huge answer', { rawBody: `"${'x'.repeat(1_000_000)}"` }, 'EmbeddingFailed', /more than \d+ bytes/],
    ['an empty answer', { rawBody: '' }, 'EmbeddingFailed', /no list of embeddings/],
    ['other JSON', { rawBody: '{"ok":true}' }, 'EmbeddingFailed', /no list of embeddings/],
    ['NaN', nan(), 'EmbeddingFailed', /not a finite number/],
    ['zeros', allZero(), 'EmbeddingFailed', /zeros only/],
    ['another length', wrongDimensions(768), 'EmbeddingFailed', /768 numbers where 1536 were expected/],
    ['too few embeddings', changeData(() => []), 'EmbeddingFailed', /0 embeddings for 1 texts/],
    ['a server that repeats the key', { status: 500, body: echo }, 'EmbeddingUnavailable', /\[redacted\]/],
    ['a refusal that repeats the key', { status: 400, body: echo }, 'EmbeddingFailed', /\[redacted\]/],
    ['a 401 that repeats the key', { status: 401, body: echo }, 'CredentialsRejected', /^[^[]+$/],
  ] as readonly (readonly [string, Fault, Reason, RegExp])[])
    it(`${name}: ${reason}`, async () => {
      const error = await failureOf(fault);
      assert.equal(error.reason, reason, error.message);
      assert.match(error.message, says);
    });

  it('names the variable of a rejected key, and repeats nothing of the answer', async () => {
    const wrong = embedderOver({ url: openai.url, apiKey: 'sk-proj-wrong-0123456789' });
    await assert.rejects(wrong.embed(['x'], { signal }), (error: StageError) => {
      assert.equal(error.reason, 'CredentialsRejected');
      assert.match(error.message, /OPENAI_API_KEY/);
      assert.doesNotMatch(error.message, /Incorrect API key|6789|sk-/);
      return true;
    });
  });

  it('names a model that does not exist', async () => {
    await assert.rejects(embedderOver(openai, { model: 'text-embedding-9' }).embed(['x'], { signal }), {
      reason: 'EmbeddingFailed',
      message: /no embedding model text-embedding-9.*spec\.embedding\.model/,
    });
  });

  for (const [model, dimensions, says] of [
    ['text-embedding-ada-002', 512, /does not support specifying dimensions.*spec\.embedding\.dimensions/],
    ['text-embedding-3-small', 4096, /less than or equal to 1536.*spec\.embedding\.dimensions/],
  ] as const)
    it(`passes on why ${model} refuses ${dimensions} dimensions`, async () => {
      await assert.rejects(embedderOver(openai, { model, dimensions }).embed(['x'], { signal }), {
        reason: 'EmbeddingFailed',
        message: says,
      });
    });

  it('waits as long as it is asked to', async () => {
    assert.equal((await failureOf(rateLimited('7'))).retryAfterSeconds, 7);
    assert.equal((await failureOf(rateLimited())).retryAfterSeconds, undefined);
    const soon = { ...unavailable(), headers: { 'retry-after-ms': '250' } };
    assert.equal((await failureOf(soon)).retryAfterSeconds, 0.25);
  });

  it('does not wait for a quota', async () => {
    const fault = { ...quotaExceeded(), headers: { 'retry-after': '5' } };
    assert.equal((await failureOf(fault)).retryAfterSeconds, undefined);
  });

  for (const [name, fault] of [
    ['no answer', { hang: true }],
    ['a late one', { delayMs: 1500 }],
  ] as const)
    it(`takes ${name} for an outage when the time is up`, async () => {
      const start = performance.now();
      const error = await failureOf(fault, 200);
      assert.equal(error.reason, 'EmbeddingUnavailable');
      assert.match(error.message, /no answer within 0\.2 s/);
      assert.ok(performance.now() - start < 1000);
    });

  it('takes a server that is not there for an outage', async () => {
    const gone = await startOpenai();
    await gone.close();
    await assert.rejects(embedderOver(gone).embed(['x'], { signal }), {
      reason: 'EmbeddingUnavailable',
      message: /ECONNREFUSED/,
    });
  });

  for (const status of [301, 302, 303, 307, 308])
    it(`never follows a redirect (${status}) with the key`, async (t) => {
      const target = await startOpenai();
      t.after(() => target.close());
      const error = await failureOf({ status, headers: { location: `${target.url}/embeddings` } });
      assert.equal(error.reason, 'ConfigurationInvalid');
      assert.match(error.message, /OPENAI_BASE_URL/);
      assert.equal(target.calls.length, 0);
    });

  it('works again after a failure', async () => {
    openai.fault('embed', unavailable());
    const embedder = embedderOver(openai);
    await assert.rejects(embedder.embed(['x'], { signal }), { reason: 'EmbeddingUnavailable' });
    assert.equal((await embedder.embed(['x'], { signal })).length, 1);
  });

  it('stops waiting when it is aborted', async () => {
    openai.fault('embed', { hang: true });
    const abort = new AbortController();
    const answer = embedderOver(openai, { timeoutMs: 60_000 }).embed(['x'], { signal: abort.signal });
    setTimeout(() => abort.abort(new StageError('DeadlineExceeded', 'out of time')), 50);
    await assert.rejects(answer, { reason: 'DeadlineExceeded' });
  });
});
