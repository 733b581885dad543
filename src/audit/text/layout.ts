/** How the text of an audit is laid out: colors, and lines that fit the terminal. Pure. */

import type { Called } from '../../util/called.ts';
import { paint } from '../../util/paint.ts';

export type TextOptions = {
  color: boolean;
  /** Of a line; undefined: as many characters as are needed. */
  width: number | undefined;
  called: Called;
  /** Every row, with every column. */
  wide: boolean;
};

export type Format = Parameters<typeof paint>[0];

export const painter =
  ({ color }: TextOptions) =>
  (format: Format, text: string) =>
    color ? paint(format, text) : text;

/** Breaks a line between words, but not in a command at its end, which people copy. Colors take no room. */
export function wrap(text: string, { width }: TextOptions, indent = ''): string {
  if (width === undefined) return text;
  const lines: string[] = [];
  let line = '';
  const [, prose = text, command] = /^(.*:) ((?:kubectl|clockout|npm|npx|node) .*)$/s.exec(text) ?? [];
  for (const word of [...prose.split(/(?<=\S) /), ...(command === undefined ? [] : [command])]) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && visibleLength(longer) > width) {
      lines.push(line);
      line = indent + word;
    } else line = longer;
  }
  return [...lines, line].join('\n');
}

// --- internal ---

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the colors of paint.ts
const visibleLength = (text: string) => text.replace(/\u001b\[\d+m/g, '').length;
