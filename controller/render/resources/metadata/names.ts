/** Kubernetes' syntax of names, labels and qualified names, with the apiserver's words for each fault. */

const SUBDOMAIN = '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*';
const NAME_PART = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const LABEL_VALUE = '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?';

const MAX_SUBDOMAIN = 253;
const MAX_LABEL = 63;

/** What is wrong with the name of an object or namespace; nothing: it is right. */
export function subdomainFaults(name: string, unit = 'bytes'): string[] {
  return faults(name, {
    max: MAX_SUBDOMAIN,
    unit,
    pattern: SUBDOMAIN,
    what: `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${SUBDOMAIN}')`,
  });
}

/** Of the key of a label or annotation, or of a finalizer: `[prefix/]name`. */
export function qualifiedNameFaults(key: string): string[] {
  const [first = '', second, ...more] = key.split('/');
  const shape = `(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '${NAME_PART}')`;
  if (more.length > 0)
    return [
      `a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character ${shape} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  const prefix = second === undefined ? undefined : first;
  const name = second ?? first;
  const ofPrefix =
    prefix === '' ? ['must be non-empty'] : prefix === undefined ? [] : subdomainFaults(prefix);
  const ofName =
    name === ''
      ? ['must be non-empty']
      : faults(name, {
          max: MAX_LABEL,
          unit: 'bytes',
          pattern: NAME_PART,
          what: `must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character ${shape}`,
        });
  return [...ofPrefix.map((fault) => `prefix part ${fault}`), ...ofName.map((fault) => `name part ${fault}`)];
}

export function labelValueFaults(value: string): string[] {
  return faults(value, {
    max: MAX_LABEL,
    unit: 'bytes',
    pattern: LABEL_VALUE,
    what: `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '${LABEL_VALUE}')`,
  });
}

function faults(
  text: string,
  { max, unit, pattern, what }: { max: number; unit: string; pattern: string; what: string },
): string[] {
  // What is too long is not held against the pattern: these backtrack.
  if (Buffer.byteLength(text) > max) return [`must be no more than ${max} ${unit}`];
  return new RegExp(`^${pattern}$`).test(text) ? [] : [what];
}

/** Whether a namespace can have this name: an RFC 1123 label. */
export function isNamespaceName(name: string): boolean {
  return name.length <= MAX_LABEL && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name);
}
