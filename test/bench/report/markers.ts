/** `<!-- bench:ID -->`, what is generated, `<!-- /bench:ID -->`, each marker on a line of its own. */
const BLOCK = /^<!-- bench:(\S+) -->\n[^]*?^<!-- \/bench:\1 -->$/gm;
const BEGINNING = /<!-- bench:(\S+) -->/g;

/** Whether anything in the document is generated. */
export function hasMarkers(document: string): boolean {
  return document.search(BEGINNING) >= 0;
}

/**
 * The document with each block between markers replaced by the one of its id. Throws for an id that has no block and for a
 * beginning that has no end.
 */
export function fillMarkers(document: string, blocks: ReadonlyMap<string, string>): string {
  const ended = new Set([...document.matchAll(BLOCK)].map(([, id]) => id));
  for (const [, id = ''] of document.matchAll(BEGINNING)) {
    if (!blocks.has(id)) throw new Error(`<!-- bench:${id} -->: there is no such table`);
    if (!ended.has(id)) throw new Error(`<!-- bench:${id} --> has no <!-- /bench:${id} -->`);
  }
  return document.replaceAll(
    BLOCK,
    (_, id: string) => `<!-- bench:${id} -->\n${blocks.get(id)?.trim()}\n<!-- /bench:${id} -->`,
  );
}
