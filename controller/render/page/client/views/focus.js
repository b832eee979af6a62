import { effect } from '../signals.js';
import { keyOf } from '../state/known.js';
import { route, step } from '../state/route.js';
/** @import { Route } from '../state/route.js' */

/** How far down the reader was at each address, for Back. @type {Map<string, number>} */
const heights = new Map();

/**
 * Where the eyes and the keyboard go when another view is shown: to its heading; on the way back, to where they were.
 */
export function followRoute() {
  history.scrollRestoration = 'manual';
  addEventListener('scroll', keepHeight, { passive: true });
  addEventListener(
    'click',
    ({ target }) => {
      step.on = target instanceof Element && target.closest('a[href^="#"]') !== null;
      // The last scrolling may not have been told yet.
      keepHeight();
    },
    // Before whatever the click leads to.
    { capture: true },
  );

  /** @type {Route | undefined} */
  let before;
  effect(() => {
    const now = route.value;
    const left = before;
    before = now;
    const isStep = step.on;
    step.on = false;
    if (!left || identity(left) === identity(now)) return;
    const height = isStep ? 0 : (heights.get(location.hash) ?? 0);
    // When what is new is there to be looked at.
    requestAnimationFrame(() => {
      scrollTo({ top: height, behavior: 'instant' });
      const cameFrom = isStep || left.view !== 'video' ? null : linkTo(left);
      (cameFrom ?? document.querySelector('h1'))?.focus({ preventScroll: true });
    });
  });
}

function keepHeight() {
  heights.set(location.hash, scrollY);
}

/**
 * What makes it another view, rather than the same one narrowed.
 *
 * @param {Route} at
 */
function identity(at) {
  return at.view === 'video' ? keyOf(at) : at.view;
}

/**
 * @param {Extract<Route, { view: 'video' }>} at
 * @returns {HTMLElement | null}
 */
function linkTo(at) {
  return document.querySelector(`a[data-key="${CSS.escape(keyOf(at))}"]`);
}
