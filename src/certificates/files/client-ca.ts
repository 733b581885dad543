/** The CAs that sign the certificates of the webhook's callers, from a file that may change while the server runs. */
import { X509Certificate } from 'node:crypto';
import { validityProblem } from '../certificate.ts';
import { readPem } from '../pem.ts';
import { splitPem } from '../shared-ca/secret.ts';
import { type Loaded, watchFiles } from './watch.ts';

export type ClientAuthority = {
  /** In PEM. */
  certificates: readonly string[];
  periods: readonly { notBefore: Date; notAfter: Date }[];
};

/** Reads the file; what could never sign a caller's certificate is a problem now. */
export async function loadClientAuthority(file: string): Promise<Loaded<ClientAuthority>> {
  const read = await readPem('CA certificate', file, parseAll);
  if (!read.ok) return { ok: false, problems: [read.problem] };
  const problems = read.value.flatMap((certificate) => findFault(certificate, read.value, file));
  if (problems.length > 0) return { ok: false, problems };
  const periods = read.value.map(({ validFrom, validTo }) => ({
    notBefore: new Date(validFrom),
    notAfter: new Date(validTo),
  }));
  return { ok: true, value: { certificates: read.value.map((certificate) => certificate.toString()), periods } };
}

export type ClientAuthoritySource = {
  current: () => ClientAuthority;
  /** What is wrong with the file as it is now; the last good CAs are trusted meanwhile. */
  problems: () => string[];
  /** The one who is told of each change. */
  onChange: (listener: (authority: ClientAuthority) => void) => void;
  close: () => void;
};

/** What a source tells of itself, for the log. */
export type ClientAuthorityEvents = { changed: () => void; failed: (problem: string) => void };

/** The file, read again when it changes. */
export async function openClientAuthority(
  file: string,
  events: ClientAuthorityEvents,
): Promise<{ ok: true; source: ClientAuthoritySource } | { ok: false; problems: string[] }> {
  let listener: (authority: ClientAuthority) => void = () => {};
  const opened = await watchFiles({
    files: [file],
    load: () => loadClientAuthority(file),
    isSame: (a, b) => a.certificates.join() === b.certificates.join(),
    onChange: (authority) => {
      listener(authority);
      events.changed();
    },
    onProblem: (problems) => problems.forEach(events.failed),
  });
  if (!opened.ok) return opened;
  const onChange = (next: typeof listener) => {
    listener = next;
  };
  return { ok: true, source: { ...opened.watched, onChange } };
}

/** Why no certificate of these CAs is accepted at this time, if so. */
export function authorityProblem({ periods }: ClientAuthority, now: Date): string | undefined {
  if (periods.some((period) => validityProblem(period, now) === undefined)) return undefined;
  return 'no CA in CLOCKOUT_CLIENT_CA_FILE is valid now, so every caller is refused; give one that is valid';
}

// --- internal ---

function parseAll(text: string): X509Certificate[] {
  const certificates = splitPem(text).map((pem) => new X509Certificate(pem));
  const begun = text.match(/BEGIN CERTIFICATE/g) ?? [];
  // One that was cut is not in the list.
  if (certificates.length === 0 || certificates.length < begun.length) throw new Error('expected certificates');
  return certificates;
}

/** OpenSSL takes a chain only up to a certificate that is signed by itself. */
function findFault(certificate: X509Certificate, all: readonly X509Certificate[], file: string): string[] {
  const title = `The certificate of ${nameOf(certificate.subject)} in ${file}`;
  if (!certificate.ca) return [`${title} is not a CA; give the CA that signed it.`];
  if (all.some((other) => certificate.checkIssued(other))) return [];
  return [`${title} is signed by ${nameOf(certificate.issuer)}, which is not in the file; add that one.`];
}

const nameOf = (name: string) => JSON.stringify(name.replaceAll('\n', ', '));
