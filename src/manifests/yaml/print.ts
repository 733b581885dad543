/** Values as YAML in block style. Pure. */
import { isObject } from '../../util/json-object.ts';
import { resolvePlain } from './resolve.ts';

/** How new text is laid out. `literals`: whether texts of several lines may be block scalars. */
export type BlockStyle = { indent: number; indentSeq: boolean; literals: boolean };

export const printYaml = (value: unknown, style: BlockStyle): string => `${printLines(value, 0, style).join('\n')}\n`;

/**
 * Strings that any reader might take for something else (`12:30`, `y`, `0o17`) are quoted, and characters that some readers
 * refuse, or take for line breaks, are escaped.
 * @returns lines that are indented to `column`, without line breaks
 */
export function printLines(value: unknown, column: number, style: BlockStyle): string[] {
  const pad = ' '.repeat(column);
  if (isFilledList(value)) return value.flatMap((item) => printItem(item, column, style));
  if (isFilledMap(value)) {
    const entries = Object.entries(value).filter(([, each]) => each !== undefined);
    return entries.flatMap(([key, each]) => printEntry(key, each, column, style));
  }
  const [first = '', ...others] = printScalar(value, column, style.indent, style);
  return [pad + first, ...others];
}

/** For text in which these characters stand in double quotes only. */
export const escapeUnusual = (text: string) =>
  text.replace(new RegExp(unusual, 'g'), (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);

// --- internal ---

const unusual = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/;

const isFilledList = (value: unknown): value is unknown[] => Array.isArray(value) && value.length > 0;

const isFilledMap = (value: unknown): value is Record<string, unknown> =>
  isObject(value) && Object.values(value).some((each) => each !== undefined);

/** The first line of a list or map in a list stands behind the dash. */
function printItem(item: unknown, column: number, style: BlockStyle): string[] {
  const dash = `${' '.repeat(column)}- `;
  const isFilled = isFilledList(item) || isFilledMap(item);
  const [first = '', ...others] = isFilled
    ? printLines(item, dash.length, style)
    : printScalar(item, column, dash.length - column, style);
  return [dash + (isFilled ? first.slice(dash.length) : first), ...others];
}

function printEntry(key: string, value: unknown, column: number, style: BlockStyle): string[] {
  const pad = ' '.repeat(column);
  const name = printString(key);
  // A longer one is a key only behind a question mark: https://yaml.org/spec/1.1/#id934537
  const [head, ...before] = name.length > 1000 ? [`${pad}:`, `${pad}? ${name}`] : [`${pad}${name}:`];
  if (isFilledList(value)) {
    return [...before, head, ...printLines(value, column + (style.indentSeq ? style.indent : 0), style)];
  }
  if (isFilledMap(value)) return [...before, head, ...printLines(value, column + style.indent, style)];
  const [first, ...others] = printScalar(value, column, style.indent, style);
  return [...before, `${head} ${first}`, ...others];
}

/** @param step how much further than `column` the lines of a block scalar are indented */
function printScalar(value: unknown, column: number, step: number, { literals }: BlockStyle): string[] {
  if (Array.isArray(value)) return ['[]'];
  if (typeof value === 'object' && value !== null) return ['{}'];
  if (typeof value !== 'string') return [String(value ?? null)];
  if (!literals || !mayBeLiteral(value)) return [printString(value)];
  const isChomped = !value.endsWith('\n');
  const pad = ' '.repeat(column + step);
  const lines = (isChomped ? value : value.slice(0, -1)).split('\n').map((line) => (line === '' ? '' : pad + line));
  return [`|${/^\n* /.test(value) ? step : ''}${isChomped ? '-' : ''}`, ...lines];
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
