/** The names by which users and the core speak to each other on a LoomVideo. */

/** Ours: while it stands, what was stored is still to be purged. */
export const FINALIZER = 'qudemo.dev/purge';

/** Anything new in it starts a Failed video afresh. */
export const RETRY_ANNOTATION = 'qudemo.dev/retry';

/** Its presence, with any value, gives up the purge of a deleted video: what was stored stays. */
export const FORCE_DELETE_ANNOTATION = 'qudemo.dev/force-delete';

/** A LoomVideo that carries this label is admitted by Kueue, not by our caps. */
export const QUEUE_LABEL = 'kueue.x-k8s.io/queue-name';
