/** A registry may send back what it was told, in a message or an address: then that must not be passed on. */
import type { RegistryProblem } from '../problem.ts';

/** The problem, with each secret in its texts replaced. */
export function redactProblem(problem: RegistryProblem, secrets: readonly string[]): RegistryProblem {
  const patterns = secrets.filter((secret) => secret !== '').map(patternOf);
  if (patterns.length === 0) return problem;
  // Whatever their case: the host of an address is in lower case.
  const pattern = new RegExp(patterns.join('|'), 'giu');
  const redact = (text: unknown) => (typeof text === 'string' ? text.replace(pattern, '***') : text);
  const { kind, ...fields } = problem;
  const redacted = Object.entries(fields).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.map(redact) : redact(value),
  ]);
  return { kind, ...Object.fromEntries(redacted) };
}

// --- internal ---

/** Each character may stand as it is, or as an address spells it. */
const patternOf = (secret: string) =>
  [...secret.toWellFormed()]
    .map((character) => `(?:\\u{${character.codePointAt(0)?.toString(16)}}|${encode(character)})`)
    .join('');

const encode = (character: string) =>
  [...Buffer.from(character)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
