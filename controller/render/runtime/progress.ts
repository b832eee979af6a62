import { toMb, type MemorySource } from '../../../common/memory/source.ts';
import type { StageName } from '../../../jobrunner/contract/stageReport.ts';
import type { StageProgress } from '../../../jobrunner/stages/stage.ts';
import type { VideoKey } from '../resources/resource.ts';

/** How far a video is that is being worked on now. */
export interface VideoProgress {
  readonly stage: StageName;
  /** 0–100, where it is known. */
  readonly percent?: number;
  /** A few words for people, one line, safe to show. */
  readonly detail?: string;
  /** Of the whole process tree, MB of 1024². */
  readonly memoryMb: number;
  readonly limitMb: number;
}

/** `progress`: undefined when the video is worked on no more. */
export type ProgressListener = (video: VideoKey, progress: VideoProgress | undefined) => void;

/** Progress is told and forgotten: what lasts is in the status. */
export class ProgressBoard {
  readonly #current = new Map<string, VideoProgress>();
  readonly #listeners = new Set<ProgressListener>();

  of(video: VideoKey): VideoProgress | undefined {
    return this.#current.get(textOf(video));
  }

  /** Told of each change, a few in a second; to be quick. Returns how to stop it. */
  subscribe(listener: ProgressListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Percent and detail of a stage stand until it says others; another stage begins without. */
  stage(video: VideoKey, told: StageProgress, limitMb: number): void {
    const before = this.of(video);
    const same = before?.stage === told.stage ? before : undefined;
    this.#set(video, { ...same, ...told, memoryMb: before?.memoryMb ?? 0, limitMb });
  }

  /** The source, read by whoever watches the memory of this video: what it reads is shown. */
  watched(source: MemorySource, video: VideoKey): MemorySource {
    return {
      kind: source.kind,
      limitBytes: source.limitBytes,
      oomKills: () => source.oomKills(),
      sample: () => {
        const sample = source.sample();
        const memoryMb = toMb(sample.residentBytes);
        const before = this.of(video);
        if (before && before.memoryMb !== memoryMb) this.#set(video, { ...before, memoryMb });
        return sample;
      },
    };
  }

  clear(video: VideoKey): void {
    if (this.#current.delete(textOf(video))) this.#tell(video, undefined);
  }

  #set(video: VideoKey, progress: VideoProgress): void {
    this.#current.set(textOf(video), progress);
    this.#tell(video, progress);
  }

  #tell(video: VideoKey, progress: VideoProgress | undefined): void {
    for (const listener of this.#listeners) listener(video, progress);
  }
}

/** As people write it. Neither part has a slash in it. */
export function textOf({ namespace, name }: VideoKey): string {
  return `${namespace}/${name}`;
}
