/** One line of block YAML, as far as its meaning shows without the lines around it. Time is linear in its length. */
import { readFlow } from './yaml-flow.ts';

/** Scalars of a mapping by key, without quotes; what is no scalar is there as some text that is no number. */
export type Entries = Map<string, string>;

export type Line = {
  /** Of a list. */
  isItem: boolean;
  key?: string;
  value: string;
  /** For `|` and `>`: the column that the lines of their text are indented deeper than. */
  scalarOf?: number;
};

/** How many spaces a line begins with. */
export const indentOf = (line: string): number => /^ */.exec(line)?.[0].length ?? 0;

/** @returns undefined for what only the lines around it, or a whole parser, could tell */
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

/** A double-quoted key with an escape is left to a whole parser. A plain key has its trailing space with it: one way to match. */
const keyForm = /^(?:"([^"\\]*)"[ \t]*|'([^']*)'[ \t]*|([^\s"'#:,[\]{}&*!|>%@`?-][^"'#:]*)):(?:[ \t]+|$)/;

function readValue(text: string): string | undefined {
  if (/^[{[]/.test(text)) return isEnd(readFlow(text)?.rest) ? '{' : undefined;
  const [quoted, double, single] = /^(?:"([^"\\]*(?:\\.[^"\\]*)*)"|'([^']*(?:''[^']*)*)')/.exec(text) ?? [];
  if (quoted !== undefined) return isEnd(text.slice(quoted.length)) ? (double ?? single) : undefined;
  if (/^["'&*!%@`,\]}]|^\?(?:[ \t]|$)/.test(text)) return undefined;
  const plain = text.slice(0, /[ \t]#/.exec(text)?.index).trimEnd();
  // A key in a form that was not known as one, or no YAML.
  return /:(?:[ \t]|$)/.test(plain) ? undefined : plain;
}

const isEnd = (rest: string | undefined) => rest !== undefined && /^(?:[ \t]+#|[ \t]*$)/.test(rest);
