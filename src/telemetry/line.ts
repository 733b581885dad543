/** Keeps each line of the log short and printable, whatever a pod, a registry or an error has put into it. */
import { printable, shortened } from '../util/text.ts';

/** In bytes, with the newline. Container runtimes split what is longer than 16 KiB. */
export const longestLine = 8192;

/** @param line one line of JSON and its newline, as pino writes it: C0 is escaped there already */
export function boundedLine(line: string): string {
  const whole = `${printable(line.trimEnd())}\n`;
  if (Buffer.byteLength(whole) <= longestLine) return whole;
  const value: unknown = JSON.parse(whole);
  for (const most of [800, 200, 50]) {
    const cut = `${JSON.stringify(shorter(value, most, 4))}\n`;
    if (Buffer.byteLength(cut) <= longestLine) return cut;
  }
  return `${JSON.stringify(shorter(value, 50, 1))}\n`;
}

// --- internal ---

/** More than any line of ours has: fields, or items of a list. */
const mostItems = 25;

function shorter(value: unknown, most: number, depth: number): unknown {
  if (typeof value === 'string') return shortened(value, most);
  if (typeof value !== 'object' || value === null) return value;
  if (depth === 0) return '…';
  if (Array.isArray(value)) {
    const rest = value.length - mostItems;
    const items = value.slice(0, mostItems).map((item) => shorter(item, most, depth - 1));
    return rest > 0 ? [...items, `and ${rest} more`] : items;
  }
  const entries = Object.entries(value).slice(0, mostItems);
  return Object.fromEntries(entries.map(([key, item]) => [shortened(key, most), shorter(item, most, depth - 1)]));
}
