import { api, ApiError, whenSignedOut } from '../api.js';
import { computed, signal } from '../signals.js';

/**
 * Whether the server may be asked: `open` needs no token, `in` has given it, `out` has to.
 *
 * @typedef {'loading' | 'unreachable' | 'open' | 'in' | 'out'} Standing
 */

export const session = signal(/** @type {Standing} */ ('loading'));

/** Whether there is somebody to show something to. */
export const isIn = computed(() => session.value === 'in' || session.value === 'open');

/** What was wrong with the last try to sign in. */
export const signInError = signal(/** @type {string | undefined} */ (undefined));

whenSignedOut(() => {
  session.value = 'out';
});

export async function loadSession() {
  try {
    const { required, authenticated } = await api.session();
    session.value = required ? (authenticated ? 'in' : 'out') : 'open';
  } catch {
    session.value = 'unreachable';
  }
}

/** @param {string} token */
export async function signIn(token) {
  signInError.value = undefined;
  try {
    await api.signIn(token);
    session.value = 'in';
  } catch (error) {
    signInError.value = signInProblem(error);
  }
}

export async function signOut() {
  // Before it is ended nothing more is asked in its name.
  session.value = 'loading';
  await api.signOut().catch(() => {});
  await loadSession();
}

/** @param {unknown} error */
function signInProblem(error) {
  if (!(error instanceof ApiError)) throw error;
  if (error.status === 401) return 'That is not the token of this server.';
  if (error.status !== 429) return error.message;
  const seconds = error.retryAfterSeconds;
  return seconds === undefined
    ? 'Too many tries. Wait a while, then try again.'
    : `Too many tries. Try again in ${Math.ceil(seconds)} seconds.`;
}
