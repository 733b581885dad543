/**
 * The tokens of a document, one at a time. It follows go-yaml, which Kubernetes reads YAML with, step by step: where a key
 * or a value may start, what indentation means, and what is refused.
 * @see https://github.com/yaml/go-yaml/blob/v2.4.4/scannerc.go
 */
import { fetchNext } from './fetch.ts';
import type { Scanner, Token } from './scanner.ts';
import { isStillKey } from './simple-keys.ts';

/** The next token, which stays where it is. */
export function peekToken(scanner: Scanner): Token {
  if (!scanner.isTokenReady) fetchTokens(scanner);
  const token = scanner.failure === undefined ? scanner.tokens[scanner.head] : undefined;
  return token ?? { kind: 'failed', start: scanner.pos, end: scanner.pos };
}

/** Goes past the token that was peeked at. */
export function takeToken(scanner: Scanner): void {
  if (scanner.failure) return;
  scanner.isTokenReady = false;
  scanner.taken++;
  scanner.head++;
  if (scanner.head === scanner.tokens.length) {
    scanner.tokens.length = 0;
    scanner.head = 0;
  }
}

// --- internal ---

/** A token that may be a key is held back until it is clear whether a colon follows. */
function fetchTokens(scanner: Scanner): void {
  while (scanner.failure === undefined) {
    if (scanner.head !== scanner.tokens.length) {
      const key = scanner.simpleKeyOf.get(scanner.taken);
      if (!key || !isStillKey(scanner, key)) break;
    }
    fetchNext(scanner);
  }
  scanner.isTokenReady = true;
}
