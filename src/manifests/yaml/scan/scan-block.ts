/** Block scalars, `|` and `>`. @see https://github.com/yaml/go-yaml/blob/v2.4.4/scannerc.go */
import { foldBreaks } from './scan-plain.ts';
import {
  codeAt,
  columnOf,
  describeAt,
  fail,
  isBlank,
  isBreak,
  isBreakOrEnd,
  isDigit,
  type Scanner,
  skipBlanks,
  skipComment,
  type Token,
  takeBreak,
} from './scanner.ts';

type Chomping = 'strip' | 'clip' | 'keep';

export function scanBlock(scanner: Scanner): Token {
  const start = scanner.pos;
  const isLiteral = codeAt(scanner, start) === 124;
  scanner.pos++;
  const { chomping, increment } = scanHeader(scanner);
  const indentedBy = increment > 0 ? Math.max(scanner.indent, 0) + increment : 0;
  const parts: string[] = [];
  let [lineBreak, wasBlank, end] = ['', false, scanner.pos];
  const { indent, breaks: leading } = scanBreaks(scanner, indentedBy);
  let breaks = leading;
  while (scanner.failure === undefined && columnOf(scanner) === indent && codeAt(scanner, scanner.pos) !== 0) {
    const isBlankLine = isBlank(codeAt(scanner, scanner.pos));
    const isFolded = !(isLiteral || wasBlank || isBlankLine) && lineBreak === '\n';
    parts.push(isFolded ? foldBreaks(lineBreak, breaks) : lineBreak + breaks, takeLine(scanner));
    wasBlank = isBlankLine;
    lineBreak = isBreak(codeAt(scanner, scanner.pos)) ? takeBreak(scanner) : '';
    end = scanner.pos;
    breaks = scanBreaks(scanner, indent).breaks;
  }
  const tail = { strip: '', clip: lineBreak, keep: lineBreak + breaks }[chomping];
  const contentEnd = chomping === 'keep' ? scanner.lineStart : end;
  const text = parts.join('') + tail;
  return { kind: 'scalar', start, end: contentEnd, text, style: isLiteral ? 'literal' : 'folded' };
}

// --- internal ---

/** A document ends with a line, so that none goes on behind its end. */
function takeLine(scanner: Scanner): string {
  const { text, pos } = scanner;
  const lineFeed = text.indexOf('\n', pos);
  const line = text.slice(pos, lineFeed < 0 ? text.length : lineFeed);
  const other = line.search(otherBreak);
  const taken = other < 0 ? line : line.slice(0, other);
  scanner.pos += taken.length;
  return taken;
}

/** What ends a line besides a line feed. */
const otherBreak = /[\r\u0085\u2028\u2029]/;

/** `+` or `-` and a digit, in any order; then the rest of the line. */
function scanHeader(scanner: Scanner): { chomping: Chomping; increment: number } {
  let [chomping, increment]: [Chomping, number] = ['clip', 0];
  const takeChomping = () => {
    const code = codeAt(scanner, scanner.pos);
    if (code !== 43 && code !== 45) return false;
    chomping = code === 43 ? 'keep' : 'strip';
    scanner.pos++;
    return true;
  };
  const takeIncrement = () => {
    const code = codeAt(scanner, scanner.pos);
    if (!isDigit(code)) return;
    if (code === 48) fail(scanner, scanner.pos, 'expected an indentation of 1 to 9 after the | or >, found 0');
    increment = code - 48;
    scanner.pos++;
  };
  if (takeChomping()) takeIncrement();
  else {
    takeIncrement();
    if (increment > 0) takeChomping();
  }
  skipBlanks(scanner);
  skipComment(scanner);
  const code = codeAt(scanner, scanner.pos);
  if (!isBreakOrEnd(code)) {
    const advice = 'start the text on the next line';
    fail(
      scanner,
      scanner.pos,
      `expected the end of the line after | or >, found ${describeAt(scanner, scanner.pos)}; ${advice}`,
    );
  } else if (code !== 0) takeBreak(scanner);
  return { chomping, increment };
}

/** Indentation and empty lines. @param indent 0 to find it out */
function scanBreaks(scanner: Scanner, indent: number): { indent: number; breaks: string } {
  let [breaks, deepest] = ['', 0];
  for (;;) {
    const limit = indent === 0 ? scanner.end : scanner.lineStart + indent;
    while (scanner.pos < limit && codeAt(scanner, scanner.pos) === 32) scanner.pos++;
    deepest = Math.max(deepest, columnOf(scanner));
    const code = codeAt(scanner, scanner.pos);
    if (scanner.pos < limit && code === 9) {
      fail(scanner, scanner.pos, 'expected spaces before the lines of this text, found a tab; indent with spaces');
      break;
    }
    if (!isBreak(code)) break;
    breaks += takeBreak(scanner);
  }
  return { indent: indent || Math.max(deepest, scanner.indent + 1, 1), breaks };
}
