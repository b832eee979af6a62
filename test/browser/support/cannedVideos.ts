import type {
  Chapter,
  Condition,
  Detail,
  PastRun,
  Segment,
  StageName,
  Transcript,
} from '../../../controller/render/page/client/contract.d.ts';
import { recording } from '../../sample/index.ts';

/** A video as the program API tells of it, with its transcript where it has one. */
export interface CannedVideo {
  readonly detail: Detail;
  readonly transcript?: Transcript;
}

/** Video ids as Loom's: 32 hex digits. */
export function idOf(number: number): string {
  return number.toString(16).padStart(8, '0') + 'c0ffee5eed0123456789abcd'.slice(0, 24);
}

/** Seconds before now. */
export function instant(secondsAgo: number): string {
  return `${new Date(Date.now() - secondsAgo * 1000).toISOString().slice(0, 19)}Z`;
}

const STEPS = ['Downloaded', 'Validated', 'Transcribed', 'Embedded', 'CleanedUp', 'MemoryStable'] as const;

interface Basics {
  readonly number: number;
  /** Seconds. */
  readonly age: number;
  readonly title?: string;
}

function basics({
  number,
  age,
  title,
}: Basics): Pick<
  Detail,
  'namespace' | 'name' | 'uid' | 'resourceVersion' | 'url' | 'title' | 'createdAt' | 'deleting' | 'attempts'
> {
  return {
    namespace: 'default',
    name: `loom-${idOf(number)}`,
    uid: `uid-${String(number).padStart(6, '0')}`,
    resourceVersion: String(number),
    url: `https://www.loom.com/share/${idOf(number)}`,
    ...(title !== undefined && { title }),
    createdAt: instant(age),
    deleting: false,
    attempts: 1,
  };
}

function conditions(
  known: Readonly<Partial<Record<(typeof STEPS)[number], [boolean, string, string]>>>,
): Condition[] {
  return STEPS.map((type) => {
    const [isTrue, reason, message] = known[type] ?? [undefined, 'Pending', ''];
    return {
      type,
      status: isTrue === undefined ? 'Unknown' : isTrue ? 'True' : 'False',
      reason,
      message,
      lastTransitionTime: instant(60),
    };
  });
}

function stage(
  name: StageName,
  [ago, took]: [number, number],
  peakMb: number,
  failure?: string,
): PastRun['stages'][number] {
  return {
    stage: name,
    outcome: failure === undefined ? 'Succeeded' : 'Failed',
    reason: failure ?? 'Completed',
    startedAt: instant(ago),
    finishedAt: new Date(Date.parse(instant(ago)) + took * 1000).toISOString(),
    peakMb,
    limitMb: 400,
  };
}

/** The bundled recording, as the pipeline stores it. */
export function readyVideo(number = 42, age = 130): CannedVideo {
  const { title, durationSeconds, topics } = recording();
  const base = basics({ number, age, title });
  const chapters: Chapter[] = topics.map((topic) => ({ start: topic.start, title: topic.title }));
  const segments: Segment[] = topics.flatMap(({ sentences }) =>
    sentences.map(({ start, end, text }) => ({
      start,
      end,
      text,
      url: `${base.url}?t=${Math.floor(start)}`,
    })),
  );
  return {
    detail: {
      ...base,
      phase: 'Ready',
      stage: 'index',
      reason: 'Completed',
      durationSeconds,
      language: 'en',
      startedAt: instant(age - 1),
      finishedAt: instant(age - 33),
      peakMb: 246,
      limitMb: 400,
      passages: 9,
      conditions: conditions({
        Downloaded: [true, 'Completed', '2.1 MB by yt-dlp.'],
        Validated: [true, 'Completed', ''],
        Transcribed: [true, 'Completed', '54 segments, 612 words.'],
        Embedded: [true, 'Completed', '9 passages in 3 batches.'],
        CleanedUp: [true, 'Completed', 'The working folder holds nothing more of this run.'],
        MemoryStable: [true, 'WithinLimit', 'Peak 246 MB of 400 MB.'],
      }),
      chapters,
      runs: [
        {
          run: 1,
          attempt: 1,
          startedAt: instant(age - 1),
          finishedAt: instant(age - 33),
          outcome: 'Succeeded',
          stages: [
            stage('fetch', [age - 1, 6.2], 151),
            stage('transcribe', [age - 8, 21.4], 246),
            stage('index', [age - 30, 2.6], 188),
          ],
        },
      ],
      timings: { fetchSeconds: 6.2, transcribeSeconds: 21.4, indexSeconds: 2.6, totalSeconds: 30.2 },
    },
    transcript: {
      namespace: base.namespace,
      name: base.name,
      title,
      url: base.url,
      language: 'en',
      model: 'tiny.en',
      durationSeconds,
      chapters,
      segments,
    },
  };
}

export function runningVideo(number = 43, age = 20): CannedVideo {
  return {
    detail: {
      ...basics({ number, age, title: 'Weekly product review: pricing, onboarding and the mobile app' }),
      phase: 'Running',
      stage: 'transcribe',
      durationSeconds: 187,
      startedAt: instant(age - 2),
      conditions: conditions({
        Downloaded: [true, 'Completed', '9.4 MB by yt-dlp.'],
        Validated: [true, 'Completed', ''],
      }),
      chapters: [],
      runs: [
        {
          run: 1,
          attempt: 1,
          startedAt: instant(age - 2),
          outcome: 'Running',
          stages: [stage('fetch', [age - 2, 5.1], 149)],
        },
      ],
      progress: { stage: 'transcribe', percent: 42, detail: '1:18 of 3:07', memoryMb: 221, limitMb: 400 },
    },
  };
}

export function queuedVideo(number = 44, age = 12): CannedVideo {
  return {
    detail: {
      ...basics({ number, age }),
      attempts: 0,
      phase: 'Queued',
      conditions: [],
      chapters: [],
      runs: [],
    },
  };
}

export function retryingVideo(number = 45, age = 200): CannedVideo {
  return {
    detail: {
      ...basics({ number, age, title: 'Quarterly numbers' }),
      attempts: 2,
      phase: 'Retrying',
      reason: 'LoomUnavailable',
      message: 'Loom answered with status 503. It is tried again in 40 s.',
      advice: 'Nothing to do: it is tried again.',
      retryable: true,
      conditions: conditions({ Downloaded: [false, 'LoomUnavailable', 'Loom answered with status 503.'] }),
      chapters: [],
      runs: [],
    },
  };
}

export function failedVideo(number = 46, age = 4000): CannedVideo {
  const message = 'Loom says that this video is private: only people of its workspace may watch it.';
  return {
    detail: {
      ...basics({ number, age }),
      phase: 'Failed',
      stage: 'fetch',
      reason: 'VideoPrivate',
      message,
      advice: 'Share the video with "anyone with the link" in Loom, then retry.',
      retryable: false,
      startedAt: instant(age - 2),
      finishedAt: instant(age - 4),
      peakMb: 118,
      limitMb: 400,
      conditions: conditions({
        Downloaded: [false, 'VideoPrivate', message],
        CleanedUp: [true, 'Completed', 'The working folder holds nothing more of this run.'],
        MemoryStable: [true, 'WithinLimit', 'Peak 118 MB of 400 MB.'],
      }),
      chapters: [],
      runs: [
        {
          run: 1,
          attempt: 1,
          startedAt: instant(age - 2),
          finishedAt: instant(age - 4),
          outcome: 'Failed',
          reason: 'VideoPrivate',
          stages: [stage('fetch', [age - 2, 2.2], 118, 'VideoPrivate')],
        },
      ],
    },
  };
}

/** Went over its memory once, then did it. */
export function memoryVideo(number = 41, age = 90_000): CannedVideo {
  const ready = readyVideo(number, age);
  const { detail } = ready;
  return {
    ...ready,
    detail: {
      ...detail,
      title: 'Onboarding walkthrough',
      attempts: 2,
      peakMb: 371,
      runs: [
        {
          run: 1,
          attempt: 1,
          startedAt: instant(age - 1),
          finishedAt: instant(age - 20),
          outcome: 'Failed',
          reason: 'MemoryLimitExceeded',
          stages: [
            stage('fetch', [age - 1, 7], 160),
            stage('transcribe', [age - 8, 12], 398, 'MemoryLimitExceeded'),
          ],
        },
        {
          ...(detail.runs[0] as PastRun),
          run: 1,
          attempt: 2,
          stages: [stage('transcribe', [age - 30, 24], 371), stage('index', [age - 55, 3.1], 190)],
        },
      ],
    },
  };
}

export function silentVideo(number = 47, age = 300_000): CannedVideo {
  const { detail, transcript } = readyVideo(number, age);
  return {
    detail: {
      ...detail,
      title: 'Screen recording without words',
      reason: 'NoSpeech',
      passages: 0,
      chapters: [],
    },
    ...(transcript && { transcript: { ...transcript, segments: [], chapters: [] } }),
  };
}

/** What would run as a script if it were taken for more than text. */
export const SCRIPTS = [
  '<script>window.injected = 1</script>',
  '<img src=x onerror="window.injected = 2">',
  '<svg onload="window.injected = 3"></svg>',
  '"><iframe srcdoc="<script>parent.injected = 4</script>"></iframe>',
  '${window.injected = 5}',
  '{{constructor.constructor("window.injected = 6")()}}',
].join(' ');

const ENDLESS = 'W'.repeat(10_000);
/** Turns what follows around: https://www.unicode.org/reports/tr9/ */
const OVERRIDE = '\u202Egpj.exe\u2067 \u202B';
const STACKED = `Z${'\u0335\u0322\u0353\u0360'.repeat(30)}`;

/** Somebody else's text, at its worst, wherever a video has text. */
export function hostileVideo(number = 48, age = 30): CannedVideo {
  const { detail, transcript } = readyVideo(number, age);
  const nasty = `${SCRIPTS} ${OVERRIDE} ${STACKED} ${ENDLESS}`;
  const [first] = detail.runs;
  return {
    detail: {
      ...detail,
      title: nasty,
      url: 'javascript:window.injected=7',
      phase: 'Failed',
      reason: `X${'y'.repeat(60)}<b>`,
      message: nasty,
      advice: nasty,
      language: '<script>',
      conditions: detail.conditions.map((condition) => ({ ...condition, message: nasty })),
      chapters: [
        { start: 0, title: nasty },
        { start: 1e9, title: OVERRIDE },
      ],
      runs: first ? [{ ...first, outcome: 'Failed', reason: ENDLESS.slice(0, 300) }] : [],
    },
    ...(transcript && {
      transcript: {
        ...transcript,
        language: '"><script>',
        segments: [
          { start: 0, end: 1, text: nasty, url: 'javascript:window.injected=8' },
          { start: 1, end: 2, text: SCRIPTS, url: 'data:text/html,<script>parent.injected=9</script>' },
          {
            start: 86_399,
            end: 1e9,
            text: `${OVERRIDE} and then all is well`,
            url: 'https://www.loom.com/"onclick="x',
          },
        ],
      },
    }),
  };
}

/** A list to page through. */
export function manyVideos(count: number): CannedVideo[] {
  return Array.from({ length: count }, (_, index) => {
    const ready = readyVideo(1000 + index, 3600 + (count - index) * 60);
    return { ...ready, detail: { ...ready.detail, title: `Recording ${index + 1}` } };
  });
}
