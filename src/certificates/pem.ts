import { readFile } from 'node:fs/promises';

export type ReadPem<T> = { ok: true; pem: string; value: T } | { ok: false; problem: string };

/**
 * A file in PEM.
 * @param what a certificate, a private key: for the sentence about what is wrong
 * @param parse throws for text that cannot be used
 */
export async function readPem<T>(what: string, file: string, parse: (pem: string) => T): Promise<ReadPem<T>> {
  let pem: string;
  try {
    pem = await readFile(file, 'utf8');
  } catch (error) {
    return {
      ok: false,
      problem: `The ${what} file ${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`,
    };
  }
  try {
    return { ok: true, pem, value: parse(pem) };
  } catch {
    return { ok: false, problem: `The file ${file} holds no ${what} in PEM form that can be used without a password.` };
  }
}
