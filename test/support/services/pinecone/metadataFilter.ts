type Metadata = Readonly<Record<string, unknown>>;
type Filter = Readonly<Record<string, unknown>>;

/** The operators of https://docs.pinecone.io/guides/index-data/indexing-overview#metadata-filter-expressions */
const OPERATORS: Record<string, (stored: unknown, operand: unknown) => boolean> = {
  $eq: (stored, operand) => holds(stored, operand),
  $ne: (stored, operand) => !holds(stored, operand),
  $gt: (stored, operand) => compare(stored, operand, (a, b) => a > b),
  $gte: (stored, operand) => compare(stored, operand, (a, b) => a >= b),
  $lt: (stored, operand) => compare(stored, operand, (a, b) => a < b),
  $lte: (stored, operand) => compare(stored, operand, (a, b) => a <= b),
  $in: (stored, operand) => Array.isArray(operand) && operand.some((one) => holds(stored, one)),
  $nin: (stored, operand) => Array.isArray(operand) && !operand.some((one) => holds(stored, one)),
  $exists: (stored, operand) => (stored !== undefined) === operand,
};

/** What each operator may be given. */
const OPERANDS: Record<string, (operand: unknown) => boolean> = {
  $eq: isScalar,
  $ne: isScalar,
  $gt: isNumber,
  $gte: isNumber,
  $lt: isNumber,
  $lte: isNumber,
  $in: isScalarList,
  $nin: isScalarList,
  $exists: (operand) => typeof operand === 'boolean',
};

/** What is wrong with a filter, or undefined. */
export function filterFault(filter: Filter): string | undefined {
  for (const [field, condition] of Object.entries(filter)) {
    if (field === '$and' || field === '$or') {
      if (!Array.isArray(condition) || condition.length === 0) return `${field} takes a list of filters`;
      for (const part of condition as Filter[]) {
        const fault = filterFault(part);
        if (fault !== undefined) return fault;
      }
    } else if (field.startsWith('$')) return `${field} is not a logical operator`;
    else if (typeof condition === 'object' && condition !== null && !Array.isArray(condition)) {
      const fault = Object.entries(condition).find(([operator, operand]) => !OPERANDS[operator]?.(operand));
      if (fault) return `${fault[0]} is not an operator for the value given to field '${field}'`;
    } else if (!isScalar(condition)) return `a filter's value must be a string, number or boolean`;
  }
  return undefined;
}

export function matches(metadata: Metadata, filter: Filter): boolean {
  return Object.entries(filter).every(([field, condition]) => {
    if (field === '$and') return (condition as Filter[]).every((part) => matches(metadata, part));
    if (field === '$or') return (condition as Filter[]).some((part) => matches(metadata, part));
    const stored = metadata[field];
    if (isScalar(condition)) return holds(stored, condition);
    return Object.entries(condition as Filter).every(([operator, operand]) =>
      OPERATORS[operator]?.(stored, operand),
    );
  });
}

/** A list of strings matches by any of its items. */
function holds(stored: unknown, operand: unknown): boolean {
  return Array.isArray(stored) ? stored.includes(operand) : stored === operand;
}

function compare(stored: unknown, operand: unknown, test: (a: number, b: number) => boolean): boolean {
  return typeof stored === 'number' && typeof operand === 'number' && test(stored, operand);
}

function isScalar(value: unknown): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}

function isScalarList(value: unknown): boolean {
  return Array.isArray(value) && value.every(isScalar);
}
