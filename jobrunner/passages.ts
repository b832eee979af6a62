import { oneLine } from '../common/oneLine.ts';
import type { Chapter, Passage, Segment } from './artifacts.ts';

/** Seconds of speech aimed at: some 75 words, enough to stand alone in an answer, short enough to hold one thought. */
const TARGET_SECONDS = 30;
/** Seconds beyond which a passage is not made longer, not even to finish a sentence. */
const MAX_SECONDS = 45;
/**
 * Characters in a passage. all-MiniLM-L6-v2 reads 256 word pieces and ignores the rest; English has between four and
 * five characters to a piece, so that this much always fits. Hosted models take far more (text-embedding-3: 8,191).
 */
const MAX_CHARACTERS = 1000;

/**
 * Units looked back over for the beginning of a passage: 45 s of word-long captions have about as many. Bounds the work
 * on a transcript made to cost time.
 */
const MAX_UNITS = 100;

/**
 * What a break may cost, in units of "a passage of no length": a cut sentence outweighs any unevenness, a crossed
 * chapter is worth breaking for once both sides last about ten seconds.
 */
const CUT_SENTENCE = 10;
const CROSSED_CHAPTER = 0.6;
/**
 * Chapter times are whole seconds and set by hand: a sentence that starts this little before one belongs to it.
 * Seconds.
 */
const CHAPTER_SLACK = 0.5;

/** A stretch that is never divided further: a segment or, of an overlong one, a part. */
interface Unit extends Segment {
  /** Index of its chapter; -1 before the first. */
  readonly chapter: number;
  readonly endsSentence: boolean;
}

/**
 * Packs segments into passages of about 30 s: whole segments, ending with a sentence wherever one ends within 45 s,
 * breaking where a chapter does. Of all ways to do so the most even one is taken (least squares, by dynamic
 * programming), so that no stub is left at the end. Segments must be in order; those without text are skipped, those
 * longer than a passage are divided, their times interpolated by the number of characters.
 */
export function toPassages(segments: readonly Segment[], chapters: readonly Chapter[]): Passage[] {
  const inOrder = chapters.toSorted((a, b) => a.start - b.start);
  const units: Unit[] = segments
    .map((segment) => ({ ...segment, text: cleanText(segment.text) }))
    .filter(({ text }) => text !== '')
    .flatMap(divideOverlong)
    .map((segment) => ({
      ...segment,
      chapter: inOrder.findLastIndex(({ start }) => start <= segment.start + CHAPTER_SLACK),
      endsSentence: /[.!?…。！？]["'”’»)\]]*$/.test(segment.text),
    }));

  return pack(units).map((group, index) => {
    const title = oneLine(inOrder[group[0]?.chapter ?? -1]?.title ?? '');
    return {
      index,
      start: group[0]?.start ?? 0,
      end: group.at(-1)?.end ?? 0,
      text: group.map(({ text }) => text).join(' '),
      ...(title !== '' && { chapter: title }),
    };
  });
}

/** Groups the units, in order, at the least total cost. */
function pack(units: readonly Unit[]): Unit[][] {
  // cheapest[n]: cost of packing the first n units, and where the last of its passages begins
  const cheapest: { cost: number; from: number }[] = [{ cost: 0, from: 0 }];
  for (let end = 1; end <= units.length; end++) {
    let best = { cost: Infinity, from: end - 1 };
    let characters = 0;
    let crossed = 0;
    for (let from = end - 1; from >= Math.max(0, end - MAX_UNITS); from--) {
      const first = units[from];
      const next = units[from + 1];
      const last = units[end - 1];
      if (!first || !last) break;
      const seconds = last.end - first.start;
      characters += first.text.length + 1;
      if (from < end - 1 && (seconds > MAX_SECONDS || characters - 1 > MAX_CHARACTERS)) break;
      if (from < end - 1 && next && next.chapter !== first.chapter) crossed++;
      const cost =
        (cheapest[from]?.cost ?? 0) +
        ((seconds - TARGET_SECONDS) / TARGET_SECONDS) ** 2 +
        crossed * CROSSED_CHAPTER +
        (last.endsSentence || end === units.length ? 0 : CUT_SENTENCE);
      if (cost < best.cost) best = { cost, from };
    }
    cheapest.push(best);
  }

  const groups: Unit[][] = [];
  for (let end = units.length; end > 0; end = cheapest[end]?.from ?? 0)
    groups.push(units.slice(cheapest[end]?.from ?? 0, end));
  return groups.toReversed();
}

/** A segment longer than a passage may be as sentences, and a sentence with too many characters as pieces of words. */
function divideOverlong(segment: Segment): Segment[] {
  const { start, end, text } = segment;
  if (end - start <= MAX_SECONDS && text.length <= MAX_CHARACTERS) return [segment];
  const parts = (text.match(/.+?(?:[.!?…。！？]["'”’»)\]]*(?=\s|$)|[。！？]|$)/gu) ?? [text])
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .flatMap(divideText);
  const total = parts.reduce((sum, part) => sum + part.length, 0);
  let done = 0;
  return parts.map((part) => {
    const from = start + ((end - start) * done) / total;
    done += part.length;
    return { start: from, end: start + ((end - start) * done) / total, text: part };
  });
}

const PIECE = new RegExp(`.{1,${MAX_CHARACTERS}}(?=\\s|$)|.{1,${MAX_CHARACTERS / 2}}`, 'gu');

/** Pieces of at most MAX_CHARACTERS: at spaces where there are any, never through a surrogate pair. */
function divideText(text: string): string[] {
  return text.match(PIECE) ?? [];
}

/**
 * One line of well-formed text: lone surrogates, which no store can hold, become U+FFFD; control characters and runs
 * of white space become a space (PostgreSQL refuses NUL).
 */
function cleanText(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim();
}
