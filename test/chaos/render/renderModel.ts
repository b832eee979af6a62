import { parseQuantity } from '../../../common/quantity.ts';
import type { LoomVideoStatus } from '../../../crds/generated/loomvideo.ts';
import { FORCE_DELETE_ANNOTATION } from '../../../controller/reconcile/names.ts';
import type { LoomVideo } from '../../../controller/render/resources/resource.ts';
import { resultHash } from '../../../controller/specHashes.ts';
import type { StageName } from '../../../jobrunner/contract/stageReport.ts';
import type { StageContext } from '../../../jobrunner/stages/stage.ts';
import { must } from '../history.ts';
import { checkWrite } from '../statusRules.ts';

/** How a stage was ended, as its video may be told of it. */
export interface Ended {
  readonly kind: 'success' | 'permanent' | 'transient' | 'memory' | 'configuration';
  readonly reason: string;
}

/** What may end a stage before it begins, and without its word. */
const UNTOLD = new Set(['DeadlineExceeded', 'MemoryLimitExceeded']);

interface Kept {
  readonly name: string;
  readonly uid: string;
  asked: string;
  status: LoomVideoStatus | undefined;
  /** Of its last attempt. */
  last: Ended | undefined;
  /** Stages that succeeded since it was last asked for something, with their folder. */
  readonly done: Set<string>;
  /** Deaths of the process in each stage of this run that the runtime cannot have missed. */
  readonly kills: Map<StageName, number>;
  /** Deaths while it was worked on, in all. */
  deaths: number;
  deleted: boolean;
  stored: boolean;
  purged: boolean;
  mayStay: boolean;
  mostAttempts: number;
  mostMemory: number;
  statuses: number;
  attempts: number;
}

/** What must hold at each moment of Render mode, and at the end. */
export class RenderModel {
  readonly #kept = new Map<string, Kept>();
  /** What runs in the process that lives. */
  readonly #running = new Map<StageContext, StageName>();
  #last: StageContext | undefined;
  /** What ended in this moment, so that it may not be on the disk yet. */
  #endedNow: { readonly at: number; readonly contexts: StageContext[] } = { at: 0, contexts: [] };
  /** The clock was so wrong that folders were swept which nobody used at that moment. */
  swept = false;

  /** A change is on the disk. */
  changed(type: 'ADDED' | 'MODIFIED' | 'DELETED', video: LoomVideo): void {
    const kept = this.#keep(video);
    if (type === 'DELETED') {
      must(
        !kept.stored || kept.purged || kept.mayStay,
        `what was stored is purged before the video goes: ${kept.name} ${kept.uid}`,
      );
      return;
    }
    const { spec, metadata, status } = video;
    kept.deleted = metadata.deletionTimestamp !== undefined;
    const asked = JSON.stringify([{ ...spec, suspend: false }, metadata.annotations]);
    if (asked !== kept.asked) {
      kept.asked = asked;
      kept.done.clear();
    }
    kept.mayStay ||=
      spec.deletionPolicy === 'Retain' || metadata.annotations?.[FORCE_DELETE_ANNOTATION] !== undefined;
    kept.mostAttempts = Math.max(kept.mostAttempts, spec.maxAttempts);
    kept.mostMemory = Math.max(
      kept.mostMemory,
      parseQuantity(spec.memory.max),
      parseQuantity(spec.memory.limit),
    );
    if (!status || JSON.stringify(status) === JSON.stringify(kept.status)) return;
    checkWrite({
      ...{ video: kept.name, before: kept.status, after: status, generation: metadata.generation, spec },
      deleted: metadata.deletionTimestamp !== undefined,
      ...{ mostAttempts: kept.mostAttempts, mostMemoryBytes: kept.mostMemory },
    });
    if (status.ledger?.run !== kept.status?.ledger?.run) kept.kills.clear();
    if (status.phase === 'Ready' && kept.status?.phase !== 'Ready')
      must(kept.last?.kind === 'success', `Ready only after a stage index that succeeded: ${kept.name}`);
    if (status.lastError?.reason === 'ProcessKilled' && status.phase === 'Failed')
      must(kept.deaths >= 2, `ProcessKilled only after two kills: ${kept.name}`);
    kept.status = status;
    kept.statuses++;
  }

  began(stage: StageName, context: StageContext): void {
    const { uid, key } = context.job.owner;
    const kept = this.#kept.get(uid);
    must(
      kept !== undefined && key.endsWith(`.${kept.name}`),
      `a stage works for a video that was there: ${key} ${uid}`,
    );
    if (!kept) return;
    const isPurge = stage === 'purge';
    for (const [other, running] of this.#running) {
      const both = `${stage} of ${context.job.name} beside ${running} of ${other.job.name}`;
      must((running === 'purge') !== isPurge, `one video at a time: ${both}`);
      must(other.job.owner.uid !== uid, `never two attempts of one video side by side: ${both}`);
    }
    this.#running.set(context, stage);
    if (isPurge) {
      must(kept.deleted, `only what is deleted is purged: ${kept.name}`);
      return;
    }
    this.#last = context;
    kept.stored = true;
    kept.purged = false;
    if (stage === 'fetch') kept.attempts++;
    const again = `${stage} of ${kept.name} in ${context.folder.path}`;
    must(
      !kept.done.has(`${stage} ${nameOf(context)}`),
      `what succeeded is not done again without cause: ${again}`,
    );
    const kills = kept.kills.get(stage) ?? 0;
    must(kills < 2, `what killed the process twice is not tried again: ${again}`);
  }

  ended(stage: StageName, context: StageContext, as: Ended | undefined): void {
    if (!this.#running.delete(context)) return;
    if (this.#endedNow.at !== Date.now()) this.#endedNow = { at: Date.now(), contexts: [] };
    if (stage !== 'purge') this.#endedNow.contexts.push(context);
    const kept = this.#kept.get(context.job.owner.uid);
    if (!as) return;
    if (!kept) return;
    if (stage === 'purge') {
      if (as.kind === 'success') kept.purged = true;
      return;
    }
    kept.last = as;
    if (as.kind === 'success' && !this.swept) kept.done.add(`${stage} ${nameOf(context)}`);
    // Nothing is kept of what is hopeless.
    if (as.kind === 'permanent') kept.done.clear();
  }

  /**
   * The process is gone. `isSure`: it was killed, and knew nothing of it. `isBlind`: what it wrote last may not be on the
   * disk.
   */
  died(isSure: boolean, isBlind: boolean): void {
    const last = this.#last && this.#kept.get(this.#last.job.owner.uid);
    if (isBlind && last) last.deaths++;
    for (const [{ job, signal }, stage] of this.#running) {
      const kept = this.#kept.get(job.owner.uid);
      if (!kept || stage === 'purge') continue;
      kept.deaths++;
      if (isSure && !signal.aborted) kept.kills.set(stage, (kept.kills.get(stage) ?? 0) + 1);
    }
    this.#running.clear();
    if (this.#endedNow.at !== Date.now()) return;
    for (const { job } of this.#endedNow.contexts) {
      const kept = this.#kept.get(job.owner.uid);
      if (kept) kept.deaths++;
    }
    this.#endedNow.contexts.length = 0;
  }

  /** The videos as the disk has them when a process begins. */
  reborn(videos: readonly LoomVideo[]): void {
    for (const video of videos) this.#keep(video).status = video.status;
  }

  /** Why it is not yet as it has to be in the end; undefined: it is. */
  unsettled(videos: readonly LoomVideo[]): string | undefined {
    for (const { metadata, spec, status } of videos) {
      const what = `${metadata.name} is ${JSON.stringify(status)}`;
      if (metadata.deletionTimestamp !== undefined) return `not gone: ${what}`;
      if (status?.observedGeneration !== metadata.generation) return `not seen: ${what}`;
      const { phase } = status;
      if (phase !== 'Ready' && phase !== 'Failed' && !(spec.suspend && phase === 'Suspended'))
        return `not ended: ${what}`;
    }
    return undefined;
  }

  checkEnd(videos: readonly LoomVideo[]): void {
    for (const { metadata, spec, status } of videos) {
      const kept = this.#kept.get(metadata.uid);
      const told = `${metadata.name}: ${JSON.stringify(status)}`;
      must(kept !== undefined, `it was seen: ${told}`);
      if (!kept || !status) continue;
      if (status.phase === 'Ready') {
        must(kept.last?.kind === 'success', `Ready is what succeeded: ${told}`);
        must(status.ledger?.resultHash === resultHash(spec), `Ready is for what is asked for: ${told}`);
      }
      if (status.phase !== 'Failed') continue;
      const reason = status.lastError?.reason ?? '';
      if (reason === 'ProcessKilled') continue;
      if (kept.deaths >= 2 && reason.endsWith('OOMKilled')) continue;
      must(kept.last?.kind !== 'success', `what succeeded is not Failed: ${told}`);
      must(
        reason === kept.last?.reason || UNTOLD.has(reason),
        `Failed says how the last attempt ended, ${kept.last?.reason}: ${told}`,
      );
    }
    for (const { name, statuses, attempts } of this.#kept.values())
      must(
        statuses <= 60 + 25 * attempts,
        `few statuses are written: ${statuses} of ${name}, ${attempts} attempts`,
      );
  }

  #keep({ metadata: { namespace, name, uid } }: LoomVideo): Kept {
    const known = this.#kept.get(uid);
    if (known) return known;
    const kept: Kept = {
      ...{ name: `${namespace}.${name}`, uid, asked: '', status: undefined, last: undefined },
      ...{ done: new Set<string>(), kills: new Map<StageName, number>(), deaths: 0 },
      ...{
        deleted: false,
        stored: false,
        purged: false,
        mayStay: false,
        mostAttempts: 0,
        mostMemory: 0,
        statuses: 0,
        attempts: 0,
      },
    };
    this.#kept.set(uid, kept);
    return kept;
  }
}

function nameOf({ folder }: StageContext): string {
  return folder.path.slice(folder.path.lastIndexOf('/') + 1);
}
