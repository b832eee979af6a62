import assert from 'node:assert/strict';
import { after, afterEach, describe, it } from 'node:test';
import { systemClock } from '../../common/clock.ts';
import { callService, type ServiceOptions } from '../../jobrunner/adapters/service/callService.ts';
import { StageError } from '../../jobrunner/contract/stageError.ts';
import { startStandIn } from '../support/services/standIn.ts';

const server = await startStandIn({
  routes: [
    {
      operation: 'ask',
      method: 'GET',
      path: /^\/ask$/,
      handle: () => ({ status: 200, body: { answer: 42 } }),
    },
  ],
  notFound: () => ({ status: 404 }),
  maxBytes: 1000,
  tooLarge: () => ({ status: 413 }),
});
after(() => server.close());
afterEach(() => server.clearFaults());

const service: ServiceOptions = {
  name: 'Service',
  timeoutMs: 5000,
  maxBytes: 10_000,
  clock: systemClock,
  redact: (text) => text.replaceAll('hunter2', '[redacted]'),
  translate: (failure) => new StageError('StoreUnavailable', `translated: ${failure.detail}`),
};
const signal = new AbortController().signal;
const url = `${server.url}/ask`;

describe('callService', () => {
  it('gives what the work gives', async () => {
    assert.deepEqual(await callService(service, signal, async (fetch) => (await fetch(url)).json()), {
      answer: 42,
    });
  });

  it('translates a failed request', async () => {
    server.fault('ask', { status: 503 });
    await assert.rejects(
      callService(service, signal, (fetch) => fetch(url)),
      { reason: 'StoreUnavailable', message: 'translated: status 503' },
    );
  });

  it('translates it also where the library hides it behind an error of its own', async () => {
    server.fault('ask', { status: 503 });
    const work = callService(service, signal, async (fetch) =>
      fetch(url).catch(() => {
        throw new TypeError('Connection error.');
      }),
    );
    await assert.rejects(work, { reason: 'StoreUnavailable', message: 'translated: status 503' });
  });

  it('translates the last failure of several', async () => {
    server.fault('ask', { status: 503 });
    server.fault('ask', { status: 500 });
    const work = callService(service, signal, async (fetch) => {
      await fetch(url).catch(() => undefined);
      return fetch(url);
    });
    await assert.rejects(work, { message: 'translated: status 500' });
  });

  it('passes on a StageError of the work, also after a failed request', async () => {
    server.fault('ask', { status: 503 });
    const work = callService(service, signal, async (fetch) => {
      await fetch(url).catch(() => undefined);
      throw new StageError('EmbeddingFailed', 'of the work');
    });
    await assert.rejects(work, { reason: 'EmbeddingFailed', message: 'of the work' });
  });

  it('has a name for what nobody foresaw, without secrets', async () => {
    const work = callService(service, signal, () => Promise.reject(new TypeError('x of hunter2\nis null')));
    await assert.rejects(work, {
      reason: 'InternalError',
      message: 'Unexpected in a call of Service: TypeError: x of [redacted] is null',
    });
  });

  it('does not begin when it is aborted already', async () => {
    const before = server.calls.length;
    const aborted = AbortSignal.abort(new StageError('DeadlineExceeded', 'out of time'));
    await assert.rejects(
      callService(service, aborted, (fetch) => fetch(url)),
      { reason: 'DeadlineExceeded' },
    );
    assert.equal(server.calls.length, before);
  });

  for (const [name, why, reason] of [
    ['the reason of the abort', new StageError('DeadlineExceeded', 'out of time'), 'DeadlineExceeded'],
    ['an interruption', undefined, 'Interrupted'],
  ] as const)
    it(`throws ${name} when it is aborted under way`, async () => {
      server.fault('ask', { hang: true });
      const abort = new AbortController();
      const work = callService(service, abort.signal, (fetch) => fetch(url));
      setTimeout(() => abort.abort(why), 20);
      await assert.rejects(work, { reason });
    });
});
