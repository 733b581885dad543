/** The CAs that sign the certificates of the webhook's callers, from a file that may change while the server runs. */
import type { X509Certificate } from 'node:crypto';
import { fail, ok, type Result } from '../../util/result.ts';
import { checkPeriod } from '../certificate.ts';
import { parseCertificates, readPemFile } from '../pem.ts';
import { type Loaded, openWatchedFiles, type WatchedFiles } from './watch.ts';

export type ClientCas = {
  /** In PEM. */
  certificates: readonly string[];
  periods: readonly { notBefore: Date; notAfter: Date }[];
};

/** Reads the file. A certificate that can sign no caller's certificate is a problem. */
export async function loadClientCas(file: string): Promise<Loaded<ClientCas>> {
  const read = await readPemFile('CA certificate', file, parseCertificates);
  if (!read.ok) return fail([read.problem]);
  const { parsed } = read.value;
  const problems = parsed.flatMap((certificate) => findProblem(certificate, parsed, file));
  if (problems.length > 0) return fail(problems);
  const periods = parsed.map(({ validFrom, validTo }) => ({
    notBefore: new Date(validFrom),
    notAfter: new Date(validTo),
  }));
  return ok({ certificates: parsed.map((certificate) => certificate.toString()), periods });
}

export type ClientCaSource = WatchedFiles<ClientCas>;

/** What a source reports to the log. */
export type ClientCaEvents = { changed: () => void; failed: (problem: string) => void };

/** Reads the file, and reads it again when it changes. */
export const openClientCas = (file: string, events: ClientCaEvents): Promise<Result<ClientCaSource, string[]>> =>
  openWatchedFiles({
    files: [file],
    load: () => loadClientCas(file),
    isSame: (a, b) => a.certificates.join() === b.certificates.join(),
    ...events,
  });

/** @returns why no caller's certificate is accepted at this time; undefined if at least one CA is valid */
export function checkClientCas({ periods }: ClientCas, now: Date): string | undefined {
  if (periods.some((period) => checkPeriod(period, now) === undefined)) return undefined;
  return 'no CA in CLOCKOUT_CLIENT_CA_FILE is valid now, so every caller is refused; give one that is valid';
}

// --- internal ---

/** OpenSSL accepts a chain only if it ends with a certificate that signed itself. */
function findProblem(certificate: X509Certificate, all: readonly X509Certificate[], file: string): string[] {
  const title = `The certificate of ${quoteName(certificate.subject)} in ${file}`;
  if (!certificate.ca) return [`${title} is not a CA; give the CA that signed it.`];
  if (all.some((other) => certificate.checkIssued(other))) return [];
  return [`${title} is signed by ${quoteName(certificate.issuer)}, which is not in the file; add that one.`];
}

const quoteName = (name: string) => JSON.stringify(name.replaceAll('\n', ', '));
