import { isObject } from '../../../../common/json.ts';
import type { Cause, CauseReason } from '../failure.ts';
import type { StructuralSchema } from './structuralSchema.ts';

/** Where a value stands: the field's path, and how messages name it. */
export interface Place {
  readonly field: string;
  /** The apiserver judges a status by itself, so that its messages leave `status.` out. */
  readonly inBody: string;
}

/** Everything about the value that the schema's words forbid, in the apiserver's words; its rules come after. */
export function validate(schema: StructuralSchema, value: unknown, place: Place): Cause[] {
  const causes = [...wrongType(schema, value, place), ...notSupported(schema, value, place)];
  if (causes.length > 0) return causes;
  if (typeof value === 'string') return textFaults(schema, value, place);
  if (typeof value === 'number') return numberFaults(schema, value, place);
  if (Array.isArray(value)) return listFaults(schema, value, place);
  return isObject(value) ? objectFaults(schema, value, place) : [];
}

function wrongType({ type, format }: StructuralSchema, value: unknown, place: Place): Cause[] {
  const actual = typeOf(value);
  const wrong = (expected: string, shown: string): Cause =>
    cause(
      place,
      'FieldValueTypeInvalid',
      `Invalid value: "${shown}": ${place.inBody} in body must be of type ${expected}: "${shown}"`,
    );
  if (type === 'integer' && actual === 'number' && format)
    return [
      wrong(format, 'float64'),
      cause(
        { field: '<nil>', inBody: '' },
        'FieldValueInvalid',
        `Invalid value: "": Checked value must be of type integer with format ${format} in ${place.inBody}`,
      ),
    ];
  // The apiserver has no name for the type of true where it looks for a number of some format.
  if (type === 'integer' && actual === 'boolean' && format) return [wrong(format, '')];
  if (actual !== type && !(type === 'number' && actual === 'integer')) return [wrong(type, actual)];
  if (format === 'date-time' && !isDateTime(String(value))) return [wrong('date-time', String(value))];
  return [];
}

function notSupported(schema: StructuralSchema, value: unknown, place: Place): Cause[] {
  if (!schema.enum || schema.enum.includes(value)) return [];
  const supported = schema.enum.map((one) => JSON.stringify(one)).join(', ');
  return [
    cause(
      place,
      'FieldValueNotSupported',
      `Unsupported value: ${JSON.stringify(value)}: supported values: ${supported}`,
    ),
  ];
}

/** The first fault alone, as the apiserver does. */
function textFaults(schema: StructuralSchema, value: string, place: Place): Cause[] {
  // In characters, not in UTF-16 units, whatever the message says.
  const { length } = Array.from(value);
  if (schema.maxLength !== undefined && length > schema.maxLength)
    return [cause(place, 'FieldValueTooLong', `Too long: may not be more than ${schema.maxLength} bytes`)];
  if (schema.minLength !== undefined && length < schema.minLength)
    return [invalidValue(place, value, `should be at least ${schema.minLength} chars long`)];
  if (schema.pattern !== undefined && !new RegExp(schema.pattern, 'u').test(value))
    return [invalidValue(place, value, `should match '${schema.pattern}'`)];
  return [];
}

function numberFaults(schema: StructuralSchema, value: number, place: Place): Cause[] {
  if (schema.maximum !== undefined && value > schema.maximum)
    return [invalidValue(place, value, `should be less than or equal to ${schema.maximum}`)];
  if (schema.minimum !== undefined && value < schema.minimum)
    return [invalidValue(place, value, `should be greater than or equal to ${schema.minimum}`)];
  return [];
}

function listFaults(schema: StructuralSchema, list: readonly unknown[], place: Place): Cause[] {
  const { items, maxItems } = schema;
  const causes: Cause[] = [];
  if (maxItems !== undefined && list.length > maxItems)
    causes.push(
      cause(place, 'FieldValueTooMany', `Too many: ${list.length}: must have at most ${maxItems} items`),
    );
  if (items)
    causes.push(...list.flatMap((item, index) => validate(items, item, inside(place, `[${index}]`))));
  const keys = schema['x-kubernetes-list-map-keys'];
  return keys ? [...causes, ...duplicates(keys, list, place)] : causes;
}

function duplicates(keys: readonly string[], list: readonly unknown[], place: Place): Cause[] {
  const seen = new Set<string>();
  return list.flatMap((item, index) => {
    if (!isObject(item)) return [];
    const key = JSON.stringify(Object.fromEntries(keys.map((name) => [name, item[name]])));
    if (seen.has(key))
      return [cause(inside(place, `[${index}]`), 'FieldValueDuplicate', `Duplicate value: ${key}`)];
    seen.add(key);
    return [];
  });
}

function objectFaults(
  schema: StructuralSchema,
  value: Readonly<Record<string, unknown>>,
  place: Place,
): Cause[] {
  const missing = (schema.required ?? []).filter((name) => value[name] === undefined);
  return [
    ...missing.map((name) => cause(inside(place, `.${name}`), 'FieldValueRequired', 'Required value')),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, child]) =>
      value[name] === undefined ? [] : validate(child, value[name], inside(place, `.${name}`)),
    ),
  ];
}

function inside({ field, inBody }: Place, step: string): Place {
  const join = (path: string): string => (path === '' ? step.replace(/^\./, '') : `${path}${step}`);
  return { field: join(field), inBody: join(inBody) };
}

function cause({ field }: Place, reason: CauseReason, message: string): Cause {
  return { reason, message, field };
}

function invalidValue(place: Place, value: string | number, what: string): Cause {
  return cause(
    place,
    'FieldValueInvalid',
    `Invalid value: ${JSON.stringify(value)}: ${place.inBody} in body ${what}`,
  );
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
}

function isDateTime(text: string): boolean {
  return (
    /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/.test(text) &&
    !Number.isNaN(Date.parse(text))
  );
}
