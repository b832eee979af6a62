import { opened, refreshDetail } from './detail.js';
import { connection, listen, notListening, stopListening } from './events.js';
import { keyOf, progressed } from './known.js';
import { list, loadList, videoChanged, videoDeleted } from './list.js';
import { loadSession, session } from './session.js';

/** @type {import('./events.js').EventHandlers} */
const handlers = {
  video: videoChanged,
  deleted: videoDeleted,
  progress: progressed,
  lost: () => void startSync(),
};

/** Loads what is looked at, and keeps it as the server has it from there on. */
export async function startSync() {
  if (connection.value === 'lost') await loadSession();
  if (session.value === 'out') return;
  const isFirst = connection.value === 'off';
  const version = await loadList(list.value.filter);
  if (version !== undefined) {
    listen(version, handlers);
    // What is listed is known to be as new; at the beginning the rest was loaded just now, before the events began.
    const key = opened.value && keyOf(opened.value.key);
    if (!isFirst || (key !== undefined && !list.value.keys.includes(key))) refreshDetail();
  } else if (list.value.status === 'error') notListening(handlers);
}

export function stopSync() {
  stopListening();
  connection.value = 'off';
}
