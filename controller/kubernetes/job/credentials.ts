import type { LoomVideoSpec } from '../../../crds/generated/loomvideo.ts';
import type { JobSettings } from './settings.ts';

/** Where a video's stages find the services. */
export type Credentials =
  | { readonly kind: 'secret'; readonly name: string }
  /** No services: the database lies on a PersistentVolumeClaim. */
  | { readonly kind: 'embedded'; readonly claimName: string };

/** The video's own Secret, else the embedded store, else the Secret for all; undefined where nothing is set up. */
export function credentialsOf(
  { credentialsSecretRef }: LoomVideoSpec,
  { embedded, credentialsSecret }: JobSettings,
): Credentials | undefined {
  if (credentialsSecretRef) return { kind: 'secret', name: credentialsSecretRef.name };
  if (embedded) return { kind: 'embedded', claimName: embedded.claimName };
  return credentialsSecret === undefined ? undefined : { kind: 'secret', name: credentialsSecret };
}
