import { after } from 'node:test';
import { systemClock } from '../../common/clock.ts';
import { openaiEmbedder } from '../../jobrunner/adapters/openai/openaiEmbedder.ts';
import { startOpenai } from '../support/services/openai/openai.ts';
import { embedderSuite } from './embedder.suite.ts';

const settings = { timeoutMs: 10_000, clock: systemClock, redact: (text: string) => text };
const openai = await startOpenai();
const compatible = await startOpenai({ compatible: { dimensions: 768 } });
after(async () => {
  await openai.close();
  await compatible.close();
});

for (const [name, options] of [
  ['OpenAI text-embedding-3-small', { model: 'text-embedding-3-small' }],
  ['OpenAI text-embedding-3-large, shortened', { model: 'text-embedding-3-large', dimensions: 256 }],
  ['OpenAI text-embedding-ada-002', { model: 'text-embedding-ada-002' }],
] as const)
  embedderSuite(name, { meaning: false }, () =>
    Promise.resolve(openaiEmbedder({ ...settings, ...options, baseUrl: openai.url, apiKey: openai.apiKey })),
  );

embedderSuite('a server compatible with OpenAI', { meaning: false }, () =>
  Promise.resolve(
    openaiEmbedder({
      ...settings,
      model: 'nomic-embed-text',
      baseUrl: compatible.url,
      apiKey: compatible.apiKey,
    }),
  ),
);
