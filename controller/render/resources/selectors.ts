import { badRequest } from './failures.ts';

export type Labels = Readonly<Record<string, string>>;

/** Whether labels are of those that were asked for. */
export type LabelSelector = (labels: Labels) => boolean;

/**
 * Reads `app=loom,tier!=test,env in (a,b),stage notin (x),present,!absent`, numbers compared by `<` and `>`. Throws the
 * API's refusal for anything else. Undefined for an empty text: all are meant.
 */
export function parseLabelSelector(text: string): LabelSelector | undefined {
  const tokens = text.match(/[A-Za-z0-9._/-]+|==|!=|[=!<>(),]|\S/g) ?? [];
  if (tokens.length === 0) return undefined;
  const reader = new TokenReader(tokens);
  const requirements = [readRequirement(reader)];
  while (reader.peek() !== undefined) {
    if (reader.peek() !== ',') throw badRequest(`found '${reader.peek()}', expected: ',' or 'end of string'`);
    reader.next();
    requirements.push(readRequirement(reader));
  }
  return (labels) => requirements.every((holds) => holds(labels));
}

class TokenReader {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  peek(): string | undefined {
    return this.#tokens[this.#at];
  }

  next(): string | undefined {
    return this.#tokens[this.#at++];
  }

  word(): string {
    const token = this.next();
    if (token === undefined || !isWord(token)) throw unexpected(token, ', expected: identifier');
    return token;
  }
}

function readRequirement(reader: TokenReader): LabelSelector {
  if (reader.peek() === '!') {
    reader.next();
    const absent = reader.word();
    return (labels) => !Object.hasOwn(labels, absent);
  }
  const key = reader.word();
  const operator = reader.peek();
  if (operator === undefined || operator === ',') return (labels) => Object.hasOwn(labels, key);
  reader.next();
  switch (operator) {
    case '=':
    case '==': {
      const value = readValue(reader);
      return (labels) => labels[key] === value;
    }
    case '!=': {
      const value = readValue(reader);
      return (labels) => labels[key] !== value;
    }
    case 'in':
    case 'notin': {
      const values = readValues(reader);
      return (labels) => {
        const value = labels[key];
        return (value !== undefined && values.has(value)) === (operator === 'in');
      };
    }
    case '<':
    case '>': {
      const bound = Number(reader.word());
      if (!Number.isInteger(bound)) throw unexpected(operator, ', for an integer only');
      return (labels) => {
        const value = Number(labels[key] ?? Number.NaN);
        return operator === '<' ? value < bound : value > bound;
      };
    }
    default:
      throw unexpected(operator, ', expected: in, notin, =, ==, !=, gt, lt');
  }
}

/** A value may be empty: `app=`. */
function readValue(reader: TokenReader): string {
  const token = reader.peek();
  return token === undefined || token === ',' ? '' : reader.word();
}

function readValues(reader: TokenReader): ReadonlySet<string> {
  const open = reader.next();
  if (open !== '(') throw unexpected(open, " expected: '('");
  const values = new Set<string>();
  for (;;) {
    const next = reader.peek();
    values.add(next === ',' || next === ')' ? '' : reader.word());
    const end = reader.next();
    if (end === ')') return values;
    if (end !== ',') throw unexpected(end, ", expected: ',' or ')'");
  }
}

function isWord(token: string): boolean {
  return /^[A-Za-z0-9._/-]+$/.test(token);
}

function unexpected(token: string | undefined, what: string): Error {
  return badRequest(`unable to parse requirement: found '${token ?? ''}'${what}`);
}

export interface FieldSelector {
  readonly namespace?: string;
  readonly name?: string;
}

/** Reads `metadata.name=x,metadata.namespace=y`, all that a custom resource offers. Throws the API's refusal. */
export function parseFieldSelector(text: string): FieldSelector {
  const selected: { namespace?: string; name?: string } = {};
  for (const part of text.split(',').filter((one) => one !== '')) {
    const [, field = '', operator, value = ''] = /^([^=!]*)(==?|!=)(.*)$/.exec(part) ?? [];
    if (operator === undefined) throw badRequest(`invalid selector: '${part}'; can't understand '${part}'`);
    if (field !== 'metadata.name' && field !== 'metadata.namespace')
      throw badRequest(`field label not supported: ${field}`);
    if (operator === '!=') throw badRequest(`field selector not supported: ${part}: only = is`);
    selected[field === 'metadata.name' ? 'name' : 'namespace'] = value;
  }
  return selected;
}
