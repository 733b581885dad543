/** Anchors, aliases, tags and directives. @see https://github.com/yaml/go-yaml/blob/v2.4.4/scannerc.go */
import {
  codeAt,
  describeAt,
  fail,
  isBlank,
  isBlankOrEnd,
  isBreakOrEnd,
  isWord,
  type Scanner,
  skipBlanks,
  skipComment,
  type Token,
  takeBreak,
} from './scanner.ts';

/** `&name` or `*name` */
export function scanAnchor(scanner: Scanner, kind: 'anchor' | 'alias'): Token {
  const start = scanner.pos++;
  const text = takeWhile(scanner, isWord);
  const code = codeAt(scanner, scanner.pos);
  const isEnded = isBlankOrEnd(code) || '?:,]}%@`'.includes(String.fromCharCode(code));
  if (text === '' || !isEnded) {
    const mark = kind === 'anchor' ? '&' : '*';
    const advice = `if no ${kind} is meant, put the value in quotes`;
    fail(
      scanner,
      start,
      `expected a name of letters, digits, - and _ after ${mark}, found ${describeAt(scanner, scanner.pos)}; ${advice}`,
    );
  }
  return { kind, start, end: scanner.pos, text };
}

/** `!`, `!suffix`, `!!suffix`, `!handle!suffix` or `!<uri>` */
export function scanTag(scanner: Scanner): Token {
  const start = scanner.pos;
  let [handle, suffix] = ['', ''];
  if (codeAt(scanner, start + 1) === 60) {
    scanner.pos += 2;
    suffix = scanUri(scanner, start, false);
    if (codeAt(scanner, scanner.pos) !== 62) failTag(scanner, start, '>');
    scanner.pos++;
  } else {
    handle = scanHandle(scanner);
    if (handle.length > 1 && handle.endsWith('!')) suffix = scanUri(scanner, start, false);
    else {
      suffix = handle.slice(1) + scanUri(scanner, start, true);
      [handle, suffix] = suffix === '' ? ['', '!'] : ['!', suffix];
    }
  }
  if (!isBlankOrEnd(codeAt(scanner, scanner.pos))) failTag(scanner, start, 'a space');
  return { kind: 'tag', start, end: scanner.pos, text: handle, suffix };
}

/** `%YAML 1.1` or `%TAG !handle! prefix`, with its line break. */
export function scanDirective(scanner: Scanner): Token {
  const start = scanner.pos++;
  const name = takeWhile(scanner, isWord);
  const token =
    name === 'YAML' ? scanVersion(scanner, start) : name === 'TAG' ? scanTagDirective(scanner, start) : undefined;
  if (!token) failDirective(scanner, start, '%YAML 1.1 or %TAG');
  skipBlanks(scanner);
  skipComment(scanner);
  if (!isBreakOrEnd(codeAt(scanner, scanner.pos))) failDirective(scanner, start, 'the end of the line');
  else if (codeAt(scanner, scanner.pos) !== 0) takeBreak(scanner);
  return token ?? { kind: 'version-directive', start, end: scanner.pos };
}

// --- internal ---

function takeWhile(scanner: Scanner, accepts: (code: number) => boolean): string {
  const from = scanner.pos;
  while (accepts(codeAt(scanner, scanner.pos))) scanner.pos++;
  return scanner.text.slice(from, scanner.pos);
}

const failTag = (scanner: Scanner, start: number, expected: string) =>
  fail(
    scanner,
    start,
    `expected ${expected} at the end of this tag, found ${describeAt(scanner, scanner.pos)}; if no tag is meant, put the value in quotes`,
  );

const failDirective = (scanner: Scanner, start: number, expected: string) =>
  fail(
    scanner,
    start,
    `expected ${expected} in this directive, found ${describeAt(scanner, scanner.pos)}; if no directive is meant, put the value in quotes`,
  );

function scanHandle(scanner: Scanner): string {
  const from = scanner.pos++;
  takeWhile(scanner, isWord);
  if (codeAt(scanner, scanner.pos) === 33) scanner.pos++;
  return scanner.text.slice(from, scanner.pos);
}

const isUri = (code: number) =>
  isWord(code) || (code > 0 && code < 128 && ";/?:@&=+$,.!~*'()[]%".includes(String.fromCharCode(code)));

function scanUri(scanner: Scanner, start: number, mayBeEmpty: boolean): string {
  const uri = takeWhile(scanner, isUri);
  if (uri === '' && !mayBeEmpty) failTag(scanner, start, 'a name');
  try {
    return decodeURIComponent(uri);
  } catch {
    fail(scanner, start, `expected characters in UTF-8 after each %, found ${JSON.stringify(uri.slice(0, 40))}`);
    return uri;
  }
}

function scanVersion(scanner: Scanner, start: number): Token {
  skipBlanks(scanner);
  const major = takeWhile(scanner, isVersionDigit);
  const hasDot = codeAt(scanner, scanner.pos) === 46;
  if (hasDot) scanner.pos++;
  const minor = takeWhile(scanner, isVersionDigit);
  const isVersion = hasDot && [major, minor].every(({ length }) => length === 1 || length === 2);
  if (!isVersion) failDirective(scanner, start, 'a version such as 1.1');
  return { kind: 'version-directive', start, end: scanner.pos, text: `${Number(major)}.${Number(minor)}` };
}

const isVersionDigit = (code: number) => code >= 48 && code <= 57;

function scanTagDirective(scanner: Scanner, start: number): Token {
  skipBlanks(scanner);
  const isTag = codeAt(scanner, scanner.pos) === 33;
  const text = isTag ? scanHandle(scanner) : '';
  const isHandle = isTag && (text === '!' || text.endsWith('!'));
  if (!isHandle || !isBlank(codeAt(scanner, scanner.pos)))
    failDirective(scanner, start, 'a handle such as !e! and a space');
  skipBlanks(scanner);
  const suffix = scanUri(scanner, start, false);
  if (!isBlankOrEnd(codeAt(scanner, scanner.pos))) failDirective(scanner, start, 'a space');
  return { kind: 'tag-directive', start, end: scanner.pos, text, suffix };
}
