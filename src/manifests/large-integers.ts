/** JavaScript's numbers hold integers of 53 bits, and Kubernetes' of 64: a pod is admitted with other numbers in place of those. Pure. */

/** A value without large integers, and the way back for what is copied out of it. */
export type Rounded = { value: unknown; restore: (part: unknown) => unknown };

/** Each large integer becomes the nearest number that stands for nothing else in the value. */
export function roundIntegers(value: unknown): Rounded {
  const large = new Set(listLarge(value));
  const integers = [...large].filter((each) => typeof each === 'bigint');
  if (integers.length === 0) return { value, restore: (part) => part };
  const numberOf = new Map<unknown, number>();
  let spare = aboveAll;
  for (const integer of integers) {
    let number = Number(integer);
    for (; large.has(number); number = spare) spare += aboveAllStep;
    large.add(number);
    numberOf.set(integer, number);
  }
  const integerOf = new Map<unknown, bigint>(integers.map((integer) => [numberOf.get(integer), integer]));
  return { value: replaceAll(value, numberOf), restore: (part) => replaceAll(part, integerOf) };
}

// --- internal ---

/** No integer of 64 bits is rounded to a number from here on. The step leads to the next number. */
const [aboveAll, aboveAllStep] = [2 ** 65, 2 ** 13];

function listLarge(value: unknown): unknown[] {
  if (typeof value === 'bigint' || (typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER))
    return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(listLarge) : [];
}

function replaceAll(value: unknown, replacements: ReadonlyMap<unknown, unknown>): unknown {
  if (typeof value !== 'object' || value === null) return replacements.get(value) ?? value;
  if (Array.isArray(value)) return value.map((each) => replaceAll(each, replacements));
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, replaceAll(each, replacements)]));
}
