/** Reads labels and annotations of an object that is not checked. Pure. */
import { findValue, textAt } from '../util/find-value.ts';
import { isObject } from '../util/json-object.ts';

/** @returns only those that are texts, as the API server takes no others */
export function readTexts(object: unknown, ...keys: readonly string[]): Record<string, string> {
  const found = findValue(object, ...keys);
  if (!isObject(found)) return {};
  return Object.fromEntries(
    Object.entries(found).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

/** @returns undefined for anything but a text that is not empty */
export function readText(object: unknown, ...keys: readonly string[]): string | undefined {
  return textAt(object, ...keys) || undefined;
}
