const UNIT: Record<string, bigint> = {
  '': 1n,
  k: 1000n,
  M: 1000n ** 2n,
  G: 1000n ** 3n,
  Ki: 1024n,
  Mi: 1024n ** 2n,
  Gi: 1024n ** 3n,
};

/**
 * Bytes of a Kubernetes quantity such as `50Mi`, `1.5G` or `1048576`; a part of a byte is a whole one, as for Kubernetes
 * (resource.Quantity, Value). Throws RangeError on anything else.
 */
export function parseQuantity(text: string): number {
  return Number((parseThousandths(text) + 999n) / 1000n);
}

/** As {@link parseQuantity}, but exactly, in thousandths of a byte: quantities are compared so. */
export function parseThousandths(text: string): bigint {
  const [, whole, fraction = '', suffix = ''] =
    /^(\d{1,12})(?:\.(\d{1,3}))?(k|M|G|Ki|Mi|Gi)?$/.exec(text) ?? [];
  const unit = UNIT[suffix];
  if (whole === undefined || unit === undefined)
    throw new RangeError(`not a quantity such as 50Mi: ${JSON.stringify(text)}`);
  return BigInt(whole + fraction.padEnd(3, '0')) * unit;
}

/** Seconds of a duration such as `90s`, `5m` or `1h30m`. Throws RangeError on anything else. */
export function parseDuration(text: string): number {
  const match = /^(?=.)(?:(\d{1,4})h)?(?:(\d{1,5})m)?(?:(\d{1,6})s)?$/.exec(text);
  if (!match) throw new RangeError(`not a duration such as 5m or 90s: ${JSON.stringify(text)}`);
  return Number(match[1] ?? 0) * 3600 + Number(match[2] ?? 0) * 60 + Number(match[3] ?? 0);
}
