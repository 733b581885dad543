/**
 * Digests of content.
 * @see https://github.com/opencontainers/image-spec/blob/main/descriptor.md#digests
 */
import { createHash } from 'node:crypto';

/** Of the algorithms that a reference may name. */
export const digestPattern = '^(sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128})$';

export const isDigest = (text: string): boolean => new RegExp(digestPattern).test(text);

export function digestOf(content: Buffer, algorithm = 'sha256'): string {
  return `${algorithm}:${createHash(algorithm).update(content).digest('hex')}`;
}

/** What the content has where another digest was expected; undefined where they agree. */
export function otherDigest(content: Buffer, expected: string): string | undefined {
  const found = digestOf(content, isDigest(expected) ? expected.split(':')[0] : 'sha256');
  return found === expected ? undefined : found;
}
