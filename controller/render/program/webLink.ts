/** The link, where it is one of the web: what a shared store holds may have been written by anybody. */
export function webLink(text: string): string | undefined {
  const protocol = URL.parse(text)?.protocol;
  return protocol === 'https:' || protocol === 'http:' ? text : undefined;
}
