/** Scalars without quotes. @see https://github.com/yaml/go-yaml/blob/v2.4.4/scannerc.go */
import {
  codeAt,
  columnOf,
  fail,
  isBlank,
  isBlankOrEnd,
  isBreak,
  isDocumentMark,
  type Scanner,
  type Token,
  takeBreak,
} from './scanner.ts';

export function scanPlain(scanner: Scanner): Token {
  const start = scanner.pos;
  const indent = scanner.indent + 1;
  let [text, end, between, hasBreak] = ['', start, '', false];
  while (!isDocumentMark(scanner) && codeAt(scanner, scanner.pos) !== 35) {
    const wordEnd = findWordEnd(scanner);
    if (wordEnd > scanner.pos) {
      text += between + scanner.text.slice(scanner.pos, wordEnd);
      scanner.pos = wordEnd;
      end = wordEnd;
      hasBreak = false;
    }
    const code = codeAt(scanner, scanner.pos);
    if (!isBlank(code) && !isBreak(code)) break;
    const gap = scanGap(scanner, indent);
    between = gap.text;
    hasBreak = gap.hasBreak;
    if (scanner.flowLevel === 0 && columnOf(scanner) < indent) break;
  }
  if (hasBreak) scanner.isSimpleKeyAllowed = true;
  return { kind: 'scalar', start, end, text, style: 'plain' };
}

// --- internal ---

function findWordEnd(scanner: Scanner): number {
  const isFlow = scanner.flowLevel > 0;
  let at = scanner.pos;
  for (let code = codeAt(scanner, at); !isBlankOrEnd(code); code = codeAt(scanner, ++at)) {
    if (code === 58 && isBlankOrEnd(codeAt(scanner, at + 1))) break;
    if (isFlow && isFlowIndicator(code)) break;
  }
  return at;
}

/** `,` `?` `[` `]` `{` `}` */
const isFlowIndicator = (code: number) =>
  code === 44 || code === 63 || code === 91 || code === 93 || code === 123 || code === 125;

/** Blanks and line breaks between two words. One line break becomes a space. */
function scanGap(scanner: Scanner, indent: number): { text: string; hasBreak: boolean } {
  const blanksStart = scanner.pos;
  while (isBlank(codeAt(scanner, scanner.pos))) scanner.pos++;
  if (!isBreak(codeAt(scanner, scanner.pos))) {
    return { text: scanner.text.slice(blanksStart, scanner.pos), hasBreak: false };
  }
  const first = takeBreak(scanner);
  let rest = '';
  for (let code = codeAt(scanner, scanner.pos); isBlank(code) || isBreak(code); code = codeAt(scanner, scanner.pos)) {
    if (code === 9 && columnOf(scanner) < indent) {
      fail(scanner, scanner.pos, 'expected spaces before the next line of this value, found a tab; indent with spaces');
      scanner.pos = scanner.end + 1;
      break;
    }
    if (isBlank(code)) scanner.pos++;
    else rest += takeBreak(scanner);
  }
  return { text: foldBreaks(first, rest), hasBreak: true };
}

/** What a first line break and those after it stand for. */
export const foldBreaks = (first: string, rest: string): string =>
  first === '\n' ? (rest === '' ? ' ' : rest) : first + rest;
