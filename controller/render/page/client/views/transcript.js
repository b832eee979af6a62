import { html, live, nothing } from '../html.js';
import { elementOf } from '../parts/elementOf.js';
import { findWords } from '../parts/find.js';
import { icons } from '../parts/icons.js';
import { webAddress } from '../parts/links.js';
import { marked } from '../parts/marked.js';
import { clock } from '../parts/time.js';
import { computed, effect, signal } from '../signals.js';
import { hasTranscript, opened } from '../state/detail.js';
import { keyOf } from '../state/known.js';
import { route } from '../state/route.js';
import { bringToView, showPointed } from './bringToView.js';
/** @import { Chapter, Segment, Summary } from '../contract.d.ts' */

/** What is looked for in the transcript. */
const words = signal('');
/** Which of the matches the reader stands at. */
const position = signal(0);

const segments = computed(() => opened.value?.transcript?.segments ?? []);
const matches = computed(() => findWords(segments.value, words.value));

/** By segment: the ranges to mark, and which of them is the one the reader stands at. */
const marks = computed(() => {
  /** @type {Map<number, { ranges: [number, number][], current: number | undefined }>} */
  const bySegment = new Map();
  for (const [index, match] of matches.value.entries())
    for (const { segment, from, to } of match) {
      const mark = bySegment.get(segment) ?? { ranges: [], current: undefined };
      if (index === position.value) mark.current = mark.ranges.length;
      mark.ranges.push([from, to]);
      bySegment.set(segment, mark);
    }
  return bySegment;
});

/** The segment that the address points at. */
const pointed = computed(() => {
  const at = route.value.view === 'video' ? route.value.at : undefined;
  if (at === undefined) return undefined;
  const later = segments.value.findIndex(({ start }) => Math.floor(start) > at);
  return Math.max(0, (later === -1 ? segments.value.length : later) - 1);
});

effect(() => {
  // After whatever else places the view.
  if (pointed.value !== undefined && segments.value.length > 0) requestAnimationFrame(showPointed);
});

const openedKey = computed(() => opened.value && keyOf(opened.value.key));
effect(() => {
  // Another video is another search.
  if (openedKey.value !== undefined) words.value = '';
});

/** @param {number} number */
function stepTo(number) {
  const { length } = matches.value;
  if (length === 0) return;
  position.value = (number + length) % length;
  bringToView(document.querySelector('.transcript mark[aria-current=true]'));
}

/** @param {Event} event */
function typed(event) {
  words.value = elementOf(event, HTMLInputElement).value;
  position.value = 0;
  if (words.value.trim().length > 1) stepTo(0);
}

/** @param {KeyboardEvent} event */
function keyPressed(event) {
  if (event.key === 'Enter') {
    event.preventDefault();
    stepTo(position.value + (event.shiftKey ? -1 : 1));
  } else if (event.key === 'Escape' && words.value !== '') {
    event.preventDefault();
    words.value = '';
  }
}

/** What was said, by the second. @param {Summary} video */
export function transcript(video) {
  const { transcript: loaded, transcriptError, status } = opened.value ?? {};
  if (transcriptError !== undefined)
    return html`<div class="problem" role="alert">
      <h2>The transcript could not be loaded</h2>
      <p>${transcriptError}</p>
    </div>`;
  if (!loaded) return placeholder(video, status === 'loading');
  if (loaded.segments.length === 0)
    return html`<section class="card transcript" aria-labelledby="transcript-title">
      <h2 id="transcript-title">Transcript</h2>
      <p class="quiet">Nobody speaks in this video, so there is nothing to read and nothing to find.</p>
    </section>`;
  return html`<section class="card transcript" aria-labelledby="transcript-title">
    <div class="transcript-head">
      <h2 id="transcript-title">Transcript</h2>
      ${finder()}
    </div>
    <div class="segments" lang=${loaded.language}>${parts(loaded.segments, loaded.chapters)}</div>
  </section>`;
}

function finder() {
  const { length } = matches.value;
  const isEmpty = words.value.trim() === '';
  return html`<div class="finder" role="search" aria-label="In this transcript">
    <label class="hidden" for="find">Find in the transcript</label>
    ${icons.search()}
    <input
      id="find"
      type="search"
      placeholder="Find in transcript"
      autocomplete="off"
      .value=${live(words.value)}
      @input=${typed}
      @keydown=${keyPressed}
    />
    <span class="finder-count" role="status">
      ${isEmpty ? nothing : length === 0 ? 'None' : `${position.value + 1} of ${length}`}
    </span>
    ${
      isEmpty
        ? nothing
        : html`<button
              type="button"
              class="icon-button"
              aria-label="Previous match"
              @click=${() => stepTo(position.value - 1)}
            >
              ${icons.up()}
            </button>
            <button
              type="button"
              class="icon-button"
              aria-label="Next match"
              @click=${() => stepTo(position.value + 1)}
            >
              ${icons.down()}
            </button>`
    }
  </div>`;
}

/**
 * The segments, each chapter with its heading.
 *
 * @param {readonly Segment[]} all
 * @param {readonly Chapter[]} chapters
 */
function parts(all, chapters) {
  const starts = chapters.map(({ start }) => {
    const at = all.findIndex((segment) => segment.end > start + 0.01);
    return at === -1 ? all.length : at;
  });
  const bounds = [0, ...starts, all.length];
  return bounds.slice(0, -1).map((from, index) => {
    const to = Math.max(from, bounds[index + 1] ?? all.length);
    const chapter = chapters[index - 1];
    if (!chapter && from === to) return nothing;
    return html`${chapter ? html`<h3 dir="auto">${chapter.title}</h3>` : nothing}
      <ol>
        ${all.slice(from, to).map((segment, offset) => segmentItem(segment, from + offset))}
      </ol>`;
  });
}

/**
 * @param {Segment} segment
 * @param {number} index
 */
function segmentItem({ start, text, url }, index) {
  const address = webAddress(url);
  const mark = marks.value.get(index);
  return html`<li class="segment ${index === pointed.value ? 'pointed' : ''}">
    ${
      address === undefined
        ? html`<span class="stamp">${clock(start)}</span>`
        : html`<a
            class="stamp"
            href=${address}
            target="_blank"
            rel="noopener noreferrer"
            title=${`Open in Loom at ${clock(start)}`}
            >${clock(start)}<span class="hidden">, open in Loom in a new tab</span></a
          >`
    }
    <p dir="auto">${mark ? marked(text, mark.ranges, mark.current) : text}</p>
  </li>`;
}

/**
 * @param {Summary} video
 * @param {boolean} isLoading
 */
function placeholder(video, isLoading) {
  const says =
    isLoading || hasTranscript(video)
      ? 'Loading…'
      : video.phase === 'Failed'
        ? 'There is no transcript: the video failed before there was one.'
        : 'The transcript appears here by itself as soon as it is made.';
  return html`<section class="card transcript" aria-labelledby="transcript-title">
    <h2 id="transcript-title">Transcript</h2>
    <p class="quiet">${says}</p>
  </section>`;
}
