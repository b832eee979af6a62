/** @import { Condition, Phase, StageName, Summary } from '../contract.d.ts' */

/** @type {Readonly<Record<Phase, string>>} */
const PHASES = {
  Pending: 'Waiting',
  Queued: 'Queued',
  Running: 'Working',
  Retrying: 'Trying again',
  Ready: 'Ready',
  Failed: 'Failed',
  Suspended: 'Paused',
  Deleting: 'Deleting',
};

/** @type {Readonly<Record<StageName, string>>} */
const STAGES_NOW = {
  fetch: 'Downloading',
  transcribe: 'Transcribing',
  index: 'Indexing',
  purge: 'Removing',
};

/** @type {Readonly<Record<StageName, string>>} */
const STAGES = { fetch: 'Download', transcribe: 'Transcribe', index: 'Index', purge: 'Remove' };

/** What each condition says when it is True, when it is False, and while nothing is known. */
const CONDITIONS = new Map([
  ['Downloaded', ['Downloaded from Loom', 'Not downloaded', 'Download from Loom']],
  ['Validated', ['A playable video with sound', 'Not a video we can use', 'Check the file']],
  ['Transcribed', ['Speech transcribed', 'Not transcribed', 'Transcribe the speech']],
  ['Embedded', ['Stored and searchable', 'Not searchable', 'Make it searchable']],
  ['CleanedUp', ['Temporary files removed', 'Temporary files remain', 'Remove temporary files']],
  ['MemoryStable', ['Memory stayed within its limit', 'Memory went over its limit', 'Keep within memory']],
]);

/** Where splitting the name would not read well. */
const REASONS = new Map([
  ['InvalidURL', 'Not a Loom link'],
  ['InvalidFile', 'Not a valid video file'],
  ['NoAudioTrack', 'No sound in the video'],
  ['VideoPrivate', 'The video is private'],
  ['VideoNotFound', 'The video was not found'],
  ['VideoTooLong', 'The video is too long'],
  ['VideoTooLarge', 'The video is too large'],
  ['PasswordProtected', 'The video needs a password'],
  ['CaptionsUnavailable', 'No captions in Loom'],
  ['LanguageUnsupported', 'The language is not supported'],
  ['RateLimited', 'Loom asked us to slow down'],
  ['LoomUnavailable', 'Loom does not answer'],
  ['DiskFull', 'The disk is full'],
  ['FetchOOMKilled', 'Out of memory while downloading'],
  ['TranscribeOOMKilled', 'Out of memory while transcribing'],
  ['IndexOOMKilled', 'Out of memory while indexing'],
  ['PurgeOOMKilled', 'Out of memory while removing'],
  ['NoSpeech', 'No speech in it'],
  ['InternalError', 'Something went wrong in the server'],
]);

/** @param {StageName} stage */
export function stageWords(stage) {
  return STAGES[stage] ?? stage;
}

/** @param {StageName} stage */
export function stageNow(stage) {
  return STAGES_NOW[stage] ?? stage;
}

/**
 * How a video stands, in a word or two: the stage while one runs.
 *
 * @param {Summary} video
 */
export function standing(video) {
  const { phase, deleting } = video;
  if (deleting) return PHASES.Deleting;
  const stage = video.progress?.stage ?? video.stage;
  if (phase === 'Running' && stage !== undefined) return stageNow(stage);
  return PHASES[phase] ?? phase;
}

/**
 * How it looks: which colour and sign.
 *
 * @param {Summary} video
 * @returns {'ready' | 'failed' | 'retrying' | 'working' | 'waiting' | 'deleting'}
 */
export function toneOf({ phase, deleting }) {
  if (deleting || phase === 'Deleting') return 'deleting';
  if (phase === 'Ready') return 'ready';
  if (phase === 'Failed') return 'failed';
  if (phase === 'Retrying') return 'retrying';
  return phase === 'Running' ? 'working' : 'waiting';
}

/**
 * A reason for people: from a table, else its words taken apart (`EmbeddingQuotaExceeded` → `Embedding quota exceeded`).
 *
 * @param {string} reason
 */
export function reasonWords(reason) {
  const known = REASONS.get(reason);
  if (known !== undefined) return known;
  const words = reason.replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/**
 * @param {Condition} condition
 * @returns {string | undefined} undefined for those that are not for people, such as kstatus' own
 */
export function conditionWords({ type, status }) {
  const words = CONDITIONS.get(type);
  return words?.[status === 'True' ? 0 : status === 'False' ? 1 : 2];
}

const languages = new Intl.DisplayNames(['en'], { type: 'language', fallback: 'code' });

/** @param {string} code */
export function languageName(code) {
  try {
    return languages.of(code) ?? code;
  } catch {
    return code;
  }
}

const numbers = new Intl.NumberFormat('en');

/** @param {number} value */
export function grouped(value) {
  return numbers.format(value);
}

/**
 * `1 video`, `3 videos`, `1,200 videos`.
 *
 * @param {number} count
 * @param {string} one
 * @param {string} [many]
 */
export function counted(count, one, many = `${one}s`) {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}
