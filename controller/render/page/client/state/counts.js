import { api } from '../api.js';
import { signal } from '../signals.js';
import { FILTERS } from './filters.js';
import { isIn } from './session.js';

/** Changes come in bursts: ten links added are ten events. Milliseconds. */
const SETTLE_MS = 400;

/** How many videos each filter lets through; undefined: not known yet. */
export const counts = signal(/** @type {ReadonlyMap<string, number>} */ (new Map()));

/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

export function refreshCounts() {
  const isFirst = counts.value.size === 0;
  timer ??= setTimeout(
    () => {
      timer = undefined;
      void loadCounts();
    },
    isFirst ? 0 : SETTLE_MS,
  );
}

/** What cannot be had stays as it was: figures are a courtesy, and lost connections are told elsewhere. */
async function loadCounts() {
  if (!isIn.value) return;
  try {
    const { total, phases } = await api.list({ limit: 1 });
    counts.value = new Map(
      FILTERS.map(({ id, phase }) => [id, phase === undefined ? total : (phases[phase] ?? 0)]),
    );
  } catch {
    return;
  }
}
