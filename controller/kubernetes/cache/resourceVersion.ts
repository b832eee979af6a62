/**
 * Whether the first version is older. Kubernetes lets versions of one resource be compared as whole numbers
 * (KEP-5504, "Comparable Resource Version"); one that is no number is not older than any.
 */
export function isOlder(a: string | undefined, b: string | undefined): boolean {
  if (a === undefined || b === undefined || !/^\d+$/.test(a) || !/^\d+$/.test(b)) return false;
  return a.length === b.length ? a < b : a.length < b.length;
}
