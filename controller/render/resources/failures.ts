import type { Crd } from './crd.ts';
import { ResourceFailure, type Cause, type FailureDetails } from './failure.ts';

/** The refusals of the API, each worded as kube-apiserver 1.36 words it. */

/** Of a request that cannot be understood. */
export function badRequest(message: string): ResourceFailure {
  return new ResourceFailure(400, 'BadRequest', message);
}

export function notFound(crd: Crd, name: string): ResourceFailure {
  return new ResourceFailure(404, 'NotFound', `${resourceOf(crd)} "${name}" not found`, details(crd, name));
}

export function alreadyExists(crd: Crd, name: string): ResourceFailure {
  return new ResourceFailure(
    409,
    'AlreadyExists',
    `${resourceOf(crd)} "${name}" already exists`,
    details(crd, name),
  );
}

export function conflict(crd: Crd, name: string, why: string): ResourceFailure {
  return new ResourceFailure(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${resourceOf(crd)} "${name}": ${why}`,
    details(crd, name),
  );
}

/** `kind` where it is not the resource's own: `Pod` in a manifest sent here, or options such as `ListOptions`. */
export function invalid(
  kind: string,
  group: string,
  name: string,
  causes: readonly Cause[],
): ResourceFailure {
  const described = [...new Set(causes.map(({ field, message }) => `${field}: ${message}`))];
  const list = described.length === 1 ? described[0] : `[${described.join(', ')}]`;
  return new ResourceFailure(
    422,
    'Invalid',
    `${kind}${group === '' ? '' : '.'}${group} "${name}" is invalid: ${list}`,
    {
      ...(name !== '' && { name }),
      ...(group !== '' && { group }),
      ...(kind !== '' && { kind }),
      causes,
    },
  );
}

/** Of a request's parameters. */
export function invalidOption(
  options: 'CreateOptions' | 'UpdateOptions' | 'PatchOptions' | 'DeleteOptions' | 'ListOptions',
  cause: Cause,
): ResourceFailure {
  return invalid(options, 'meta.k8s.io', '', [cause]);
}

/** The changes since `version` are not all known any more: whoever watches has to list again. */
export function expired(message: string): ResourceFailure {
  return new ResourceFailure(410, 'Expired', message);
}

/** A version that this store has not reached: it was given by another, or before the file was set back. */
export function tooLargeVersion(version: number, current: number): ResourceFailure {
  return new ResourceFailure(
    504,
    'Timeout',
    `Timeout: Too large resource version: ${version}, current: ${current}`,
    {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version', field: '' }],
      retryAfterSeconds: 1,
    },
  );
}

function resourceOf({ plural, group }: Crd): string {
  return `${plural}.${group}`;
}

function details({ plural, group }: Crd, name: string): FailureDetails {
  return { name, group, kind: plural };
}
