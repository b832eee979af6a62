// Generated from crds/loomvideos.yaml by `npm run generate`. Do not edit.

/**
 * A spec as users write it: what has a default may be absent.
 */
export interface LoomVideoSpecInput {
  /**
   * The share or embed link of one Loom video, such as https://www.loom.com/share/0123456789abcdef0123456789abcdef. Cannot be changed afterwards.
   */
  url: string;
  /**
   * Bounds on what is downloaded. A video beyond them fails with a reason; nothing is cut.
   */
  limits?: {
    /**
     * The longest video accepted, as Loom states it and as measured, such as 5m or 90s.
     */
    maxDuration?: string;
    /**
     * The largest file accepted, counted as it arrives.
     */
    maxFileSize?: string;
    /**
     * The highest picture taken, in pixels, where Loom offers a choice.
     */
    maxHeight?: number;
    /**
     * Time for the whole download with its repetitions.
     */
    downloadTimeout?: string;
  };
  /**
   * How speech becomes text.
   */
  transcription?: {
    /**
     * The Whisper model. tiny.en knows English only.
     */
    model?: 'tiny' | 'tiny.en';
    /**
     * The spoken language as an ISO 639 code such as en or fr; auto detects it.
     */
    language?: string;
    /**
     * whisper transcribes; captions takes Loom's own captions; auto prefers captions where there are any.
     */
    source?: 'whisper' | 'captions' | 'auto';
  };
  /**
   * How passages become vectors.
   */
  embedding?: {
    /**
     * The embedding model, used where an embedding service is configured.
     */
    model?: string;
    /**
     * Length of the vectors, where the model lets one choose; its own length otherwise.
     */
    dimensions?: number;
    /**
     * Passages sent in one request.
     */
    batchSize?: number;
  };
  /**
   * Secret with the credentials, its keys named as the environment variables: OPENAI_API_KEY, PINECONE_API_KEY, PINECONE_INDEX, SUPABASE_URL, SUPABASE_ANON_KEY and, optional, LOOM_API_KEY.
   */
  credentialsSecretRef?: {
    name: string;
  };
  /**
   * Secret with the video's password. Reaches the download only.
   */
  passwordSecretRef?: {
    name: string;
    key?: string;
  };
  /**
   * Memory of a run, and how it grows after the kernel or the guard ended one for it.
   */
  memory?: {
    /**
     * Memory of the first attempt.
     */
    limit?: string;
    /**
     * Memory no attempt exceeds.
     */
    max?: string;
    /**
     * The next attempt after an OOM kill gets this many times the memory, up to max.
     */
    factor?: string;
  };
  /**
   * Time for one attempt, all stages together.
   */
  timeout?: string;
  /**
   * How often a video is tried when failures are of the passing kind.
   */
  maxAttempts?: number;
  /**
   * Holds the video back; a running attempt is stopped.
   */
  suspend?: boolean;
  /**
   * Whether the vectors and records are deleted or retained when the LoomVideo is deleted.
   */
  deletionPolicy?: 'Delete' | 'Retain';
}

/**
 * A spec with its defaults filled in.
 */
export interface LoomVideoSpec {
  /**
   * The share or embed link of one Loom video, such as https://www.loom.com/share/0123456789abcdef0123456789abcdef. Cannot be changed afterwards.
   */
  url: string;
  /**
   * Bounds on what is downloaded. A video beyond them fails with a reason; nothing is cut.
   */
  limits: {
    /**
     * The longest video accepted, as Loom states it and as measured, such as 5m or 90s.
     */
    maxDuration: string;
    /**
     * The largest file accepted, counted as it arrives.
     */
    maxFileSize: string;
    /**
     * The highest picture taken, in pixels, where Loom offers a choice.
     */
    maxHeight: number;
    /**
     * Time for the whole download with its repetitions.
     */
    downloadTimeout: string;
  };
  /**
   * How speech becomes text.
   */
  transcription: {
    /**
     * The Whisper model. tiny.en knows English only.
     */
    model: 'tiny' | 'tiny.en';
    /**
     * The spoken language as an ISO 639 code such as en or fr; auto detects it.
     */
    language: string;
    /**
     * whisper transcribes; captions takes Loom's own captions; auto prefers captions where there are any.
     */
    source: 'whisper' | 'captions' | 'auto';
  };
  /**
   * How passages become vectors.
   */
  embedding: {
    /**
     * The embedding model, used where an embedding service is configured.
     */
    model: string;
    /**
     * Length of the vectors, where the model lets one choose; its own length otherwise.
     */
    dimensions?: number;
    /**
     * Passages sent in one request.
     */
    batchSize: number;
  };
  /**
   * Secret with the credentials, its keys named as the environment variables: OPENAI_API_KEY, PINECONE_API_KEY, PINECONE_INDEX, SUPABASE_URL, SUPABASE_ANON_KEY and, optional, LOOM_API_KEY.
   */
  credentialsSecretRef?: {
    name: string;
  };
  /**
   * Secret with the video's password. Reaches the download only.
   */
  passwordSecretRef?: {
    name: string;
    key: string;
  };
  /**
   * Memory of a run, and how it grows after the kernel or the guard ended one for it.
   */
  memory: {
    /**
     * Memory of the first attempt.
     */
    limit: string;
    /**
     * Memory no attempt exceeds.
     */
    max: string;
    /**
     * The next attempt after an OOM kill gets this many times the memory, up to max.
     */
    factor: string;
  };
  /**
   * Time for one attempt, all stages together.
   */
  timeout: string;
  /**
   * How often a video is tried when failures are of the passing kind.
   */
  maxAttempts: number;
  /**
   * Holds the video back; a running attempt is stopped.
   */
  suspend: boolean;
  /**
   * Whether the vectors and records are deleted or retained when the LoomVideo is deleted.
   */
  deletionPolicy: 'Delete' | 'Retain';
}

/**
 * What was observed.
 */
export interface LoomVideoStatus {
  /**
   * The metadata.generation this status speaks of.
   */
  observedGeneration?: number;
  /**
   * One word for people; programs read the conditions.
   */
  phase?: string;
  /**
   * The stage that runs or ran last.
   */
  stage?: string;
  /**
   * Attempts begun for this spec.
   */
  attempts?: number;
  /**
   * @maxItems 32
   */
  conditions?: {
    type: string;
    status: 'True' | 'False' | 'Unknown';
    observedGeneration?: number;
    lastTransitionTime: string;
    reason: string;
    message: string;
  }[];
  video?: {
    title?: string;
    uploader?: string;
    durationSeconds?: number;
    sizeBytes?: number;
    width?: number;
    height?: number;
    /**
     * Which way brought it, yt-dlp unless a fallback of development did.
     */
    source?: string;
  };
  transcript?: {
    language?: string;
    /**
     * The model that really ran.
     */
    model?: string;
    segments?: number;
    words?: number;
  };
  index?: {
    passages?: number;
    model?: string;
    dimensions?: number;
    vectorStore?: string;
    recordStore?: string;
  };
  /**
   * MB of 1024².
   */
  memory?: {
    peakMb?: number;
    limitMb?: number;
    afterMb?: number;
  };
  /**
   * Seconds of each stage that ran.
   */
  timings?: {
    fetchSeconds?: number;
    transcribeSeconds?: number;
    indexSeconds?: number;
    totalSeconds?: number;
  };
  /**
   * The Job of the attempt that runs or ran last.
   */
  job?: {
    name?: string;
    /**
     * Set once the Job was seen, so that one that vanished is told from one not yet made.
     */
    uid?: string;
  };
  /**
   * What the controller remembers from one attempt to the next.
   */
  ledger?: {
    /**
     * Counts fresh starts, of another spec or by the annotation qudemo.dev/retry.
     */
    run?: number;
    /**
     * Of the spec fields that change what is stored.
     */
    resultHash?: string;
    /**
     * Of all spec fields that an attempt depends on.
     */
    specHash?: string;
    /**
     * The value of the annotation qudemo.dev/retry that was last acted upon.
     */
    retry?: string;
    /**
     * Attempts of this run whose failure is recorded.
     */
    recorded?: number;
    /**
     * Memory of the next attempt, where it was raised above spec.memory.limit.
     */
    memoryLimit?: string;
    memoryFailures?: number;
    transientFailures?: number;
    /**
     * Attempts lost through no fault of the video, which count against no other budget.
     */
    infrastructureFailures?: number;
    /**
     * When the next attempt may begin.
     */
    notBefore?: string;
    /**
     * Whether something may have been stored, which deletion then purges.
     */
    stored?: boolean;
    purgeAttempts?: number;
  };
  startedAt?: string;
  finishedAt?: string;
  /**
   * The last failure, kept while later attempts run.
   */
  lastError?: {
    stage?: string;
    reason?: string;
    message?: string;
    retryable?: boolean;
  };
}
