/**
 * The element a listener was put on, as what it is. Throws TypeError where it is something else.
 *
 * @template {Element} T
 * @param {Event} event
 * @param {new () => T} kind
 * @returns {T}
 */
export function elementOf({ currentTarget }, kind) {
  if (currentTarget instanceof kind) return currentTarget;
  throw new TypeError(`The listener is not on a ${kind.name}`);
}
