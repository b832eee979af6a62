/** @param {Element | null} element */
export function bringToView(element) {
  const isCalm = matchMedia('(prefers-reduced-motion: reduce)').matches;
  element?.scrollIntoView({ block: 'center', behavior: isCalm ? 'instant' : 'smooth' });
}

/** The place in the transcript that the address points at, once what was just put into the page is laid out. */
export function showPointed() {
  requestAnimationFrame(() => bringToView(document.querySelector('.segment.pointed')));
}
