/** The state of a scan, the characters at its place, and what every part of the scanner does to it. */

export type TokenKind =
  | 'stream-end'
  | 'version-directive'
  | 'tag-directive'
  | 'document-start'
  | 'document-end'
  | 'block-seq-start'
  | 'block-map-start'
  | 'block-end'
  | 'flow-seq-start'
  | 'flow-seq-end'
  | 'flow-map-start'
  | 'flow-map-end'
  | 'block-entry'
  | 'flow-entry'
  | 'key'
  | 'value'
  | 'alias'
  | 'anchor'
  | 'tag'
  | 'scalar'
  // The scan has failed: no grammar expects this token.
  | 'failed';

export type ScalarStyle = 'plain' | 'single' | 'double' | 'literal' | 'folded';

export type Token = {
  kind: TokenKind;
  start: number;
  end: number;
  /** Of a scalar what it says, of an anchor or alias its name, of a tag its handle, of a directive what it names. */
  text?: string;
  /** Of a tag or a tag directive. */
  suffix?: string;
  style?: ScalarStyle;
  /** Of what starts a block collection. */
  column?: number;
};

/** A token that turns out to be a key if a colon follows on its line. */
type SimpleKey = {
  isPossible: boolean;
  /** Nothing else can stand in its place. */
  isRequired: boolean;
  tokenNumber: number;
  start: number;
  line: number;
  column: number;
};

export type Failure = { offset: number; sentence: string };

export type Scanner = {
  readonly text: string;
  /** Offset in `text` after the last character of the document. */
  readonly end: number;
  /** Whether the document ends without a line break: Kubernetes adds one. */
  readonly isCut: boolean;
  pos: number;
  line: number;
  lineStart: number;
  flowLevel: number;
  /** Of the innermost block collection: -1 for none. */
  indent: number;
  indents: number[];
  isSimpleKeyAllowed: boolean;
  /** One for each flow level. */
  simpleKeys: SimpleKey[];
  simpleKeyOf: Map<number, SimpleKey>;
  tokens: Token[];
  head: number;
  /** How many tokens the parser has taken. */
  taken: number;
  isTokenReady: boolean;
  failure: Failure | undefined;
};

const noKey = (): SimpleKey => ({
  isPossible: false,
  isRequired: false,
  tokenNumber: 0,
  start: 0,
  line: 0,
  column: 0,
});

export function createScanner(text: string, start: number, end: number): Scanner {
  const pos = text.charCodeAt(start) === 0xfeff ? start + 1 : start;
  return {
    text,
    end,
    isCut: end > start && text.charCodeAt(end - 1) !== lineFeed,
    pos,
    line: 0,
    lineStart: pos,
    flowLevel: 0,
    indent: -1,
    indents: [],
    isSimpleKeyAllowed: true,
    simpleKeys: [noKey()],
    simpleKeyOf: new Map(),
    tokens: [],
    head: 0,
    taken: 0,
    isTokenReady: false,
    failure: undefined,
  };
}

/** The first failure counts: the others are its consequences. */
export function fail(scanner: Scanner, offset: number, sentence: string): void {
  scanner.failure ??= { offset: Math.min(offset, scanner.end), sentence };
}

const lineFeed = 10;

/** The character code at an offset, 0 after the end of the document. */
export function codeAt({ text, end, isCut }: Scanner, offset: number): number {
  if (offset < end) return text.charCodeAt(offset);
  return offset === end && isCut ? lineFeed : 0;
}

export const columnOf = ({ pos, lineStart }: Scanner): number => pos - lineStart;

export const isBlank = (code: number): boolean => code === 32 || code === 9;

/** @see https://yaml.org/spec/1.1/#b-char: Unicode's line breaks count. */
export const isBreak = (code: number): boolean =>
  code === 10 || code === 13 || code === 0x85 || code === 0x2028 || code === 0x2029;

export const isBreakOrEnd = (code: number): boolean => code === 0 || isBreak(code);

export const isBlankOrEnd = (code: number): boolean => code === 32 || code === 9 || isBreakOrEnd(code);

export const isDigit = (code: number): boolean => code >= 48 && code <= 57;

export const isWord = (code: number): boolean =>
  isDigit(code) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95 || code === 45;

/** Goes past a line break. @returns what the break stands for in a scalar */
export function takeBreak(scanner: Scanner): string {
  const code = codeAt(scanner, scanner.pos);
  if (code === lineFeed) {
    scanner.line++;
    scanner.lineStart = ++scanner.pos;
    return '\n';
  }
  // kubectl takes the carriage return away before each line feed: two of them and a line feed are one break.
  const returns = code !== 13 ? 0 : codeAt(scanner, scanner.pos + 1) === 13 ? 2 : 1;
  scanner.pos += returns > 0 && codeAt(scanner, scanner.pos + returns) === lineFeed ? returns + 1 : 1;
  scanner.line++;
  scanner.lineStart = scanner.pos;
  return code === 0x2028 || code === 0x2029 ? String.fromCharCode(code) : '\n';
}

export function skipBlanks(scanner: Scanner): void {
  while (isBlank(codeAt(scanner, scanner.pos))) scanner.pos++;
}

export function skipComment(scanner: Scanner): void {
  if (codeAt(scanner, scanner.pos) !== 35) return;
  while (!isBreakOrEnd(codeAt(scanner, scanner.pos))) scanner.pos++;
}

/** Whether `---` or `...` stands here, at the start of a line and alone. */
export function isDocumentMark(scanner: Scanner): boolean {
  const { pos, lineStart } = scanner;
  if (pos !== lineStart) return false;
  const code = codeAt(scanner, pos);
  if (code !== 45 && code !== 46) return false;
  return (
    codeAt(scanner, pos + 1) === code && codeAt(scanner, pos + 2) === code && isBlankOrEnd(codeAt(scanner, pos + 3))
  );
}

/** What stands at an offset, for a sentence. */
export function describeAt(scanner: Scanner, offset: number): string {
  const code = codeAt(scanner, offset);
  if (code === 0) return 'the end of the document';
  if (isBreak(code)) return 'the end of the line';
  if (code === 9) return 'a tab';
  if (code === 32) return 'a space';
  return JSON.stringify(String.fromCodePoint(scanner.text.codePointAt(offset) ?? code));
}
