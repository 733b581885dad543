/** Tokens for the queue, and the starts and ends of block collections that indentation means. */
import type { Scanner, Token, TokenKind } from './scanner.ts';

/** @param at the number of the token before which it goes; at the end if there is none */
export function addToken(scanner: Scanner, token: Token, at?: number): void {
  const { tokens, head, taken } = scanner;
  tokens.push(token);
  if (at === undefined || at < taken) return;
  // By hand: `splice` makes a list each time.
  const place = head + at - taken;
  for (let i = tokens.length - 1; i > place; i--) tokens[i] = tokens[i - 1] ?? token;
  tokens[place] = token;
}

/** Starts a block collection if the column is deeper than the one around it. */
export function rollIndent(scanner: Scanner, column: number, kind: TokenKind, start: number, at?: number): void {
  if (scanner.flowLevel > 0 || scanner.indent >= column) return;
  scanner.indents.push(scanner.indent);
  scanner.indent = column;
  addToken(scanner, { kind, start, end: start, column }, at);
}

/** Ends the block collections that are deeper than the column. */
export function unrollIndent(scanner: Scanner, column: number): void {
  if (scanner.flowLevel > 0) return;
  while (scanner.indent > column) {
    addToken(scanner, { kind: 'block-end', start: scanner.pos, end: scanner.pos });
    scanner.indent = scanner.indents.pop() ?? -1;
  }
}

export function takeIndicator(scanner: Scanner, kind: TokenKind, length = 1): Token {
  const start = scanner.pos;
  scanner.pos += length;
  return { kind, start, end: scanner.pos };
}
