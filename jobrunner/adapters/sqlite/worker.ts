/** The thread that holds the store's file open, so that no query ever blocks the event loop of the process. */
import type { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { openDatabase } from './openDatabase.ts';
import { operations } from './operations.ts';
import type { Answer, Question, WorkerSettings } from './protocol.ts';
import { toStoreError } from './storeError.ts';

if (!parentPort) throw new Error('worker.ts runs in a worker thread only.');
const port = parentPort;
// oxlint-disable-next-line no-unsafe-type-assertion -- SqliteDatabase is the one that starts this
const settings = workerData as WorkerSettings;
let database: DatabaseSync | undefined;

port.on('message', (question: Question) => {
  if (question) port.postMessage(answer(question));
  else {
    database?.close();
    port.close();
  }
});

function answer({ operation, args }: NonNullable<Question>): Answer {
  try {
    // Opened with the first question, and again after a failure: the next question finds what was repaired meanwhile.
    database ??= openDatabase(settings);
    // oxlint-disable-next-line no-unsafe-type-assertion -- name and arguments were checked together by SqliteDatabase.run
    const run = operations[operation] as (db: DatabaseSync, ...rest: readonly unknown[]) => unknown;
    return { value: run(database, ...args) };
  } catch (thrown) {
    const { reason, message, cause } = toStoreError(thrown, settings.file);
    const detail = cause instanceof Error ? (cause.stack ?? cause.message) : message;
    return { error: { reason, message, detail } };
  }
}
