import { createHmac, randomBytes } from 'node:crypto';

/**
 * Signs media links as CloudFront does for Loom: `Policy`, `Signature` and `Key-Pair-Id` in the query. The policy
 * covers every path under a prefix, so that a playlist's query also opens its segments.
 */
export class Signer {
  readonly #key = randomBytes(32);
  readonly #keyPairId = 'APKAJQIC5BGSW7XXK7FQ';

  /** `url` with a query that opens everything under `prefix` (a path that `url` begins with). */
  sign(url: string, prefix: string): string {
    const policy = Buffer.from(JSON.stringify({ prefix })).toString('base64url');
    const query = new URLSearchParams({
      Policy: policy,
      Signature: this.#signature(policy),
      'Key-Pair-Id': this.#keyPairId,
    });
    return `${url}?${query.toString()}`;
  }

  /** Whether the query of a request opens its path. */
  opens(url: URL): boolean {
    const policy = url.searchParams.get('Policy');
    const signature = url.searchParams.get('Signature');
    if (!policy || signature !== this.#signature(policy)) return false;
    if (url.searchParams.get('Key-Pair-Id') !== this.#keyPairId) return false;
    const { prefix } = JSON.parse(Buffer.from(policy, 'base64url').toString()) as { prefix: string };
    return url.pathname.startsWith(prefix);
  }

  #signature(policy: string): string {
    return createHmac('sha256', this.#key).update(policy).digest('base64url');
  }
}
