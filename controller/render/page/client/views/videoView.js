import { html, nothing } from '../html.js';
import { icons } from '../parts/icons.js';
import { shortLink, webAddress } from '../parts/links.js';
import { clock } from '../parts/time.js';
import { when } from '../parts/when.js';
import { languageName, standing, toneOf } from '../parts/words.js';
import { current, isGone, opened, openVideo } from '../state/detail.js';
import { links } from '../state/route.js';
import { chapters } from './chapters.js';
import { checks } from './checks.js';
import { askToDelete } from './deleteDialog.js';
import { exports } from './exports.js';
import { facts } from './facts.js';
import { runs } from './runs.js';
import { situation } from './situation.js';
import { transcript } from './transcript.js';
/** @import { Detail, Summary } from '../contract.d.ts' */

/** One video. */
export function videoView() {
  const { status, key, error } = opened.value ?? {};
  const video = current.value;
  if (isGone.value)
    return html`<div class="empty">
      <h1 tabindex="-1">This video is not here</h1>
      <p>It was deleted, or the link to it is not right. See <a href=${links.videos()}>all videos</a>.</p>
    </div>`;
  return html`<div class="video-view">
    <a class="back" href=${links.videos()}>${icons.back()}Videos</a>
    ${
      video
        ? html`${head(video)} ${situation(video)}
            <div class="video-columns">
              ${
                opened.value?.transcript
                  ? html`<div class="video-side">${chapters()} ${exports(video)}</div>`
                  : nothing
              }
              <div class="video-text">${transcript(video)} ${runs(video)}</div>
              <div class="video-side">${checks(video)} ${facts(video)}</div>
            </div>`
        : html`<h1 tabindex="-1">${status === 'error' ? 'The video could not be loaded' : 'Loading…'}</h1>`
    }
    ${
      status === 'error' && key
        ? html`<div class="problem" role="alert">
            <p>${error}</p>
            <button type="button" class="button" @click=${() => openVideo(key)}>Try again</button>
          </div>`
        : nothing
    }
  </div>`;
}

/** @param {Summary & Partial<Detail>} video */
function head(video) {
  const { title, url, durationSeconds, language, createdAt } = video;
  const address = webAddress(url);
  const tone = toneOf(video);
  return html`<div class="video-head">
    <h1 tabindex="-1" dir="auto">${title ?? shortLink(url)}</h1>
    <div class="video-meta">
      <span class="badge tone-${tone}">${icons[tone]()}${standing(video)}</span>
      ${durationSeconds === undefined ? nothing : html`<span>${clock(durationSeconds)}</span>`}
      ${language === undefined ? nothing : html`<span>${languageName(language)}</span>`}
      <span>added ${when(createdAt)}</span>
    </div>
    <div class="video-actions">
      ${
        address === undefined
          ? nothing
          : html`<a class="button" href=${address} target="_blank" rel="noopener noreferrer">
              Open in Loom${icons.outside()}<span class="hidden"> in a new tab</span>
            </a>`
      }
      <button
        type="button"
        class="button danger-quiet"
        aria-disabled=${String(video.deleting)}
        @click=${() => video.deleting || askToDelete(video)}
      >
        ${icons.trash()}Delete
      </button>
    </div>
  </div>`;
}
