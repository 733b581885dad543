/** Reads one line of block YAML, without the lines around it, in time linear in its length. */
import { readFlow } from './yaml-flow.ts';

/** Scalars of a mapping by key, without quotes. Other values are there as a text that is not a number. */
export type Entries = Map<string, string>;

export type Line = {
  /** Whether it is an item of a list. */
  isItem: boolean;
  key?: string;
  value: string;
  /** After `|` and `>`: the lines of the text are indented deeper than this column. */
  scalarOf?: number;
};

/** The number of spaces at the start of a line. */
export const indentOf = (line: string): number => /^ */.exec(line)?.[0].length ?? 0;

/** @returns undefined if the line's meaning needs other lines, or a full parser */
export function readLine(line: string): Line | undefined {
  const dashes = /^ *(?:-(?: +|$))*/.exec(line)?.[0] ?? '';
  const column = dashes.length;
  const isItem = column > indentOf(line);
  const content = line.slice(column);
  const [all = '', double, single, plain] = keyForm.exec(content) ?? [];
  const key = double ?? single ?? plain?.trimEnd();
  const place = { isItem, ...(key !== undefined && { key }) };
  const rest = content.slice(all.length);
  if (/^(?:#|$)/.test(rest)) return { ...place, value: '' };
  if (/^[|>][-+\d]{0,2}[ \t]*(?:#|$)/.test(rest)) {
    const scalarOf = key === undefined ? dashes.lastIndexOf('-') : column;
    return scalarOf < 0 ? undefined : { ...place, value: '|', scalarOf };
  }
  const value = readValue(rest);
  return value === undefined ? undefined : { ...place, value };
}

// --- internal ---

/** Double-quoted keys with an escape do not match. A plain key includes its trailing space, so that there is one way to match. */
const keyForm = /^(?:"([^"\\]*)"[ \t]*|'([^']*)'[ \t]*|([^\s"'#:,[\]{}&*!|>%@`?-][^"'#:]*)):(?:[ \t]+|$)/;

function readValue(text: string): string | undefined {
  if (/^[{[]/.test(text)) return isEnd(readFlow(text)?.rest) ? '{' : undefined;
  const [quoted, double, single] = /^(?:"([^"\\]*(?:\\.[^"\\]*)*)"|'([^']*(?:''[^']*)*)')/.exec(text) ?? [];
  if (quoted !== undefined) return isEnd(text.slice(quoted.length)) ? (double ?? single) : undefined;
  if (/^["'&*!%@`,\]}]|^\?(?:[ \t]|$)/.test(text)) return undefined;
  const plain = text.slice(0, /[ \t]#/.exec(text)?.index).trimEnd();
  // A key in another form, or not YAML.
  return /:(?:[ \t]|$)/.test(plain) ? undefined : plain;
}

const isEnd = (rest: string | undefined) => rest !== undefined && /^(?:[ \t]+#|[ \t]*$)/.test(rest);
