/** A word that is meant as a link although it has no scheme, as browsers show it. */
const WITHOUT_SCHEME = /^(?:www\.)?loom\.com\//i;

/**
 * The links in pasted text, each once, in order. A line with web addresses gives these, whatever stands around them (a
 * title, Markdown, HTML); a line without is given as it is, for the server to say what is wrong with it.
 *
 * @param {string} text
 */
export function linksIn(text) {
  const found = text.split('\n').flatMap((line) => {
    const addresses = line.match(/https?:\/\/[^\s<>"'()[\],;]+/gi);
    if (addresses) return addresses.map((address) => address.replace(/[.!?:]+$/, ''));
    const bare = line.split(/[\s,;]+/).filter((word) => WITHOUT_SCHEME.test(word));
    if (bare.length > 0) return bare.map((word) => `https://${word}`);
    return line.trim() === '' ? [] : [line.trim()];
  });
  return [...new Set(found)];
}

/**
 * The address where it may stand in a link, else undefined: web addresses may, scripts may not.
 *
 * @param {string | undefined} url
 */
export function webAddress(url) {
  const parsed = url === undefined ? null : URL.parse(url);
  return parsed && ['https:', 'http:'].includes(parsed.protocol) ? parsed.href : undefined;
}

/**
 * A link as a name for what has none yet: `loom.com/share/0123abcd…`.
 *
 * @param {string} url
 */
export function shortLink(url) {
  const parsed = URL.parse(url);
  if (!parsed) return url;
  return `${parsed.host.replace(/^www\./, '')}${parsed.pathname.replace(/([0-9a-f]{8})[0-9a-f]{24}/, '$1…')}`;
}
