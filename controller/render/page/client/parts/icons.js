import { svg, html } from '../html.js';

/**
 * All signs are 16 × 16, take the colour of the text, and say nothing to screen readers: words stand beside them.
 *
 * @param {import('/page/vendor/lit-html/lit-html.js').TemplateResult} shape
 * @param {string} [kind]
 */
const icon = (shape, kind = '') =>
  html`<svg
    class="icon ${kind}"
    viewBox="0 0 16 16"
    width="16"
    height="16"
    aria-hidden="true"
    focusable="false"
  >
    ${shape}
  </svg>`;

export const icons = {
  logo: () =>
    html`<svg class="logo" viewBox="0 0 32 32" width="26" height="26" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="8" class="logo-ground" />
      <path
        class="logo-play"
        d="M13 9.6v9.8a1 1 0 0 0 1.5.86l8-4.9a1 1 0 0 0 0-1.72l-8-4.9A1 1 0 0 0 13 9.6Z"
      />
      <path class="logo-line" d="M8 9v14h15" />
    </svg>`,
  ready: () =>
    icon(svg`<circle cx="8" cy="8" r="7" class="fill" /><path class="ink" d="m5 8.2 2.1 2.1L11 6.2" />`),
  failed: () =>
    icon(
      svg`<circle cx="8" cy="8" r="7" class="fill" /><path class="ink" d="m5.8 5.8 4.4 4.4m0-4.4-4.4 4.4" />`,
    ),
  working: () =>
    icon(
      svg`<circle cx="8" cy="8" r="6" class="track" /><path class="line" d="M8 2a6 6 0 0 1 6 6" />`,
      'spin',
    ),
  waiting: () => icon(svg`<circle cx="8" cy="8" r="6" class="line dashed" />`),
  retrying: () => icon(svg`<path class="line" d="M13 8A5 5 0 1 1 11.4 4.3M13 2.2V5.2H10" />`),
  deleting: () => icon(svg`<circle cx="8" cy="8" r="6" class="line" /><path class="line" d="M5.5 8h5" />`),
  unknown: () => icon(svg`<circle cx="8" cy="8" r="6" class="line dashed" />`),
  check: () => icon(svg`<path class="line" d="m3.5 8.4 3 3 6-6.6" />`),
  cross: () => icon(svg`<path class="line" d="m4.5 4.5 7 7m0-7-7 7" />`),
  search: () =>
    icon(svg`<circle cx="7" cy="7" r="4.5" class="line" /><path class="line" d="m10.5 10.5 3 3" />`),
  outside: () => icon(svg`<path class="line" d="M6.5 4H4v8h8V9.5M9 3.5h3.5V7M12 4 7.5 8.5" />`),
  back: () => icon(svg`<path class="line" d="M9.5 3.5 5 8l4.5 4.5" />`),
  trash: () =>
    icon(
      svg`<path class="line" d="M3 4.5h10M6.5 4.5v-1.5h3v1.5M4.5 4.5l.6 8.5h5.8l.6-8.5M6.9 7v3.6M9.1 7v3.6" />`,
    ),
  download: () => icon(svg`<path class="line" d="M8 2.5v7.5M5 7.2l3 3 3-3M3 13h10" />`),
  up: () => icon(svg`<path class="line" d="M3.5 10 8 5.5l4.5 4.5" />`),
  down: () => icon(svg`<path class="line" d="M3.5 6 8 10.5 12.5 6" />`),
  warning: () => icon(svg`<path class="line" d="M8 2.5 14 13H2L8 2.5ZM8 6.5v3M8 11.2v.1" />`),
};
