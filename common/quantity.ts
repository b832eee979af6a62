const UNIT: Record<string, number> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  Ki: 1024,
  Mi: 1024 ** 2,
  Gi: 1024 ** 3,
};

/** Bytes of a Kubernetes quantity such as `50Mi`, `1.5G` or `1048576`. Throws RangeError on anything else. */
export function parseQuantity(text: string): number {
  const match = /^(\d{1,12}(?:\.\d{1,3})?)(k|M|G|Ki|Mi|Gi)?$/.exec(text);
  const unit = UNIT[match?.[2] ?? ''];
  if (!match || unit === undefined)
    throw new RangeError(`not a quantity such as 50Mi: ${JSON.stringify(text)}`);
  return Math.round(Number(match[1]) * unit);
}

/** Seconds of a duration such as `90s`, `5m` or `1h30m`. Throws RangeError on anything else. */
export function parseDuration(text: string): number {
  const match = /^(?=.)(?:(\d{1,4})h)?(?:(\d{1,5})m)?(?:(\d{1,6})s)?$/.exec(text);
  if (!match) throw new RangeError(`not a duration such as 5m or 90s: ${JSON.stringify(text)}`);
  return Number(match[1] ?? 0) * 3600 + Number(match[2] ?? 0) * 60 + Number(match[3] ?? 0);
}
