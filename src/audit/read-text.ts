/** Reads names and other texts of an object that is not checked. Pure. */
import { textAt } from '../util/find-value.ts';

/** @returns undefined for anything but a text that is not empty */
export const readText = (object: unknown, ...keys: readonly string[]): string | undefined =>
  textAt(object, ...keys) || undefined;
