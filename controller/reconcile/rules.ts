import { readAttempt, reportsOf } from './attempt.ts';
import { deleteJobs, pending, queueName, type Case, type Ruling } from './case.ts';
import { completedSteps, stepsOf } from './conditions.ts';
import { failed } from './failure.ts';
import { waitMs } from './ledger.ts';
import { factsOfReports } from './status.ts';

/** Rules in their order: the first that has an answer decides. The last two answer whatever the others leave. */
const RULES: readonly ((world: Case) => Ruling | undefined)[] = [
  finished,
  suspended,
  waitingForStrays,
  vanished,
  waiting,
  hindered,
  rejected,
  queued,
  begin,
  proceed,
];

/** The ruling on a video that is not being deleted. */
export function rule(world: Case): Ruling {
  for (const each of RULES) {
    const ruling = each(world);
    if (ruling) return ruling;
  }
  throw new Error('no rule decided');
}

/** A video that is done, or given up, stays so. Unless it is another run that is asked for, nothing runs again. */
function finished({ seen, ledger, fresh }: Case): Ruling | undefined {
  const { status } = seen.video;
  if (fresh || (status.phase !== 'Ready' && status.phase !== 'Failed')) return undefined;
  const ready = status.conditions?.find(({ type }) => type === 'Ready');
  return {
    verdict: {
      phase: status.phase,
      standing: status.phase === 'Ready' ? 'current' : 'stalled',
      reason: ready?.reason ?? 'Completed',
      message: ready?.message ?? '',
      steps: undefined,
      ledger,
      facts: {},
    },
  };
}

function suspended(world: Case): Ruling | undefined {
  const { seen, job, ledger } = world;
  if (!seen.video.spec.suspend || (job && job.state !== 'active')) return undefined;
  return {
    verdict: {
      ...pending(world, 'Suspended', 'spec.suspend holds the video back.'),
      phase: 'Suspended',
      facts: { ...pending(world, '', '').facts, job: undefined, attempts: ledger.recorded },
    },
    actions: job ? deleteJobs([job]) : [],
  };
}

/** Two attempts of one video never run side by side: they would write the same vectors. */
function waitingForStrays(world: Case): Ruling | undefined {
  const { strays, job } = world;
  if (strays.length === 0 || job) return undefined;
  return { verdict: pending(world, 'Stopping', 'Waiting for an earlier attempt to stop.') };
}

/** A Job that was seen and is there no more, its outcome unknown: somebody deleted it. */
function vanished(world: Case): Ruling | undefined {
  const { seen, job, ledger, attempt } = world;
  const known = seen.video.status.job;
  if (job || known?.uid === undefined || known.name !== seen.jobName(ledger.run, attempt)) return undefined;
  return failed(world, {
    stage: undefined,
    reason: 'JobDeleted',
    message: `The Job ${known.name} was deleted before its outcome was known.`,
    kind: 'infrastructure',
    retryAfterSeconds: undefined,
  });
}

function waiting(world: Case): Ruling | undefined {
  const { seen, job, ledger, now } = world;
  const seconds = waitMs(ledger, now) / 1000;
  if (job || ledger.notBefore === undefined || seconds === 0) return undefined;
  const { lastError } = seen.video.status;
  return {
    verdict: {
      ...pending(
        world,
        lastError?.reason ?? 'Retrying',
        `${lastError?.message ?? ''} Tried again at ${ledger.notBefore.toISOString()}.`.trim(),
      ),
      phase: 'Retrying',
    },
    requeueAfterSeconds: seconds,
  };
}

/** No Job could be made of it: only a user can help, so it takes no place and is not tried. */
function hindered(world: Case): Ruling | undefined {
  const { obstacle } = world.seen;
  if (world.job || !obstacle) return undefined;
  return { verdict: { ...pending(world, obstacle.reason, obstacle.message), standing: 'stalled' } };
}

/** The apiserver would not have our Job: we ask again, as often as the work queue lets us. */
function rejected(world: Case): Ruling | undefined {
  const { seen, job } = world;
  if (job || seen.jobRejection === undefined) return undefined;
  const ruling = begin(world);
  return {
    verdict: pending(world, 'JobRejected', `The Job is refused: ${seen.jobRejection}`),
    actions: ruling?.actions ?? [],
  };
}

function queued(world: Case): Ruling | undefined {
  const { seen, job } = world;
  if (job || seen.admission.kind === 'admitted' || queueName(seen) !== undefined) return undefined;
  const { ahead, cap } = seen.admission;
  const message = `Waiting for a free place: ${ahead} older ${ahead === 1 ? 'video goes' : 'videos go'} first (${cap}).`;
  return { verdict: { ...pending(world, 'Queued', message), phase: 'Queued' } };
}

function begin(world: Case): Ruling | undefined {
  const { seen, job, ledger, attempt, now } = world;
  if (job) return undefined;
  const name = seen.jobName(ledger.run, attempt);
  return {
    verdict: {
      ...pending(world, 'Starting', `Attempt ${attempt} begins.`),
      ledger: { ...ledger, notBefore: undefined, stored: true },
      facts: {
        ...pending(world, '', '').facts,
        attempts: attempt,
        job: { name },
        stage: undefined,
        ...(attempt === 1 && { startedAt: now.toISOString() }),
      },
    },
    actions: [
      {
        kind: 'create-job',
        name,
        run: ledger.run,
        attempt,
        memoryBytes: ledger.memoryBytes,
        queueName: queueName(seen),
      },
    ],
  };
}

/** The Job is there: the status follows it. */
function proceed(world: Case): Ruling | undefined {
  const { seen, job, ledger, attempt, now } = world;
  if (!job) return undefined;
  const { status } = seen.video;
  const reports = reportsOf(job.pod);
  const same = status.job?.name === job.name;
  const state = readAttempt(job, same && status.stage !== undefined);
  if (state.kind === 'failed') return failed(world, state.failure);
  const facts = {
    ...(world.fresh && pending(world, '', '').facts),
    ...factsOfReports(reports),
    attempts: attempt,
    job: { name: job.name, uid: job.uid },
    startedAt: (world.fresh ? undefined : status.startedAt) ?? job.createdAt.toISOString(),
  };
  const stored = { ...ledger, notBefore: undefined, stored: true };
  if (state.kind === 'succeeded') {
    const silent = reports.some(({ reason }) => reason === 'NoSpeech');
    return {
      verdict: {
        phase: 'Ready',
        standing: 'current',
        reason: silent ? 'NoSpeech' : 'Completed',
        message: silent ? 'Nobody speaks in this video.' : 'The video is searchable.',
        steps: completedSteps(reports, same ? status.conditions : undefined),
        ledger: stored,
        facts: { ...facts, stage: 'index', lastError: undefined, finishedAt: now.toISOString() },
      },
    };
  }
  const steps = stepsOf(reports, false);
  if (state.kind === 'held')
    return {
      verdict: {
        phase: state.reason === 'Queued' ? 'Queued' : 'Pending',
        standing: 'in-progress',
        reason: state.reason,
        message: state.message,
        steps,
        ledger: stored,
        facts: { ...facts, stage: same ? status.stage : undefined },
      },
    };
  return {
    verdict: {
      phase: 'Running',
      standing: 'in-progress',
      reason: 'Running',
      message: `Attempt ${attempt}: ${state.stage} runs.`,
      steps,
      ledger: stored,
      facts: { ...facts, stage: state.stage },
    },
  };
}
