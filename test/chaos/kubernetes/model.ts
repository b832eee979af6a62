import { parseQuantity } from '../../../common/quantity.ts';
import type { LoomVideoSpec, LoomVideoStatus } from '../../../crds/generated/loomvideo.ts';
import { FINALIZER, FORCE_DELETE_ANNOTATION } from '../../../controller/reconcile/names.ts';
import { resultHash } from '../../../controller/specHashes.ts';
import { parseSpec } from '../../../jobrunner/contract/spec.ts';
import type { FakeCluster, Stored } from '../../unit/kubernetes/fakeCluster.ts';
import { must } from '../history.ts';
import { checkWrite, SECRET } from '../statusRules.ts';
import { isTerminating, type PlayedJob } from './jobPlayer.ts';

/** What is known of one video, from its creation on. */
interface Kept {
  readonly uid: string;
  readonly at: string;
  readonly jobs: PlayedJob[];
  /** Of all that was ever asked of it: how many Jobs were there when its spec, or the retry annotation, was last changed. */
  askedAt: number;
  mostAttempts: number;
  mostMemory: number;
  /** Whatever its author wrote, gave up the purge. */
  mayStay: boolean;
  stored: boolean;
  statuses: number;
  asks: number;
}

/** What must hold at each moment, and at the end. */
export class Model {
  readonly #cluster: Pick<FakeCluster, 'get' | 'all' | 'onChange'>;
  readonly #kept = new Map<string, Kept>();

  constructor(cluster: Pick<FakeCluster, 'get' | 'all' | 'onChange'>) {
    this.#cluster = cluster;
    cluster.onChange((resource, after, before) => {
      if (resource === 'loomvideos') this.#videoChanged(after, before);
      if (resource === 'events' && after)
        must(!JSON.stringify(after).includes(SECRET), `no secret in an Event: ${JSON.stringify(after)}`);
    });
  }

  /** Before it joins the others. */
  jobMade(job: PlayedJob, object: Stored): void {
    const kept = this.#kept.get(job.videoUid);
    must(kept !== undefined, `a Job is made only of a video that was there: ${job.name}`);
    if (!kept) return;
    const mine = `${job.name} of ${kept.at}`;
    must(
      JSON.stringify(object.spec).includes(job.videoUid),
      `a Job works for the uid that it is labelled with: ${mine}`,
    );
    const active = kept.jobs.filter(({ atWork }) => atWork);
    must(
      active.length === 0,
      `never two attempts of one video side by side: ${mine} beside ${active.map(({ name }) => name).join()}`,
    );
    const last = kept.jobs.at(-1);
    for (const other of kept.jobs.filter(({ name }) => name === job.name))
      must(
        other.stolen || other.told === undefined,
        `never two Jobs for one attempt: ${mine} was there, and ended ${other.told?.kind}`,
      );
    if (job.component === 'process') {
      const video = this.#cluster.get(kept.at);
      must(
        video?.metadata.uid !== kept.uid || video.metadata.deletionTimestamp === undefined || recently(video),
        `no attempt begins for a video that is deleted: ${mine}`,
      );
      if (last?.told?.kind === 'success' && !last.stolen && last.component === 'process')
        must(kept.askedAt >= last.serial, `what succeeded is not done again without cause: ${mine}`);
      if ((last?.told?.kind === 'permanent' || last?.told?.kind === 'configuration') && !last.stolen)
        must(kept.askedAt >= last.serial, `what failed for good is not tried again without cause: ${mine}`);
      kept.stored = true;
    }
    kept.jobs.push(job);
  }

  #videoChanged(after: Stored | undefined, before: Stored | undefined): void {
    const { uid, name, namespace = '' } = (after ?? before)?.metadata ?? { uid: '', name: '' };
    const kept: Kept = this.#kept.get(uid) ?? {
      ...{ uid, at: `/apis/qudemo.dev/v1alpha1/namespaces/${namespace}/loomvideos/${name}` },
      ...{ jobs: [], askedAt: 0, mostAttempts: 0, mostMemory: 0, mayStay: false, stored: false },
      ...{ statuses: 0, asks: 0 },
    };
    this.#kept.set(uid, kept);
    if (!after) {
      if (before) this.#checkGone(kept, before);
      return;
    }
    const spec = specOf(after);
    const { annotations = {}, generation = 1 } = after.metadata;
    if (before === undefined || before.spec !== after.spec || before.metadata !== after.metadata) {
      if (
        JSON.stringify([before?.spec, before?.metadata.annotations]) !==
        JSON.stringify([after.spec, after.metadata.annotations])
      ) {
        kept.askedAt = Math.max(0, ...kept.jobs.map(({ serial }) => serial));
        kept.asks++;
      }
    }
    kept.mostAttempts = Math.max(kept.mostAttempts, spec.maxAttempts);
    kept.mostMemory = Math.max(
      kept.mostMemory,
      parseQuantity(spec.memory.max),
      parseQuantity(spec.memory.limit),
    );
    kept.mayStay ||= spec.deletionPolicy === 'Retain' || annotations[FORCE_DELETE_ANNOTATION] !== undefined;
    const [was, is] = [before?.status, after.status] as (LoomVideoStatus | undefined)[];
    if (is && JSON.stringify(was) !== JSON.stringify(is)) {
      kept.statuses++;
      checkWrite({
        ...{ video: kept.at, before: was, after: is, generation, spec },
        deleted: after.metadata.deletionTimestamp !== undefined,
        ...{ mostAttempts: kept.mostAttempts, mostMemoryBytes: kept.mostMemory },
      });
      if (is.phase === 'Ready' && was?.phase !== 'Ready') {
        const last = kept.jobs.findLast(({ component }) => component === 'process');
        must(last?.told?.kind === 'success', `Ready only after a Job that completed: ${kept.at}`);
      }
    }
  }

  #checkGone(kept: Kept, before: Stored): void {
    const { finalizers = [], namespace = '', deletionTimestamp } = before.metadata;
    // One of which nobody had taken notice.
    if (deletionTimestamp === undefined) {
      must(!kept.stored, `nothing is stored for a video without our finalizer: ${kept.at}`);
      return;
    }
    must(!finalizers.includes(FINALIZER), `the finalizer goes first: ${kept.at}`);
    if (!kept.stored || kept.mayStay || isTerminating(this.#cluster, namespace)) return;
    const purge = kept.jobs.findLast(
      ({ component, told }) => component === 'purge' && told?.kind === 'success',
    );
    must(purge !== undefined, `what was stored is purged before the video goes: ${kept.at}`);
    const later = kept.jobs.filter((job) => job.component === 'process' && job.serial > (purge?.serial ?? 0));
    must(later.length === 0, `nothing is stored after the purge: ${kept.at}`);
  }

  /** Once nothing goes wrong any more and time enough has passed. */
  checkEnd(): void {
    for (const kept of this.#kept.values()) {
      const object = this.#cluster.get(kept.at);
      const bound = 30 + 25 * (kept.jobs.length + kept.asks);
      must(kept.statuses <= bound, `few statuses are written: ${kept.statuses} > ${bound} of ${kept.at}`);
      if (object?.metadata.uid !== kept.uid) continue;
      this.#checkStays(kept, object);
    }
    const left = this.#cluster.all('jobs').map(({ metadata }) => metadata.name);
    must(left.length === 0, `no Job is left behind: ${left.join()}`);
    const pods = this.#cluster.all('pods').map(({ metadata }) => metadata.name);
    must(pods.length === 0, `no pod is left behind: ${pods.join()}`);
    const leases = this.#cluster.all('leases');
    for (const { spec } of leases)
      must(
        spec?.['holderIdentity'] === '',
        `no lease is held by the dead: ${String(spec?.['holderIdentity'])}`,
      );
  }

  /** Why it is not yet as it has to be in the end; undefined: it is. */
  unsettled(): string | undefined {
    for (const { metadata, status, spec } of this.#cluster.all('loomvideos')) {
      const what = `${metadata.namespace}/${metadata.name} is ${JSON.stringify(status)}`;
      if (metadata.deletionTimestamp !== undefined) return `not gone: ${what}`;
      const phase = status?.['phase'];
      if (status?.['observedGeneration'] !== metadata.generation) return `not seen: ${what}`;
      if (phase === 'Ready' || phase === 'Failed') continue;
      if (spec?.['suspend'] === true && phase === 'Suspended') continue;
      const stalled = (status as LoomVideoStatus | undefined)?.conditions?.find(
        ({ type }) => type === 'Stalled',
      );
      if (spec?.['credentialsSecretRef'] === undefined && stalled?.reason === 'CredentialsMissing') continue;
      return `not ended: ${what}`;
    }
    return undefined;
  }

  #checkStays(kept: Kept, object: Stored): void {
    // oxlint-disable-next-line no-unsafe-type-assertion -- checked as it was written
    const status = object.status as LoomVideoStatus;
    const spec = specOf(object);
    const told = `${kept.at}: ${JSON.stringify(status)}`;
    const last = kept.jobs.findLast(({ component }) => component === 'process');
    if (status.phase === 'Ready') {
      must(last?.told?.kind === 'success', `Ready is what succeeded: ${told}`);
      must(status.ledger?.resultHash === resultHash(spec), `Ready is for what is asked for: ${told}`);
      return;
    }
    if (status.phase !== 'Failed') return;
    must(last?.told !== undefined || last?.stolen === true, `Failed is what ended: ${told}`);
    if (!last || last.stolen) return;
    must(last.told?.kind !== 'success', `what succeeded is not Failed: ${told}`);
    must(
      last.told?.reasons.has(status.lastError?.reason ?? '') === true,
      `Failed says how the last attempt ended, ${[...(last.told?.reasons ?? [])].join()}: ${told}`,
    );
    const { ledger = {} } = status;
    const { transientFailures = 0, infrastructureFailures = 0 } = ledger;
    if (last.told?.kind === 'infrastructure')
      must(infrastructureFailures >= 10, `what is lost is tried ten times: ${told}`);
    if (last.told?.kind === 'transient')
      must(transientFailures >= 1, `what passes is tried as often as spec.maxAttempts says: ${told}`);
  }
}

function specOf({ spec }: Stored): LoomVideoSpec {
  return parseSpec(spec);
}

/** A request of before its deletion may still have been on its way. */
function recently({ metadata }: Stored): boolean {
  return Date.now() - Date.parse(metadata.deletionTimestamp ?? '') < 30_000;
}
