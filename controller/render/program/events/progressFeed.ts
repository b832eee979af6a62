import type { VideoKey } from '../../resources/resource.ts';
import { textOf, type ProgressBoard, type VideoProgress } from '../../runtime/progress.ts';

/** Progress is told at most this often, milliseconds: the eye does not want more. */
const INTERVAL_MS = 300;

export type ProgressTold = (video: VideoKey, progress: VideoProgress | undefined) => void;

/** Tells of progress a few times in a second: what changed since is told once, as it is now. */
export class ProgressFeed {
  readonly #board: ProgressBoard;
  readonly #tell: ProgressTold;
  readonly #unsubscribe: () => void;
  readonly #changed = new Map<string, VideoKey>();
  #timer: NodeJS.Timeout | undefined;

  constructor(board: ProgressBoard, tell: ProgressTold, intervalMs = INTERVAL_MS) {
    this.#board = board;
    this.#tell = tell;
    this.#unsubscribe = board.subscribe((video) => {
      this.#changed.set(textOf(video), video);
      this.#timer ??= setTimeout(() => this.#flush(), intervalMs);
    });
  }

  close(): void {
    this.#unsubscribe();
    clearTimeout(this.#timer);
  }

  #flush(): void {
    this.#timer = undefined;
    for (const video of this.#changed.values()) this.#tell(video, this.#board.of(video));
    this.#changed.clear();
  }
}
