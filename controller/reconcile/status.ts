import type { LoomVideoStatus } from '../../crds/generated/loomvideo.ts';
import type { StageReport } from '../../jobrunner/contract/stageReport.ts';
import { stampConditions, topConditions, type ConditionFacts, type Standing } from './conditions.ts';
import { writeLedger, type Ledger } from './ledger.ts';
import type { Observation } from './observation.ts';

/** One word for people. */
export type Phase =
  | 'Pending'
  | 'Queued'
  | 'Running'
  | 'Retrying'
  | 'Ready'
  | 'Failed'
  | 'Suspended'
  | 'Deleting';

type Fact = Exclude<keyof LoomVideoStatus, 'conditions' | 'ledger' | 'phase' | 'observedGeneration'>;
export type FactChanges = { readonly [K in Fact]?: LoomVideoStatus[K] | undefined };

/** What a rule says of the video; the rest of its status follows. */
export interface Verdict {
  readonly phase: Phase;
  readonly standing: Standing;
  /** Of `Ready`. */
  readonly reason: string;
  readonly message: string;
  /** Undefined: those of before stay. */
  readonly steps: readonly ConditionFacts[] | undefined;
  readonly ledger: Ledger;
  /** Facts that a rule changes; an undefined one goes. */
  readonly facts: FactChanges;
}

const TOP = new Set(['Ready', 'Reconciling', 'Stalled']);

/** The whole new status: what was known before, what the rule changes, and the conditions with their times. */
export function statusOf({ video }: Observation, verdict: Verdict, now: Date): LoomVideoStatus {
  const { phase, standing, reason, message, ledger, facts } = verdict;
  const before = video.status.conditions;
  const steps = verdict.steps ?? before?.filter(({ type }) => !TOP.has(type)) ?? [];
  const { conditions: _conditions, ...known } = video.status;
  return defined<LoomVideoStatus>({
    ...known,
    ...facts,
    observedGeneration: video.generation,
    phase,
    ledger: writeLedger(ledger),
    conditions: stampConditions([...steps, ...topConditions(standing, reason, message)], before, {
      generation: video.generation,
      now,
    }),
  });
}

/** An object without the keys that have no value. */
function defined<T extends object>(object: { readonly [K in keyof T]: T[K] | undefined }): T {
  // oxlint-disable-next-line no-unsafe-type-assertion -- only keys without a value go
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;
}

/** What the reports of an attempt's stages say beyond the conditions. */
export function factsOfReports(
  reports: readonly StageReport[],
): Pick<LoomVideoStatus, 'video' | 'transcript' | 'index' | 'memory' | 'timings'> {
  if (reports.length === 0) return {};
  const video = reports.find((report) => report.video)?.video;
  const transcript = reports.find((report) => report.transcript)?.transcript;
  const index = reports.find((report) => report.index)?.index;
  const last = reports.at(-1);
  const seconds = Object.fromEntries(reports.map((report) => [`${report.stage}Seconds`, secondsOf(report)]));
  return {
    ...(video && { video }),
    ...(transcript && {
      transcript: {
        language: transcript.language,
        model: transcript.model,
        segments: transcript.segments,
        words: transcript.words,
      },
    }),
    ...(index && { index }),
    memory: {
      peakMb: Math.max(...reports.map(({ memory }) => memory.peakMb)),
      limitMb: Math.max(...reports.map(({ memory }) => memory.limitMb)),
      afterMb: last?.memory.afterMb ?? 0,
    },
    timings: {
      ...seconds,
      totalSeconds: round(reports.reduce((sum, report) => sum + secondsOf(report), 0)),
    },
  };
}

function secondsOf({ startedAt, finishedAt }: StageReport): number {
  return round(Math.max(0, (Date.parse(finishedAt) - Date.parse(startedAt)) / 1000));
}

function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
