import { systemClock } from '../../../../common/clock.ts';
import { redactor } from '../../../../common/redact.ts';
import { openaiEmbedder, type OpenaiOptions } from '../../../../jobrunner/adapters/openai/openaiEmbedder.ts';
import type { Embedder } from '../../../../jobrunner/ports.ts';

/** The adapter over a stand-in, as compose would make it. */
export function embedderOver(
  { url, apiKey }: { url: string; apiKey: string },
  options: Partial<OpenaiOptions> = {},
): Embedder {
  return openaiEmbedder({
    apiKey,
    baseUrl: url,
    model: 'text-embedding-3-small',
    timeoutMs: 5000,
    clock: systemClock,
    redact: redactor([apiKey]),
    ...options,
  });
}
