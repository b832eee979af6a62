import { Worker } from 'node:worker_threads';

/** Seconds without a sign of life after which a property hangs. */
const SILENCE_SECONDS = 120;

/** Ends the process, and says where it stood, when it is stuck in one place: no timer of its own runs then. */
export function startWatchdog(): {
  readonly alive: (where: string) => void;
  readonly stop: () => Promise<number>;
} {
  const shared = new SharedArrayBuffer(4096);
  const beats = new Int32Array(shared, 0, 1);
  const text = new Uint8Array(shared, 4);
  const worker = new Worker(WATCH, { eval: true, workerData: { shared, seconds: SILENCE_SECONDS } });
  worker.unref();
  return {
    alive(where) {
      text.fill(0);
      new TextEncoder().encodeInto(where, text);
      Atomics.add(beats, 0, 1);
    },
    stop: () => worker.terminate(),
  };
}

const WATCH = `
  const { workerData: { shared, seconds } } = require('node:worker_threads');
  const { writeSync } = require('node:fs');
  const beats = new Int32Array(shared, 0, 1);
  let seen = -1;
  setInterval(() => {
    const now = Atomics.load(beats, 0);
    if (now !== seen) { seen = now; return; }
    const where = Buffer.from(new Uint8Array(shared, 4)).toString().split('\\0', 1)[0];
    writeSync(2, 'Hangs for ' + seconds + ' s: ' + where + '\\n');
    process.kill(process.pid, 'SIGKILL');
  }, seconds * 1000);
`;
