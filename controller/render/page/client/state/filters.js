/** @import { Phase } from '../contract.d.ts' */

/**
 * What the list can be narrowed to.
 *
 * @type {readonly { readonly id: string, readonly label: string, readonly phase: Phase | undefined }[]}
 */
export const FILTERS = [
  { id: 'all', label: 'All', phase: undefined },
  { id: 'working', label: 'Working', phase: 'Running' },
  { id: 'queued', label: 'Queued', phase: 'Queued' },
  { id: 'retrying', label: 'Trying again', phase: 'Retrying' },
  { id: 'ready', label: 'Ready', phase: 'Ready' },
  { id: 'failed', label: 'Failed', phase: 'Failed' },
  { id: 'paused', label: 'Paused', phase: 'Suspended' },
];

/** @param {string} id */
export function phaseOf(id) {
  return FILTERS.find((filter) => filter.id === id)?.phase;
}

/**
 * @param {string} id
 * @param {{ readonly phase: Phase }} video
 */
export function passes(id, video) {
  const phase = phaseOf(id);
  return phase === undefined || phase === video.phase;
}
