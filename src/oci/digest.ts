/**
 * Digests of content.
 * @see https://github.com/opencontainers/image-spec/blob/main/descriptor.md#digests
 */
import { createHash } from 'node:crypto';

/** Algorithms that the kubelet knows. @see https://github.com/opencontainers/go-digest/blob/v1.0.0/algorithm.go */
export const digestPattern = /^(sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128})$/;

export const isDigest = (text: string): boolean => digestPattern.test(text);

export function computeDigest(content: Buffer, algorithm = 'sha256'): string {
  return `${algorithm}:${createHash(algorithm).update(content).digest('hex')}`;
}

/** @returns the content's digest if it is not the expected one */
export function findOtherDigest(content: Buffer, expected: string): string | undefined {
  const found = computeDigest(content, isDigest(expected) ? expected.split(':')[0] : 'sha256');
  return found === expected ? undefined : found;
}
