/** Keys without a `?`: tokens that become keys when a colon follows on the same line. */
import { columnOf, fail, type Scanner } from './scanner.ts';

/** @see https://yaml.org/spec/1.1/#id934537 */
const longestKey = 1024;

/** Whether a colon that follows now would make a key of it. Fails if nothing else can stand there. */
export function isStillKey(scanner: Scanner, key: Scanner['simpleKeys'][number]): boolean {
  if (!key.isPossible) return false;
  if (key.line >= scanner.line && !isTooLong(scanner, key.start)) return true;
  if (key.isRequired) failRequired(scanner, key.start);
  key.isPossible = false;
  return false;
}

/** The number of the next token. */
export const nextNumber = ({ taken, tokens, head }: Scanner): number => taken + tokens.length - head;

/** Remembers that the next token may be a key. */
export function saveKey(scanner: Scanner): void {
  if (!scanner.isSimpleKeyAllowed) return;
  dropKey(scanner);
  const key = {
    isPossible: true,
    isRequired: scanner.flowLevel === 0 && scanner.indent === columnOf(scanner),
    tokenNumber: nextNumber(scanner),
    start: scanner.pos,
    line: scanner.line,
    column: columnOf(scanner),
  };
  scanner.simpleKeys[scanner.simpleKeys.length - 1] = key;
  scanner.simpleKeyOf.set(key.tokenNumber, key);
}

/** The token that might have been a key is none. */
export function dropKey(scanner: Scanner): void {
  const key = scanner.simpleKeys.at(-1);
  if (!key?.isPossible) return;
  if (key.isRequired) failRequired(scanner, key.start);
  key.isPossible = false;
  scanner.simpleKeyOf.delete(key.tokenNumber);
}

// --- internal ---

const failRequired = (scanner: Scanner, start: number) =>
  fail(
    scanner,
    start,
    'expected a key with a colon and a space after it, on one line, found none; write it as "key: value", or indent the line if it goes on from the one before',
  );

/** In characters: those outside of the basic plane count once. */
function isTooLong({ text, pos }: Scanner, start: number): boolean {
  if (pos - start <= longestKey) return false;
  if (pos - start > 2 * longestKey) return true;
  return [...text.slice(start, pos)].length > longestKey;
}
