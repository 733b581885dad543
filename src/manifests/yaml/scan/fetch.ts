/** Which token starts at a place, and what it means for indentation and keys. */
import { scanBlock } from './scan-block.ts';
import { scanPlain } from './scan-plain.ts';
import { scanAnchor, scanDirective, scanTag } from './scan-properties.ts';
import { scanQuoted } from './scan-quoted.ts';
import {
  codeAt,
  columnOf,
  describeAt,
  fail,
  isBlankOrEnd,
  isBreak,
  isDocumentMark,
  type Scanner,
  skipComment,
  type Token,
  type TokenKind,
  takeBreak,
} from './scanner.ts';
import { dropKey, isStillKey, nextNumber, saveKey } from './simple-keys.ts';
import { addToken, rollIndent, takeIndicator, unrollIndent } from './tokens.ts';

/** Adds one token to the queue, or several: the ends of blocks, or a key that is one after all. */
export function fetchNext(scanner: Scanner): void {
  skipToToken(scanner);
  unrollIndent(scanner, columnOf(scanner));
  chooseFetch(scanner)(scanner);
}

// --- internal ---

type Fetch = (scanner: Scanner) => void;

function chooseFetch(scanner: Scanner): Fetch {
  const code = codeAt(scanner, scanner.pos);
  if (code === 0) return fetchEnd;
  if (code === 37 && scanner.pos === scanner.lineStart) return fetchDirective;
  if (isDocumentMark(scanner)) return fetchMark;
  const fetch = indicators[code];
  if (!fetch) return fetchPlain;
  const char = String.fromCharCode(code);
  const isInFlow = scanner.flowLevel > 0;
  if (char === '|' || char === '>') return isInFlow ? failStart : fetch;
  if (char !== '-' && char !== '?' && char !== ':') return fetch;
  const isAlone = isBlankOrEnd(codeAt(scanner, scanner.pos + 1));
  return isAlone || (isInFlow && char !== '-') ? fetch : fetchPlain;
}

const fetchDirective: Fetch = (scanner) => fetchAtMargin(scanner, scanDirective);
const fetchMark: Fetch = (scanner) => fetchAtMargin(scanner, scanMark);
const fetchPlain: Fetch = (scanner) => fetchScalar(scanner, scanPlain);

/** By the character's code. */
const indicators: readonly (Fetch | undefined)[] = listByCode([
  ['[', (scanner) => fetchFlowStart(scanner, 'flow-seq-start')],
  ['{', (scanner) => fetchFlowStart(scanner, 'flow-map-start')],
  [']', (scanner) => fetchFlowEnd(scanner, 'flow-seq-end')],
  ['}', (scanner) => fetchFlowEnd(scanner, 'flow-map-end')],
  [',', fetchFlowEntry],
  ['-', fetchBlockEntry],
  ['?', fetchKey],
  [':', fetchValue],
  ['*', (scanner) => fetchScalar(scanner, () => scanAnchor(scanner, 'alias'))],
  ['&', (scanner) => fetchScalar(scanner, () => scanAnchor(scanner, 'anchor'))],
  ['!', (scanner) => fetchScalar(scanner, scanTag)],
  ['|', fetchBlockScalar],
  ['>', fetchBlockScalar],
  ["'", (scanner) => fetchScalar(scanner, scanQuoted)],
  ['"', (scanner) => fetchScalar(scanner, scanQuoted)],
  ...['#', '%', '@', '`', '\t'].map((char): [string, Fetch] => [char, failStart]),
]);

function listByCode(fetches: readonly [char: string, fetch: Fetch][]): (Fetch | undefined)[] {
  const list = Array.from<Fetch | undefined>({ length: 128 });
  for (const [char, fetch] of fetches) list[char.charCodeAt(0)] = fetch;
  return list;
}

function failStart(scanner: Scanner): void {
  const found = describeAt(scanner, scanner.pos);
  const advice = codeAt(scanner, scanner.pos) === 9 ? 'indent with spaces' : 'put the value in quotes';
  fail(scanner, scanner.pos, `expected a key or a value here, found ${found}, which cannot start one; ${advice}`);
}

/** Past blanks, comments and line breaks. A tab cannot stand where a key can start: it would be indentation. */
function skipToToken(scanner: Scanner): void {
  for (;;) {
    const mayBeTab = scanner.flowLevel > 0 || !scanner.isSimpleKeyAllowed;
    for (let code = codeAt(scanner, scanner.pos); code === 32 || (mayBeTab && code === 9); ) {
      code = codeAt(scanner, ++scanner.pos);
    }
    skipComment(scanner);
    if (!isBreak(codeAt(scanner, scanner.pos))) return;
    takeBreak(scanner);
    if (scanner.flowLevel === 0) scanner.isSimpleKeyAllowed = true;
  }
}

function fetchEnd(scanner: Scanner): void {
  unrollIndent(scanner, -1);
  dropKey(scanner);
  scanner.isSimpleKeyAllowed = false;
  addToken(scanner, { kind: 'stream-end', start: scanner.pos, end: scanner.pos });
}

function fetchAtMargin(scanner: Scanner, scan: (scanner: Scanner) => Token): void {
  unrollIndent(scanner, -1);
  dropKey(scanner);
  scanner.isSimpleKeyAllowed = false;
  addToken(scanner, scan(scanner));
}

function scanMark(scanner: Scanner): Token {
  const kind = codeAt(scanner, scanner.pos) === 45 ? 'document-start' : 'document-end';
  return takeIndicator(scanner, kind, 3);
}

function fetchFlowStart(scanner: Scanner, kind: TokenKind): void {
  saveKey(scanner);
  const { pos, line } = scanner;
  const none = { isPossible: false, isRequired: false, tokenNumber: nextNumber(scanner), start: pos, line, column: 0 };
  scanner.simpleKeys.push(none);
  scanner.flowLevel++;
  scanner.isSimpleKeyAllowed = true;
  addToken(scanner, takeIndicator(scanner, kind));
}

function fetchFlowEnd(scanner: Scanner, kind: TokenKind): void {
  dropKey(scanner);
  if (scanner.flowLevel > 0) {
    scanner.flowLevel--;
    // Go's `{}` and `[]` forget their own key with it: `{}: 1` is read as `{}`.
    scanner.simpleKeyOf.delete(scanner.simpleKeys.pop()?.tokenNumber ?? -1);
  }
  scanner.isSimpleKeyAllowed = false;
  addToken(scanner, takeIndicator(scanner, kind));
}

function fetchFlowEntry(scanner: Scanner): void {
  dropKey(scanner);
  scanner.isSimpleKeyAllowed = true;
  addToken(scanner, takeIndicator(scanner, 'flow-entry'));
}

function fetchBlockEntry(scanner: Scanner): void {
  if (scanner.flowLevel === 0) {
    if (!scanner.isSimpleKeyAllowed) {
      const advice = 'start the list on a line of its own, or put the value in quotes';
      fail(scanner, scanner.pos, `expected a value here, found "-", which starts a list; ${advice}`);
      return;
    }
    rollIndent(scanner, columnOf(scanner), 'block-seq-start', scanner.pos);
  }
  dropKey(scanner);
  scanner.isSimpleKeyAllowed = true;
  const column = columnOf(scanner);
  addToken(scanner, { ...takeIndicator(scanner, 'block-entry'), column });
}

function fetchKey(scanner: Scanner): void {
  if (scanner.flowLevel === 0) {
    if (!scanner.isSimpleKeyAllowed) {
      fail(scanner, scanner.pos, 'expected a value here, found "?", which starts a key; put the value in quotes');
      return;
    }
    rollIndent(scanner, columnOf(scanner), 'block-map-start', scanner.pos);
  }
  dropKey(scanner);
  scanner.isSimpleKeyAllowed = scanner.flowLevel === 0;
  addToken(scanner, takeIndicator(scanner, 'key'));
}

function fetchValue(scanner: Scanner): void {
  const key = scanner.simpleKeys.at(-1);
  if (key && isStillKey(scanner, key)) {
    addToken(scanner, { kind: 'key', start: key.start, end: key.start }, key.tokenNumber);
    rollIndent(scanner, key.column, 'block-map-start', key.start, key.tokenNumber);
    key.isPossible = false;
    scanner.simpleKeyOf.delete(key.tokenNumber);
    scanner.isSimpleKeyAllowed = false;
  } else {
    if (scanner.flowLevel === 0) {
      if (!scanner.isSimpleKeyAllowed) {
        const advice = 'put the value in quotes, or start a new line';
        fail(scanner, scanner.pos, `expected no second colon and space in this value, found one; ${advice}`);
        return;
      }
      rollIndent(scanner, columnOf(scanner), 'block-map-start', scanner.pos);
    }
    scanner.isSimpleKeyAllowed = scanner.flowLevel === 0;
  }
  addToken(scanner, takeIndicator(scanner, 'value'));
}

function fetchBlockScalar(scanner: Scanner): void {
  dropKey(scanner);
  scanner.isSimpleKeyAllowed = true;
  addToken(scanner, scanBlock(scanner));
}

/** What may be a key, and no key can follow on the same line. */
function fetchScalar(scanner: Scanner, scan: (scanner: Scanner) => Token): void {
  saveKey(scanner);
  scanner.isSimpleKeyAllowed = false;
  addToken(scanner, scan(scanner));
}
