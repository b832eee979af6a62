/**
 * What `look` finds, looked for at once and whenever a member of `waiting` is called; rejects after `ms` with what was
 * waited for and how things stand then, and with what `look` throws.
 */
export function within<T>(
  ms: number,
  what: string,
  standing: () => string,
  waiting: Set<() => void>,
  look: () => T | undefined,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = (settle: () => void): void => {
      waiting.delete(again);
      clearTimeout(timer);
      settle();
    };
    const again = (): void => {
      try {
        const found = look();
        if (found !== undefined) end(() => resolve(found));
      } catch (error) {
        end(() => reject(error));
      }
    };
    const timer = setTimeout(
      () => end(() => reject(new Error(`not within ${ms} ms: ${what}\n${standing()}`))),
      ms,
    );
    waiting.add(again);
    again();
  });
}
