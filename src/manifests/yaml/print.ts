/** Values as YAML in block style. Pure. */
import { isObject } from '../../util/json-object.ts';
import { resolvePlain } from './resolve.ts';

/** How new text is laid out. `literals`: whether texts of several lines may be block scalars. */
export type BlockStyle = { indent: number; indentSeq: boolean; literals: boolean };

export const printYaml = (value: unknown, style: BlockStyle): string => `${printBlock(value, 0, style)}\n`;

/**
 * Strings that any reader might take for something else (`12:30`, `y`, `0o17`) are quoted, and characters that some readers
 * refuse, or take for line breaks, are escaped.
 * @returns lines that are indented to `column`; the last one without its line break
 */
export function printBlock(value: unknown, column: number, style: BlockStyle): string {
  const lines: string[] = [];
  addLines(lines, value, column, style);
  return lines.join('\n');
}

/** For text in which these characters stand in double quotes only. */
export const escapeUnusual = (text: string) =>
  text.replace(new RegExp(unusual, 'g'), (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);

// --- internal ---

const unusual = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/;

const isFilledList = (value: unknown): value is unknown[] => Array.isArray(value) && value.length > 0;

const isFilledMap = (value: unknown): value is Record<string, unknown> =>
  isObject(value) && Object.values(value).some((each) => each !== undefined);

function addLines(lines: string[], value: unknown, column: number, style: BlockStyle): void {
  if (isFilledList(value)) for (const item of value) addItem(lines, item, column, style);
  else if (isFilledMap(value)) {
    for (const [key, each] of Object.entries(value)) {
      if (each !== undefined) addEntry(lines, key, each, column, style);
    }
  } else addScalar(lines, ' '.repeat(column), value, column + style.indent, style);
}

/** The first line of a list or map in a list stands behind the dash. */
function addItem(lines: string[], item: unknown, column: number, style: BlockStyle): void {
  const dash = `${' '.repeat(column)}- `;
  if (!isFilledList(item) && !isFilledMap(item)) {
    addScalar(lines, dash, item, dash.length, style);
    return;
  }
  const first = lines.length;
  addLines(lines, item, dash.length, style);
  lines[first] = dash + (lines[first] ?? '').slice(dash.length);
}

function addEntry(lines: string[], key: string, value: unknown, column: number, style: BlockStyle): void {
  const pad = ' '.repeat(column);
  const name = printString(key);
  // A longer one is a key only behind a question mark: https://yaml.org/spec/1.1/#id934537
  const isLong = name.length > 1000;
  if (isLong) lines.push(`${pad}? ${name}`);
  const head = isLong ? `${pad}:` : `${pad}${name}:`;
  const isList = isFilledList(value);
  if (!isList && !isFilledMap(value)) {
    addScalar(lines, `${head} `, value, column + style.indent, style);
    return;
  }
  lines.push(head);
  addLines(lines, value, column + (isList && !style.indentSeq ? 0 : style.indent), style);
}

/** @param column of the lines of a block scalar */
function addScalar(lines: string[], before: string, value: unknown, column: number, style: BlockStyle): void {
  if (typeof value !== 'string' || !style.literals || !mayBeLiteral(value)) {
    lines.push(before + printFlat(value));
    return;
  }
  const isChomped = !value.endsWith('\n');
  const step = /^\n* /.test(value) ? column - (before.length - before.trimStart().length) : '';
  lines.push(`${before}|${step}${isChomped ? '-' : ''}`);
  lines.push(indentLines(isChomped ? value : value.slice(0, -1), ' '.repeat(column)));
}

/** Those that are not empty. */
function indentLines(text: string, pad: string): string {
  const first = text.startsWith('\n') ? '' : pad;
  // The expression takes longer, and few texts have empty lines.
  const hasEmpty = text.startsWith('\n') || text.endsWith('\n') || text.includes('\n\n');
  return first + (hasEmpty ? text.replace(/\n(?!\n|$)/g, `\n${pad}`) : text.replaceAll('\n', `\n${pad}`));
}

/** A scalar, or an empty list or map. */
function printFlat(value: unknown): string {
  if (typeof value === 'string') return printString(value);
  if (Array.isArray(value)) return '[]';
  return typeof value === 'object' && value !== null ? '{}' : String(value ?? null);
}

/** A block scalar loses white space at its end, or if it has nothing else; a tab at its start would be indentation. */
const mayBeLiteral = (text: string) =>
  text.includes('\n') && !/^\s*$|^[\n ]*\t|\n[\t ]*\n$|\n[\t ]+$/.test(text) && !hasOdd(text);

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const hasOdd = (text: string) => /[\0-\x08\x0b-\x1f]/.test(text) || unusual.test(text);

/** On one line. */
function printString(text: string): string {
  if (isPlain(text)) return text;
  const isSingle = text.includes('"') && !/['\n\t]/.test(text) && !hasOdd(text);
  return isSingle ? `'${text}'` : escapeUnusual(JSON.stringify(text));
}

const isPlain = (text: string) =>
  !hasOdd(text) &&
  !/[\n\t]/.test(text) &&
  !indicators.test(text) &&
  !isNumeric.test(text) &&
  resolvePlain(text).type === 'str';

/** What starts something else, ends a key or starts a comment, and white space that would be lost. */
const indicators = /^[ ,[\]{}#&*!|>'"%@`=]|^[-?:]( |$)|^(---|\.\.\.|<<)|: | #|[ :]$/;

/** Numbers of any version of YAML, dates, and times. */
const isNumeric = /^[-+]?\.?\d[\d_.,:+\-a-fox tz]*$/i;
