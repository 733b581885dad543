/** The CAs that sign the certificates of the webhook's callers, from a file that may change while the server runs. */
import { X509Certificate } from 'node:crypto';
import type { Result } from '../../util/result.ts';
import { checkPeriod } from '../certificate.ts';
import { readPemFile, splitPem } from '../pem.ts';
import { type Loaded, openWatchedFiles, type WatchedFiles } from './watch.ts';

export type ClientCas = {
  /** In PEM. */
  certificates: readonly string[];
  periods: readonly { notBefore: Date; notAfter: Date }[];
};

/** Reads the file. A certificate that can sign no caller's certificate is a problem. */
export async function loadClientCas(file: string): Promise<Loaded<ClientCas>> {
  const read = await readPemFile('CA certificate', file, parseAll);
  if (!read.ok) return { ok: false, problem: [read.problem] };
  const { parsed } = read.value;
  const problems = parsed.flatMap((certificate) => findProblem(certificate, parsed, file));
  if (problems.length > 0) return { ok: false, problem: problems };
  const periods = parsed.map(({ validFrom, validTo }) => ({
    notBefore: new Date(validFrom),
    notAfter: new Date(validTo),
  }));
  return { ok: true, value: { certificates: parsed.map((certificate) => certificate.toString()), periods } };
}

export type ClientCaSource = WatchedFiles<ClientCas> & {
  /** Sets the listener that hears of each change; there is one. */
  onChange: (listener: (cas: ClientCas) => void) => void;
};

/** What a source reports to the log. */
export type ClientCaEvents = { changed: () => void; failed: (problem: string) => void };

/** Reads the file, and reads it again when it changes. */
export async function openClientCas(file: string, events: ClientCaEvents): Promise<Result<ClientCaSource, string[]>> {
  let listener: (cas: ClientCas) => void = () => {};
  const opened = await openWatchedFiles({
    files: [file],
    load: () => loadClientCas(file),
    isSame: (a, b) => a.certificates.join() === b.certificates.join(),
    onChange: (cas) => {
      listener(cas);
      events.changed();
    },
    onProblem: (problems) => problems.forEach(events.failed),
  });
  if (!opened.ok) return opened;
  const onChange = (next: typeof listener) => {
    listener = next;
  };
  return { ok: true, value: { ...opened.value, onChange } };
}

/** @returns why no caller's certificate is accepted at this time; undefined if at least one CA is valid */
export function checkClientCas({ periods }: ClientCas, now: Date): string | undefined {
  if (periods.some((period) => checkPeriod(period, now) === undefined)) return undefined;
  return 'no CA in CLOCKOUT_CLIENT_CA_FILE is valid now, so every caller is refused; give one that is valid';
}

// --- internal ---

function parseAll(text: string): X509Certificate[] {
  const certificates = splitPem(text).map((pem) => new X509Certificate(pem));
  const begun = text.match(/BEGIN CERTIFICATE/g) ?? [];
  // A certificate that is cut off is not in the list.
  if (certificates.length === 0 || certificates.length < begun.length) throw new Error('expected certificates');
  return certificates;
}

/** OpenSSL accepts a chain only if it ends with a certificate that signed itself. */
function findProblem(certificate: X509Certificate, all: readonly X509Certificate[], file: string): string[] {
  const title = `The certificate of ${quoteName(certificate.subject)} in ${file}`;
  if (!certificate.ca) return [`${title} is not a CA; give the CA that signed it.`];
  if (all.some((other) => certificate.checkIssued(other))) return [];
  return [`${title} is signed by ${quoteName(certificate.issuer)}, which is not in the file; add that one.`];
}

const quoteName = (name: string) => JSON.stringify(name.replaceAll('\n', ', '));
