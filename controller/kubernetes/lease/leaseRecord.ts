import type { KubeObject } from '../api/kubeApi.ts';

/** A `coordination.k8s.io/v1` Lease. */
export interface Lease extends KubeObject {
  readonly spec?: LeaseRecord;
}

/** Who leads, as client-go writes it (tools/leaderelection/resourcelock/leaselock.go). */
export interface LeaseRecord {
  /** Absent or empty: nobody. */
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  /** MicroTime, as {@link microTime}. */
  readonly acquireTime?: string;
  readonly renewTime?: string;
  /** How often the holder changed. */
  readonly leaseTransitions?: number;
}

/**
 * Kubernetes' MicroTime: RFC 3339 in UTC with exactly six fractional digits; the apiserver refuses any other number.
 */
export function microTime(date: Date): string {
  return date.toISOString().replace(/Z$/, '000Z');
}

/** The record by which `identity` leads from now on, or goes on leading. */
export function held(
  before: LeaseRecord | undefined,
  identity: string,
  durationSeconds: number,
  now: Date,
): LeaseRecord {
  const ours = before?.holderIdentity === identity;
  const transitions = before?.leaseTransitions ?? 0;
  return {
    ...before,
    holderIdentity: identity,
    leaseDurationSeconds: durationSeconds,
    acquireTime: (ours ? before.acquireTime : undefined) ?? microTime(now),
    renewTime: microTime(now),
    leaseTransitions: before === undefined || ours ? transitions : transitions + 1,
  };
}

/** The record by which nobody leads, so that others need not wait; a duration of 0 is not allowed. */
export function released(before: LeaseRecord, now: Date): LeaseRecord {
  return { ...before, holderIdentity: '', leaseDurationSeconds: 1, renewTime: microTime(now) };
}

/** Milliseconds, from when the record was last seen to change, for which its holder may lead; 0: nobody does. */
export function validForMs(record: LeaseRecord | undefined, durationMs: number): number {
  if (record?.holderIdentity === undefined || record.holderIdentity === '') return 0;
  const seconds = record.leaseDurationSeconds;
  return seconds !== undefined && seconds > 0 ? seconds * 1000 : durationMs;
}
