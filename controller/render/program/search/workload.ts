import type { StageName } from '../../../../jobrunner/contract/stageReport.ts';
import { textOf, type ProgressBoard, type VideoProgress } from '../../runtime/progress.ts';

/** What is being worked on now, as far as it bears on searching. */
export class Workload {
  readonly #current = new Map<string, VideoProgress>();
  readonly #unsubscribe: () => void;

  constructor(board: ProgressBoard) {
    this.#unsubscribe = board.subscribe((video, progress) => {
      if (progress) this.#current.set(textOf(video), progress);
      else this.#current.delete(textOf(video));
    });
  }

  /** The video in this stage, where there is one. */
  in(stage: StageName): VideoProgress | undefined {
    for (const progress of this.#current.values()) if (progress.stage === stage) return progress;
    return undefined;
  }

  close(): void {
    this.#unsubscribe();
  }
}
