/** Takes values out of JSON that others write, such as objects of the API server, without trusting its form. Pure. */
/** Follows keys down into objects and lists. @returns undefined if there is nothing */
export const findValue = (value: unknown, ...keys: readonly string[]): unknown =>
  keys.reduce((at: unknown, key) => (isNode(at) && Object.hasOwn(at, key) ? at[key] : undefined), value);

export function textAt(value: unknown, ...keys: readonly string[]): string | undefined {
  const found = findValue(value, ...keys);
  return typeof found === 'string' ? found : undefined;
}

export function numberAt(value: unknown, ...keys: readonly string[]): number | undefined {
  const found = findValue(value, ...keys);
  return typeof found === 'number' ? found : undefined;
}

export function listAt(value: unknown, ...keys: readonly string[]): unknown[] {
  const found = findValue(value, ...keys);
  return Array.isArray(found) ? found : [];
}

export const textsAt = (value: unknown, ...keys: readonly string[]): string[] =>
  listAt(value, ...keys).filter((each) => typeof each === 'string');

// --- internal ---

const isNode = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
