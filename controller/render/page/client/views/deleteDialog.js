import { api, ApiError } from '../api.js';
import { html, nothing } from '../html.js';
import { shortLink } from '../parts/links.js';
import { signal } from '../signals.js';
import { say } from '../state/notices.js';
import { goTo, links, route } from '../state/route.js';
/** @import { Summary } from '../contract.d.ts' */

/** The video that shall perhaps be deleted. */
const asked = signal(/** @type {Summary | undefined} */ (undefined));
const busy = signal(false);
const problem = signal(/** @type {string | undefined} */ (undefined));

/**
 * Asks whether to delete it.
 *
 * @param {Summary} video
 */
export function askToDelete(video) {
  problem.value = undefined;
  asked.value = video;
  dialog()?.showModal();
}

/** @returns {HTMLDialogElement | null} */
function dialog() {
  return document.querySelector('dialog');
}

async function confirm() {
  const video = asked.value;
  if (!video || busy.value) return;
  busy.value = true;
  try {
    await api.remove(video);
    dialog()?.close();
    say('The video is being deleted.');
    if (route.value.view === 'video') goTo(links.videos());
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    problem.value = error.message;
  } finally {
    busy.value = false;
  }
}

export function deleteDialog() {
  const video = asked.value;
  return html`<dialog aria-labelledby="delete-title" aria-describedby="delete-text">
    <h2 id="delete-title">Delete this video?</h2>
    <div id="delete-text">
      <p class="dialog-title"><bdi>${video ? (video.title ?? shortLink(video.url)) : nothing}</bdi></p>
      <p>Its transcript and its place in the search are removed for good. The recording in Loom stays.</p>
    </div>
    <p class="field-error" role="alert">${problem.value ?? nothing}</p>
    <div class="dialog-actions">
      <button type="button" class="button" autofocus @click=${() => dialog()?.close()}>Keep it</button>
      <button
        type="button"
        class="button danger"
        aria-disabled=${String(busy.value)}
        @click=${() => void confirm()}
      >
        ${busy.value ? 'Deleting…' : 'Delete'}
      </button>
    </div>
  </dialog>`;
}
