/**
 * Templates and state. A template escapes whatever is put into it; the page makes HTML in no other way.
 */
export { html, svg, nothing, render } from '/page/vendor/lit-html/lit-html.js';
export { guard } from '/page/vendor/lit-html/directives/guard.js';
export { live } from '/page/vendor/lit-html/directives/live.js';
export { repeat } from '/page/vendor/lit-html/directives/repeat.js';
