import { html, nothing } from '../html.js';
import { icons } from '../parts/icons.js';
import { isGone, current } from '../state/detail.js';
import { connection } from '../state/events.js';
import { dismiss, notice } from '../state/notices.js';
import { links, route } from '../state/route.js';
import { loadSession, session, signOut } from '../state/session.js';
import { startSync } from '../state/sync.js';
import { deleteDialog } from './deleteDialog.js';
import { searchBox } from './searchBox.js';
import { searchView } from './searchView.js';
import { signInView } from './signInView.js';
import { videosView } from './videosView.js';
import { videoView } from './videoView.js';

/** The whole page. */
export function app() {
  document.title = titleOf();
  switch (session.value) {
    case 'loading':
      return html`<p class="start" role="status">Loading…</p>`;
    case 'unreachable':
      return unreachable();
    case 'out':
      return signInView();
    default:
      return html`<a class="skip" href="#content" @click=${skip}>Skip to content</a>
        ${header()} ${banner()}
        <main id="content" tabindex="-1">${view()}</main>
        ${deleteDialog()} ${toast()}`;
  }
}

function view() {
  switch (route.value.view) {
    case 'videos':
      return videosView();
    case 'video':
      return videoView();
    case 'search':
      return searchView();
    default:
      return html`<div class="empty">
        <h1 tabindex="-1">There is no such page</h1>
        <p>The link may be cut short. All videos are in <a href=${links.videos()}>the list</a>.</p>
      </div>`;
  }
}

function header() {
  const { view: at } = route.value;
  return html`<header class="top">
    <div class="top-inner">
      <a class="brand" href=${links.videos()} aria-current=${at === 'videos' ? 'page' : nothing}>
        ${icons.logo()}<span>LoomVideo</span>
      </a>
      ${searchBox()}
      ${
        session.value === 'in'
          ? html`<button type="button" class="button quiet" @click=${() => void signOut()}>Sign out</button>`
          : nothing
      }
    </div>
  </header>`;
}

/** The skip link would be taken for a route. @param {Event} event */
function skip(event) {
  event.preventDefault();
  document.querySelector('main')?.focus();
}

function banner() {
  return html`<div role="status" class="banner-place">
    ${
      connection.value === 'lost'
        ? html`<div class="banner">
            ${icons.warning()}
            <span><b>Connection lost.</b> What you see may be out of date. Trying again…</span>
            <button type="button" class="button small" @click=${() => void startSync()}>Try now</button>
          </div>`
        : nothing
    }
  </div>`;
}

function toast() {
  return html`<div class="toast-place" role="status">
    ${
      notice.value === undefined
        ? nothing
        : html`<div class="toast">
            <span>${notice.value}</span>
            <button type="button" class="icon-button" aria-label="Dismiss" @click=${dismiss}>
              ${icons.cross()}
            </button>
          </div>`
    }
  </div>`;
}

function unreachable() {
  return html`<main class="gate">
    <div class="card gate-card">
      ${icons.logo()}
      <h1 tabindex="-1">The server does not answer</h1>
      <p>It may be starting: after a deploy that takes up to a minute. Your videos are safe.</p>
      <button type="button" class="button primary" @click=${() => void loadSession()}>Try again</button>
    </div>
  </main>`;
}

/** Characters of a title that browsers show at most. */
const TITLE_LENGTH = 80;

function titleOf() {
  const at = route.value;
  if (session.value === 'out') return 'Sign in · LoomVideo';
  if (at.view === 'video') {
    const title = isGone.value ? 'Not found' : (current.value?.title ?? at.name);
    return `${title.slice(0, TITLE_LENGTH)} · LoomVideo`;
  }
  if (at.view === 'search')
    return at.query === '' ? 'Search · LoomVideo' : `${at.query.slice(0, TITLE_LENGTH)} · Search · LoomVideo`;
  return 'LoomVideo';
}
