/** Scalars in quotes. @see https://github.com/yaml/go-yaml/blob/v2.4.4/scannerc.go */
import { foldBreaks } from './scan-plain.ts';
import {
  codeAt,
  describeAt,
  fail,
  isBlank,
  isBlankOrEnd,
  isBreak,
  isDocumentMark,
  type Scanner,
  type Token,
  takeBreak,
} from './scanner.ts';

const [singleQuote, backslash] = [39, 92];

export function scanQuoted(scanner: Scanner): Token {
  const start = scanner.pos;
  const quote = codeAt(scanner, start);
  scanner.pos++;
  const parts: string[] = [];
  while (scanner.failure === undefined) {
    if (isDocumentMark(scanner)) failOpen(scanner, start, `a line with ${describeMark(scanner)}`);
    else if (codeAt(scanner, scanner.pos) === 0) failOpen(scanner, start, 'the end of the document');
    else {
      const isEscapedBreak = scanWord(scanner, quote, parts);
      if (codeAt(scanner, scanner.pos) === quote) break;
      parts.push(scanGap(scanner, isEscapedBreak));
    }
  }
  scanner.pos++;
  const style = quote === singleQuote ? 'single' : 'double';
  return { kind: 'scalar', start, end: scanner.pos, text: parts.join(''), style };
}

// --- internal ---

const describeMark = ({ text, pos }: Scanner) => text.slice(pos, pos + 3);

const failOpen = (scanner: Scanner, start: number, found: string) =>
  fail(
    scanner,
    start,
    `expected a closing quote for the one here, found ${found}; add it, or write another quote twice`,
  );

/** Up to the closing quote, a blank or a break. @returns whether it ends with an escaped line break */
function scanWord(scanner: Scanner, quote: number, parts: string[]): boolean {
  let from = scanner.pos;
  while (!isBlankOrEnd(codeAt(scanner, scanner.pos)) && !isClosing(scanner, quote)) {
    if (codeAt(scanner, scanner.pos) !== (quote === singleQuote ? singleQuote : backslash)) {
      scanner.pos++;
      continue;
    }
    parts.push(scanner.text.slice(from, scanner.pos));
    const escaped = quote === singleQuote ? takeDoubledQuote(scanner) : takeEscape(scanner);
    if (escaped === undefined) return true;
    parts.push(escaped);
    from = scanner.pos;
    if (scanner.failure) break;
  }
  parts.push(scanner.text.slice(from, scanner.pos));
  return false;
}

/** Two single quotes stand for one. */
const isClosing = (scanner: Scanner, quote: number) =>
  codeAt(scanner, scanner.pos) === quote &&
  !(quote === singleQuote && codeAt(scanner, scanner.pos + 1) === singleQuote);

function takeDoubledQuote(scanner: Scanner): string {
  scanner.pos += 2;
  return "'";
}

/** @returns undefined for a line break */
function takeEscape(scanner: Scanner): string | undefined {
  scanner.pos++;
  if (!isBreak(codeAt(scanner, scanner.pos))) return scanEscape(scanner);
  takeBreak(scanner);
  return undefined;
}

/** Line breaks between two words fold as in plain scalars. An escaped one leaves nothing, nor does what indents the next line. */
function scanGap(scanner: Scanner, isEscapedBreak: boolean): string {
  const start = scanner.pos;
  let [first, rest] = ['', ''];
  let hasBreak = isEscapedBreak;
  let isFirst = !isEscapedBreak;
  for (let code = codeAt(scanner, scanner.pos); isBlank(code) || isBreak(code); code = codeAt(scanner, scanner.pos)) {
    if (isBlank(code)) scanner.pos++;
    else if (isFirst) {
      first = takeBreak(scanner);
      [isFirst, hasBreak] = [false, true];
    } else rest += takeBreak(scanner);
  }
  if (!hasBreak) return scanner.text.slice(start, scanner.pos);
  return first === '' ? rest : foldBreaks(first, rest);
}

const escapes: Record<string, string> = {
  0: '\0',
  a: '\x07',
  b: '\b',
  t: '\t',
  '\t': '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\x1b',
  ' ': ' ',
  '"': '"',
  "'": "'",
  '\\': '\\',
  N: '\x85',
  _: '\xa0',
  L: '\u2028',
  P: '\u2029',
};

const digitsOf: Record<string, number> = { x: 2, u: 4, U: 8 };

/** What follows a backslash. */
function scanEscape(scanner: Scanner): string {
  const { pos } = scanner;
  const char = String.fromCharCode(codeAt(scanner, pos));
  scanner.pos++;
  if (Object.hasOwn(escapes, char)) return escapes[char] ?? '';
  const digits = Object.hasOwn(digitsOf, char) ? digitsOf[char] : undefined;
  if (digits === undefined) {
    const advice = 'write two backslashes for one, or use single quotes';
    fail(scanner, pos - 1, `expected an escape such as \\n or \\" here, found ${describeAt(scanner, pos)}; ${advice}`);
    return '';
  }
  const hex = scanner.text.slice(scanner.pos, Math.min(scanner.pos + digits, scanner.end));
  const point = hex.length === digits && /^[0-9a-fA-F]+$/.test(hex) ? Number.parseInt(hex, 16) : Number.NaN;
  const isCharacter = point <= 0x10ffff && !(point >= 0xd800 && point <= 0xdfff);
  if (!isCharacter) {
    const advice = 'write the character itself, or \\U and its eight digits';
    fail(scanner, pos - 1, `expected a character in ${digits} hexadecimal digits, found \\${char}${hex}; ${advice}`);
    return '';
  }
  scanner.pos += digits;
  return String.fromCodePoint(point);
}
