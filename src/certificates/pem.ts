/** Certificates and keys in PEM form. */
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { readErrorCode } from '../util/errors.ts';
import { fail, ok, type Result } from '../util/result.ts';

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
    return fail(`The ${what} file ${file} cannot be read (${readErrorCode(error)}).`);
  }
  try {
    return ok({ pem, parsed: parse(pem) });
  } catch {
    return fail(`The file ${file} holds no ${what} in PEM form that can be used without a password.`);
  }
}

/** @throws if the text has no certificate, or one that is cut off or cannot be read */
export function parseCertificates(text: string): X509Certificate[] {
  const certificates = splitPem(text).map((pem) => new X509Certificate(pem));
  const begun = text.match(/BEGIN CERTIFICATE/g) ?? [];
  // A certificate that is cut off is not in the list.
  if (certificates.length === 0 || certificates.length < begun.length) throw new Error('expected certificates');
  return certificates;
}

/** @returns the certificates in the text, one by one */
export const splitPem = (text: string): string[] =>
  [...text.matchAll(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g)].map(([cert]) => `${cert}\n`);
