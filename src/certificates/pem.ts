/** Certificates and keys in PEM form. */
import { readFile } from 'node:fs/promises';
import { readErrorCode } from '../util/errors.ts';
import type { Result } from '../util/result.ts';

/**
 * Reads a file in PEM form.
 * @param what the file should hold, such as `private key`, for the sentence about what is wrong
 * @param parse throws if the text cannot be used
 */
export async function readPemFile<T>(
  what: string,
  file: string,
  parse: (pem: string) => T,
): Promise<Result<{ pem: string; parsed: T }, string>> {
  let pem: string;
  try {
    pem = await readFile(file, 'utf8');
  } catch (error) {
    return { ok: false, problem: `The ${what} file ${file} cannot be read (${readErrorCode(error)}).` };
  }
  try {
    return { ok: true, value: { pem, parsed: parse(pem) } };
  } catch {
    return { ok: false, problem: `The file ${file} holds no ${what} in PEM form that can be used without a password.` };
  }
}

/** @returns the certificates in the text, one by one */
export const splitPem = (text: string): string[] =>
  [...text.matchAll(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g)].map(([cert]) => `${cert}\n`);
