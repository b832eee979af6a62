/** One Server-Sent Event as a browser tells it, and what it leaves as the last id. */
export interface Told {
  readonly event: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- whatever the test knows it to be
  readonly data: any;
  readonly id: string;
}

export interface EventClient {
  readonly response: Response;
  /** The next event; fails when the stream ends, or nothing comes in time. */
  next(): Promise<Told>;
  /** Resolves when the stream has ended, with what was still told. */
  rest(): Promise<Told[]>;
  /** All that was read so far. */
  readonly text: () => string;
  readonly lastEventId: () => string;
  stop(): void;
}

const WITHIN_MS = 20_000;

/** Follows a stream of events as https://html.spec.whatwg.org/multipage/server-sent-events.html has it. */
export async function followEvents(
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<EventClient> {
  const stop = new AbortController();
  const response = await fetch(url, { headers, signal: stop.signal });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  let at = 0;
  let id = '';

  function read(): Told | undefined {
    for (let end = text.indexOf('\n\n', at); end >= 0; end = text.indexOf('\n\n', at)) {
      const lines = text.slice(at, end).split('\n');
      at = end + 2;
      let event = 'message';
      let data: string | undefined;
      for (const line of lines) {
        const [, field, value = ''] = /^([^:]*): ?(.*)$/s.exec(line) ?? [];
        if (field === 'id') id = value;
        else if (field === 'event') event = value;
        else if (field === 'data') data = value;
      }
      if (data !== undefined) return { event, data: JSON.parse(data), id };
    }
    return undefined;
  }

  async function next(): Promise<Told> {
    for (;;) {
      const told = read();
      if (told) return told;
      const { promise: late, reject } = Promise.withResolvers<never>();
      const timer = setTimeout(() => reject(new Error(`no event; so far:\n${text}`)), WITHIN_MS);
      const chunk = await Promise.race([reader?.read(), late]).finally(() => clearTimeout(timer));
      if (!chunk || chunk.done) throw new Error(`the stream ended; so far:\n${text}`);
      text += chunk.value;
    }
  }

  return {
    response,
    next,
    async rest() {
      for (let chunk = await reader?.read(); chunk && !chunk.done; chunk = await reader?.read())
        text += chunk.value;
      const all: Told[] = [];
      for (let told = read(); told; told = read()) all.push(told);
      return all;
    },
    text: () => text,
    lastEventId: () => id,
    stop: () => stop.abort(),
  };
}
