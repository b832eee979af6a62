import { join } from 'node:path';
import { startChild, type Child, type ChildExit } from '../../common/childProcess.ts';
import type { LoomVideo } from '../../controller/render/resources/resource.ts';
import { ROOT } from '../support/cli.ts';
import { nodeFlags } from '../support/nodeFlags.ts';

/** A running `node controller/render.ts`. */
export interface RenderServer {
  readonly url: string;
  readonly child: Child;
  /** The `msg` of each line so far. */
  readonly messages: readonly string[];
  /** Resolves when a line says so, of this video where one is named; rejects when the process ends without. */
  says(pattern: RegExp, video?: string): Promise<void>;
  request(path: string, init?: RequestInit): Promise<Response>;
  list(): Promise<readonly LoomVideo[]>;
  until(holds: (videos: readonly LoomVideo[]) => boolean): Promise<readonly LoomVideo[]>;
  /** Sends the signal and resolves with the exit. */
  end(signal: NodeJS.Signals): Promise<ChildExit>;
}

export const VIDEOS = '/apis/qudemo.dev/v1alpha1/namespaces/default/loomvideos';

/** Longer than a video takes, milliseconds. */
const SAYS_WITHIN_MS = 60_000;

export interface Launched {
  readonly child: Child;
  readonly messages: string[];
  /** Of each message, the video it is about. */
  readonly videos: (string | undefined)[];
  readonly listeners: Set<() => void>;
}

/** Starts it as `npm start` does, at a port of the system's choice unless told. */
export function launchRender(env: Readonly<Record<string, string>>, args: readonly string[] = []): Launched {
  const messages: string[] = [];
  const videos: (string | undefined)[] = [];
  const listeners = new Set<() => void>();
  const child = startChild({
    command: process.execPath,
    args: [...nodeFlags('start'), join(ROOT, 'controller', 'render.ts'), ...args],
    cwd: ROOT,
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      NODE_COMPILE_CACHE: join(ROOT, '.cache', 'node'),
      PORT: '0',
      ...env,
    },
    onStderrLine: (line) => {
      const { msg, video } = (line.startsWith('{') ? JSON.parse(line) : { msg: line }) as {
        msg: string;
        video?: string;
      };
      messages.push(msg);
      videos.push(video);
      for (const look of listeners) look();
    },
    graceMs: 5000,
  });
  return { child, messages, videos, listeners };
}

/** As {@link launchRender}, once it listens; killed at the end of the test where it still runs. */
export async function startRender(
  t: { after(work: () => unknown): void },
  env: Readonly<Record<string, string>>,
): Promise<RenderServer> {
  const { child, messages, videos, listeners } = launchRender(env);
  t.after(() => child.stop());
  const says = (pattern: RegExp, video?: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const isIt = (message: string, index: number): boolean =>
          pattern.test(message) && (video === undefined || videos[index] === `default/${video}`);
        if (!messages.some(isIt)) return;
        listeners.delete(look);
        resolve();
      };
      listeners.add(look);
      look();
      const fail = (): void => reject(new Error(`no line matches ${pattern}:\n${messages.join('\n')}`));
      setTimeout(fail, SAYS_WITHIN_MS).unref();
      void child.exited.then(fail);
    });
  await says(/listens at/);
  const port = /listens at .*:(\d+)$/.exec(messages.find((message) => /listens at/.test(message)) ?? '')?.[1];
  const url = `http://127.0.0.1:${port}`;
  const request = (path: string, init?: RequestInit): Promise<Response> => fetch(url + path, init);
  const list = async (): Promise<readonly LoomVideo[]> =>
    ((await (await request(VIDEOS)).json()) as { items: LoomVideo[] }).items;
  return {
    url,
    child,
    messages,
    says,
    request,
    list,
    async until(holds) {
      for (const end = Date.now() + 120_000; ;) {
        const present = await list();
        if (holds(present)) return present;
        if (Date.now() > end)
          throw new Error(`not within 2 min: ${JSON.stringify(present)}\n${messages.join('\n')}`);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
    end(signal) {
      process.kill(child.pid ?? 0, signal);
      return child.exited;
    },
  };
}
