/** The setting `allowedAnnotations`. Pure. */
import { prefix } from '../names.ts';
import type { AllowedAnnotations } from './parse.ts';

/** @param text `all`, `none`, or names with commas between them. @returns names without the prefix; undefined if all are allowed */
export function readAllowed(text: string): AllowedAnnotations {
  if (text === 'all') return undefined;
  if (text === 'none') return new Set();
  return new Set(text.split(',').map((name) => name.trim().replace(prefix, '')));
}
