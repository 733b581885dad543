/** JSON pointers and their keys. @see https://www.rfc-editor.org/rfc/rfc6901 */

/** Most keys have nothing to escape, and a look is cheaper than two replacements. */
export const escapedKey = (key: string): string =>
  /[~/]/.test(key) ? key.replaceAll('~', '~0').replaceAll('/', '~1') : key;

export const unescapedKey = (key: string): string =>
  key.includes('~') ? key.replaceAll('~1', '/').replaceAll('~0', '~') : key;

/** @returns the keys of a JSON pointer */
export const parsePointer = (text: string): string[] => text.split('/').slice(1).map(unescapedKey);
