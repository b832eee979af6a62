/** How a failure is dealt with; each class has one exit code (see exitCodes.ts). */
export type FailureClass = 'permanent' | 'transient' | 'memory' | 'configuration';

/** The success indicators a video passes on its way, in order. */
export type StepCondition =
  | 'Downloaded'
  | 'Validated'
  | 'Transcribed'
  | 'Embedded'
  | 'CleanedUp'
  | 'MemoryStable';

interface ReasonFacts {
  readonly class: FailureClass;
  /** The condition this reason turns False. */
  readonly condition: StepCondition;
  /** What a user can do about it, as a sentence. */
  readonly advice: string;
}

const permanent = (condition: StepCondition, advice: string): ReasonFacts => ({
  class: 'permanent',
  condition,
  advice,
});
const transient = (condition: StepCondition, advice: string): ReasonFacts => ({
  class: 'transient',
  condition,
  advice,
});
const configuration = (condition: StepCondition, advice: string): ReasonFacts => ({
  class: 'configuration',
  condition,
  advice,
});
const memory = (condition: StepCondition, advice: string): ReasonFacts => ({
  class: 'memory',
  condition,
  advice,
});

const LATER = 'Nothing to do: it is tried again.';

/**
 * Every reason a stage can end with, in one table: how it is classed, which condition it shows on, and what to do.
 * Status conditions, exit codes, the page and the docs all read it from here.
 */
export const REASONS = {
  InvalidURL: permanent(
    'Downloaded',
    'Use the share or embed link of one video, such as https://www.loom.com/share/<id>.',
  ),
  VideoNotFound: permanent('Downloaded', 'Check the link: the video does not exist or was deleted.'),
  VideoPrivate: permanent('Downloaded', 'Share the video with "anyone with the link" in Loom, then retry.'),
  PasswordProtected: permanent(
    'Downloaded',
    'Give the password in spec.passwordSecretRef (or LOOM_VIDEO_PASSWORD), then retry.',
  ),
  VideoTooLong: permanent('Downloaded', 'Trim the video in Loom or raise spec.limits.maxDuration.'),
  VideoTooLarge: permanent('Downloaded', 'Lower the resolution in Loom or raise spec.limits.maxFileSize.'),
  DownloadForbidden: transient('Downloaded', LATER),
  DownloadTimeout: transient(
    'Downloaded',
    'It is tried again; if it stays slow, raise spec.limits.downloadTimeout.',
  ),
  DownloadFailed: transient('Downloaded', LATER),
  RateLimited: transient('Downloaded', 'Loom asked us to slow down; it is tried again.'),
  LoomUnavailable: transient('Downloaded', LATER),
  InvalidFile: permanent(
    'Validated',
    'Open the link in a browser: it has to play there. Re-upload the video if it does not.',
  ),
  NoAudioTrack: permanent('Validated', 'Record the video with sound: there is nothing to transcribe.'),
  CaptionsUnavailable: permanent(
    'Transcribed',
    'Turn captions on in Loom or set spec.transcription.source to whisper or auto.',
  ),
  LanguageUnsupported: permanent(
    'Transcribed',
    "Install the multilingual model tiny, or use Loom's captions (spec.transcription.source: captions).",
  ),
  TranscriptionFailed: transient('Transcribed', LATER),
  ModelMissing: configuration('Transcribed', 'Run `npm run setup`; in an image, build it again.'),
  EmbeddingRateLimited: transient('Embedded', LATER),
  EmbeddingUnavailable: transient('Embedded', LATER),
  EmbeddingQuotaExceeded: configuration('Embedded', 'Add credit to the OpenAI account, then retry.'),
  EmbeddingFailed: permanent('Embedded', 'Check spec.embedding.model against the models of your provider.'),
  StoreUnavailable: transient('Embedded', LATER),
  StoreMisconfigured: configuration('Embedded', 'Run `npm run doctor`: it names what the store lacks.'),
  CredentialsMissing: configuration('Embedded', 'Set the variables that the message names.'),
  CredentialsRejected: configuration('Embedded', 'Replace the key that the message names.'),
  ConfigurationInvalid: configuration('Downloaded', 'Correct the setting that the message names.'),
  MemoryLimitExceeded: memory('MemoryStable', 'Raise spec.memory.limit (or MAX_MEMORY_MB).'),
  FetchOOMKilled: memory('MemoryStable', 'Raise spec.memory.limit.'),
  TranscribeOOMKilled: memory('MemoryStable', 'Raise spec.memory.limit.'),
  IndexOOMKilled: memory('MemoryStable', 'Raise spec.memory.limit.'),
  PurgeOOMKilled: memory('MemoryStable', 'Raise spec.memory.limit.'),
  DiskFull: transient('Downloaded', 'Free space in the working folder (LOOMVIDEO_WORK_DIR).'),
  DeadlineExceeded: transient('Downloaded', 'It is tried again; if it stays slow, raise spec.timeout.'),
  ProcessKilled: permanent(
    'Downloaded',
    'See the logs of the server and its host for what killed it, and give it more memory if that ran short; then retry.',
  ),
  AlreadyRunning: transient('Downloaded', 'Wait for the other run of this video to end.'),
  Interrupted: transient('Downloaded', 'Run it again: it goes on after the last finished stage.'),
  InternalError: transient('Downloaded', 'Please report it, with the log.'),
} as const satisfies Record<string, ReasonFacts>;

export type Reason = keyof typeof REASONS;

export function isReason(value: unknown): value is Reason {
  return typeof value === 'string' && Object.hasOwn(REASONS, value);
}

/** The facts of a reason, with its class as the general type (the table itself keeps the literals). */
export function factsOf(reason: Reason): ReasonFacts {
  return REASONS[reason];
}
