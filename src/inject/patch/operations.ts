/**
 * Builders of JSON patch operations. None returns an operation for a value that is there already, so a second call of Clockout
 * changes nothing.
 * @see https://www.rfc-editor.org/rfc/rfc6902
 */
import type { Operation } from 'fast-json-patch';
import { escapedKey } from '../../util/json-pointer.ts';

/** A JSON pointer; `~` and `/` in keys are escaped. @see https://www.rfc-editor.org/rfc/rfc6901 */
export const pointer = (...keys: readonly (string | number)[]): string =>
  keys.reduce<string>((path, key) => `${path}/${typeof key === 'number' ? key : escapedKey(key)}`, '');

/** Sets a key of an object, unless it has that value. */
export function set(path: string, before: unknown, value: unknown): Operation[] {
  if (before === undefined) return [{ op: 'add', path, value }];
  return equal(before, value) ? [] : [{ op: 'replace', path, value }];
}

/** Makes an object equal to a value, key by key. Keys that the value does not have are removed. */
export function restore(path: string, before: object, value: object): Operation[] {
  const values = new Map<string, unknown>(Object.entries(before));
  const wanted = Object.entries(value).flatMap(([key, each]) =>
    set(`${path}/${escapedKey(key)}`, values.get(key), each),
  );
  const surplus = [...values.keys()].filter((key) => values.get(key) != null && !Object.hasOwn(value, key));
  return [...wanted, ...surplus.map((key): Operation => ({ op: 'remove', path: `${path}/${escapedKey(key)}` }))];
}

/** Adds items at the end of a list, or makes the list. */
export function append(
  path: string,
  list: readonly unknown[] | null | undefined,
  items: readonly unknown[],
): Operation[] {
  if (items.length === 0) return [];
  if (list == null) return set(path, list, items);
  return items.map((value) => ({ op: 'add', path: `${path}/-`, value }));
}

/** Removes items of a list, from its end to its start, or the list if nothing would be left. */
export function removeItems<T>(
  path: string,
  list: readonly T[] | null | undefined,
  isOwn: (item: T, index: number) => boolean,
): Operation[] {
  const own = (list ?? []).flatMap((item, index) => (isOwn(item, index) ? [index] : []));
  if (own.length === 0) return [];
  if (own.length === list?.length) return [{ op: 'remove', path }];
  return own.reverse().map((index) => ({ op: 'remove', path: `${path}/${index}` }));
}

/** Structural equality of JSON values. */
export function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && equal(a[key as keyof typeof a], b[key as keyof typeof b]))
  );
}
