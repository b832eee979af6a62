/**
 * The link that opens a video at a moment; `seconds` from its beginning, rounded down. Loom takes `?t=`; a file or any
 * other media link gets a media fragment (`#t=`, W3C Media Fragments), since a further parameter would break a signed
 * link. All else in the link stays as it is. What is not a link is returned unchanged.
 */
export function timestampLink(url: string, seconds: number): string {
  const parsed = URL.parse(url);
  if (!parsed) return url;
  const moment = Math.max(0, Math.floor(seconds));
  if (!/(^|\.)loom\.com$/.test(parsed.hostname)) {
    parsed.hash = `t=${moment}`;
    return parsed.href;
  }
  // By hand rather than through searchParams, which would write the other parameters anew.
  const others = parsed.search
    .slice(1)
    .split('&')
    .filter((parameter) => parameter !== '' && !/^t(=|$)/.test(parameter));
  // With its `?`, or one that a parameter begins with would be taken for it.
  parsed.search = `?${[...others, `t=${moment}`].join('&')}`;
  return parsed.href;
}
