import { html, nothing } from '../html.js';
import { elementOf } from '../parts/elementOf.js';
import { icons } from '../parts/icons.js';
import { signal } from '../signals.js';
import { signIn, signInError } from '../state/session.js';

const busy = signal(false);

/** @param {SubmitEvent} event */
async function submit(event) {
  event.preventDefault();
  const input = elementOf(event, HTMLFormElement).querySelector('input');
  const token = input?.value.trim() ?? '';
  if (token === '' || busy.value) return;
  busy.value = true;
  try {
    await signIn(token);
  } finally {
    busy.value = false;
  }
  if (signInError.value !== undefined) input?.select();
}

export function signInView() {
  const error = signInError.value;
  return html`<main class="gate">
    <form class="card gate-card" @submit=${submit}>
      ${icons.logo()}
      <h1 tabindex="-1">Sign in to LoomVideo</h1>
      <p>
        This server asks for its access token: the value of <code>LOOMVIDEO_API_TOKEN</code> in its settings.
      </p>
      <div class="field">
        <label for="token">Access token</label>
        <input
          id="token"
          name="token"
          type="password"
          autocomplete="current-password"
          autocapitalize="off"
          spellcheck="false"
          required
          autofocus
          aria-invalid=${error === undefined ? 'false' : 'true'}
          aria-describedby="token-error"
        />
        <p id="token-error" class="field-error" role="alert">${error ?? nothing}</p>
      </div>
      <button class="button primary" aria-disabled=${String(busy.value)}>
        ${busy.value ? 'Signing in…' : 'Sign in'}
      </button>
    </form>
  </main>`;
}
