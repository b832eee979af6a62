import type { Chapter, Passage } from '../../../../jobrunner/artifacts.ts';

/** Where each chapter begins, as far as its passages tell: the first in which somebody speaks. */
export function chaptersOf(passages: readonly Passage[]): Chapter[] {
  const chapters: Chapter[] = [];
  for (const { chapter: title, start } of passages)
    if (title !== undefined && title !== chapters.at(-1)?.title) chapters.push({ start, title });
  return chapters;
}
