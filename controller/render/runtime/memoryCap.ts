import type { MemoryPolicy } from '../../../jobrunner/runStage.ts';

/** All that any video can be given here, whatever its spec allows. */
export interface MemoryCap {
  readonly bytes: number;
  /** A sentence: what sets it, and what to do about it. */
  readonly noMore: string;
}

export function memoryCapOf({ source, limitBytes }: Pick<MemoryPolicy, 'source' | 'limitBytes'>): MemoryCap {
  const isContainers = source.limitBytes !== undefined && source.limitBytes <= limitBytes;
  return {
    bytes: limitBytes,
    noMore: isContainers
      ? 'That is all its container has: give the server a larger instance.'
      : 'That is all MAX_MEMORY_MB lets the server use: raise it, if the instance has more.',
  };
}
