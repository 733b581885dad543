/**
 * Builders of JSON patch operations that only add, or replace what is ours to replace.
 * Nothing here yields an operation for what is already there: a second call has nothing to do.
 * @see https://www.rfc-editor.org/rfc/rfc6902
 */
import type { Operation } from 'fast-json-patch';
import { escapedKey } from '../../util/json-pointer.ts';

/** A JSON pointer; `~` and `/` in keys are escaped. @see https://www.rfc-editor.org/rfc/rfc6901 */
export const pointer = (...keys: (string | number)[]) => `/${keys.map((key) => escapedKey(`${key}`)).join('/')}`;

/** Sets one key of an object, unless it has that value. */
export function set(path: string, before: unknown, value: unknown): Operation[] {
  if (before === undefined) return [{ op: 'add', path, value }];
  return equal(before, value) ? [] : [{ op: 'replace', path, value }];
}

/** Makes an object what it should be, key by key: what it should not have is removed. */
export function restore(path: string, before: object, value: object): Operation[] {
  const values = new Map<string, unknown>(Object.entries(before));
  const wanted = Object.entries(value).flatMap(([key, each]) =>
    set(`${path}/${escapedKey(key)}`, values.get(key), each),
  );
  const surplus = [...values.keys()].filter((key) => values.get(key) != null && !Object.hasOwn(value, key));
  return [...wanted, ...surplus.map((key): Operation => ({ op: 'remove', path: `${path}/${escapedKey(key)}` }))];
}

/** Adds items at the end of a list, which may be missing. */
export function append(
  path: string,
  list: readonly unknown[] | null | undefined,
  items: readonly unknown[],
): Operation[] {
  if (items.length === 0) return [];
  if (list == null) return set(path, list, items);
  return items.map((value) => ({ op: 'add', path: `${path}/-`, value }));
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
