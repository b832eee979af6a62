import { isObject } from '../../../../common/json.ts';
import { brokenRule } from '../../../../jobrunner/contract/specRules.ts';
import type { Cause } from '../failure.ts';
import type { StructuralSchema } from './structuralSchema.ts';

/** The one rule on changes that the schema has; those on a single value are mirrored in jobrunner/contract. */
const IMMUTABLE = 'self == oldSelf';

/** The schema's CEL rules that the value breaks; `old` is what it replaces, where it replaces something. */
export function brokenRules(schema: StructuralSchema, value: unknown, old: unknown, field: string): Cause[] {
  const rules = schema['x-kubernetes-validations'];
  const causes: Cause[] = [];
  if (rules && typeof value === 'string') {
    const changed = old !== undefined && old !== value;
    const broken = (changed && rules.find(({ rule }) => rule === IMMUTABLE)) || brokenRule(rules, value);
    if (broken)
      causes.push({
        reason: 'FieldValueInvalid',
        message: `Invalid value: ${JSON.stringify(value)}: ${broken.message}`,
        field,
      });
  }
  if (isObject(value))
    for (const [name, child] of Object.entries(schema.properties ?? {}))
      causes.push(
        ...brokenRules(child, value[name], isObject(old) ? old[name] : undefined, `${field}.${name}`),
      );
  return causes;
}
