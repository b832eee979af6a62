export { batch, computed, effect, signal, untracked } from '/page/vendor/signals-core.js';
