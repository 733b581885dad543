/** Cuts and cleans untrusted text for a warning, a message or a line of the log. No other file does. */

/**
 * Characters that a terminal or a log viewer obeys instead of showing: control characters (C0, DEL, C1), separators of lines, and
 * characters that change the direction of the text after them.
 * @see https://www.unicode.org/reports/tr9/#Explicit_Directional_Embeddings
 */
const unprintable = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

/** Replaces each unprintable character by a space. */
export const printable = (text: string): string => text.replace(unprintable, ' ');

/** Lines without the commands of its older syntax, which GitHub's runner obeys wherever they stand in a line. */
export const printableLines = (text: string): string =>
  text.split('\n').map(printable).join('\n').replaceAll('##[', '## [');

/** @param most how many UTF-16 code units there are at most, with the "…" that stands for what was cut */
export function shortened(text: string, most: number): string {
  // Cut first: cleaning is to cost no more than what is shown.
  return text.length > most ? `${printable(text.slice(0, most - 1).toWellFormed())}…` : printable(text.toWellFormed());
}

/** @param most how many items there are at most, without the "and N more" that stands for the rest */
export const listed = (items: readonly string[], most: number): string[] =>
  items.length > most ? [...items.slice(0, most), `and ${items.length - most} more`] : [...items];

/** A value that somebody else wrote, for a sentence: in quotes, with escapes in place of unprintable characters, and at most 60 long. */
export function quote(text: string): string {
  const cut = text.length > 60 ? `${text.slice(0, 60).toWellFormed()}…` : text;
  return JSON.stringify(cut).replace(unprintable, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
