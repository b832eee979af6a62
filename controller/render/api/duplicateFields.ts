/** Levels within each other that a document may have; Go's JSON reader stops at 10,000. */
const MAX_DEPTH = 1000;

/**
 * Paths of the fields that stand twice in one object of a JSON text that `JSON.parse` has accepted: it keeps the last and
 * says nothing. Throws RangeError for a text nested deeper than anything of ours needs.
 */
export function duplicateFields(json: string): string[] {
  const found = new Set<string>();
  const open: Level[] = [];
  const token = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g;
  for (let match = token.exec(json); match; match = token.exec(json)) {
    const text = match[0];
    const level = open.at(-1);
    if (text === '{' || text === '[') {
      if (open.length === MAX_DEPTH) throw new RangeError('exceeded max depth');
      const path = level ? pathInside(level) : '';
      open.push({
        path,
        names: text === '{' ? new Set() : undefined,
        name: '',
        index: 0,
        atName: text === '{',
      });
    } else if (text === '}' || text === ']') open.pop();
    else if (!level) continue;
    else if (text === ',') {
      level.index++;
      level.atName = level.names !== undefined;
    } else if (text === ':') level.atName = false;
    else if (level.atName && level.names) {
      level.name = String(JSON.parse(text));
      if (level.names.has(level.name)) found.add(pathInside(level));
      level.names.add(level.name);
    }
  }
  return [...found];
}

interface Level {
  readonly path: string;
  /** Undefined in a list. */
  readonly names: Set<string> | undefined;
  name: string;
  index: number;
  /** The next text is a name, not a value. */
  atName: boolean;
}

function pathInside({ path, names, name, index }: Level): string {
  if (!names) return `${path}[${index}]`;
  return path === '' ? name : `${path}.${name}`;
}
