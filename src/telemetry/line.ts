/** Keeps each line of the log short and printable, whatever a pod, a registry or an error has put into it. */
import { pruned } from '../util/pruned.ts';
import { printable } from '../util/text.ts';

/** In bytes, with the newline. Container runtimes split what is longer than 16 KiB. */
export const longestLine = 8192;

/** @param line one line of JSON and its newline, as pino writes it: C0 is escaped there already */
export function boundLine(line: string): string {
  const whole = `${printable(line.trimEnd())}\n`;
  if (Buffer.byteLength(whole) <= longestLine) return whole;
  const value: unknown = JSON.parse(whole);
  for (const characters of [800, 200, 50]) {
    const cut = `${JSON.stringify(pruned(value, { characters, items: 25, depth: 4 }))}\n`;
    if (Buffer.byteLength(cut) <= longestLine) return cut;
  }
  return `${JSON.stringify(pruned(value, { characters: 50, items: 25, depth: 1 }))}\n`;
}
