/** The state of a parse, and what every part of the parser does with it. */
import type { YamlNode } from '../nodes.ts';
import { peekToken, takeToken } from '../scan/scan.ts';
import { describeAt, fail, type Scanner, type Token, type TokenKind } from '../scan/scanner.ts';

/** The deepest object definitions of Kubernetes stay below 100. */
export const maxDepth = 250;

export type Context = 'block' | 'flow';

export type Parser = {
  scanner: Scanner;
  /** What the handles of tags stand for. */
  tags: Map<string, string>;
  anchors: Map<string, YamlNode>;
  depth: number;
  /** Of `parse-node.ts`, which itself needs what parses collections. */
  parseNode: (parser: Parser, context: Context, indentless?: 'may be indentless') => YamlNode;
};

export const peek = ({ scanner }: Parser): Token => peekToken(scanner);

/** Takes the token at hand. @returns the next one */
export function take({ scanner }: Parser): Token {
  takeToken(scanner);
  return peekToken(scanner);
}

export function refuse({ scanner }: Parser, { kind, start }: Token, expected: string, advice?: string): void {
  const found = names[kind] ?? describeAt(scanner, start);
  fail(scanner, start, `expected ${expected}, found ${found}${advice ? `; ${advice}` : ''}`);
}

// --- internal ---

const names: Partial<Record<TokenKind, string>> = {
  'stream-end': 'the end of the document',
  'block-end': 'a line that is indented less',
  'block-map-start': 'a key that is indented more',
  'block-seq-start': 'a list that is indented more',
};
