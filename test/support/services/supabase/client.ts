import { systemClock } from '../../../../common/clock.ts';
import { redactor } from '../../../../common/redact.ts';
import type { SupabaseOptions } from '../../../../jobrunner/adapters/supabase/callSupabase.ts';
import type { ProjectKeys } from './keys.ts';
import type { Supabase } from './supabase.ts';

/** How the product is set up for a project, with one of its keys or any other text in its place. */
export function projectOptions(
  { url, keys }: Pick<Supabase, 'url' | 'keys'>,
  key: keyof ProjectKeys | { readonly text: string } = 'secret',
  changes: Partial<SupabaseOptions> = {},
): SupabaseOptions {
  const text = typeof key === 'string' ? keys[key] : key.text;
  return { url, key: text, timeoutMs: 30_000, clock: systemClock, redact: redactor([text]), ...changes };
}
