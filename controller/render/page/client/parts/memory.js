import { html, nothing } from '../html.js';

/** From this share of the limit on the guard is near: it acts at 90 %. */
const HIGH = 0.8;

/**
 * Memory against its limit: a bar, and the figures beside it. MB of 1024².
 *
 * @param {number | undefined} usedMb
 * @param {number | undefined} limitMb
 * @param {string} label what it is the memory of
 */
export function memoryBar(usedMb, limitMb, label) {
  if (usedMb === undefined || limitMb === undefined || limitMb <= 0) return nothing;
  const [used, limit] = [Math.round(usedMb), Math.round(limitMb)];
  const share = Math.min(1, usedMb / limitMb);
  const words = `${used} of ${limit} MB`;
  return html`<span class="memory">
    <span
      class="memory-bar ${share < HIGH ? '' : 'high'}"
      role="meter"
      aria-label=${label}
      aria-valuemin="0"
      aria-valuemax=${limit}
      aria-valuenow=${Math.min(used, limit)}
      aria-valuetext=${words}
      title=${`${label}: ${words}`}
    >
      <svg width="100%" height="100%" aria-hidden="true" focusable="false">
        <rect width=${`${Math.round(share * 100)}%`} height="100%" />
      </svg>
    </span>
    <span class="memory-figures"><b>${used}</b> / ${limit} MB</span>
  </span>`;
}
