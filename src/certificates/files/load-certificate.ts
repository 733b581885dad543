/** A certificate and key from files (cert-manager, a mounted Secret), checked before the first connection meets them. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { createSecureContext } from 'node:tls';
import { type ServingCertificate, tlsOptions } from '../certificate.ts';
import { readPem } from '../pem.ts';
import { type Loaded, watchFiles } from './watch.ts';

/** `hosts`: what the certificate must be for. */
export type GivenFiles = { certFile: string; keyFile: string; hosts: readonly string[] };

/** Reads both files; everything that a client would later refuse is a problem now. */
export async function loadGivenCertificate(given: GivenFiles, now: Date): Promise<Loaded<ServingCertificate>> {
  const { certFile, keyFile } = given;
  const cert = await readPem('certificate', certFile, (pem) => new X509Certificate(pem));
  const key = await readPem('private key', keyFile, (pem) => createPrivateKey(pem));
  if (!cert.ok || !key.ok) {
    return { ok: false, problems: [cert, key].flatMap((read) => (read.ok ? [] : [read.problem])) };
  }
  const problems = checkPair({ ...given, certificate: cert.value, key: key.value, now });
  if (problems.length > 0) return { ok: false, problems };
  const refusal = refusalOf({ cert: cert.pem, key: key.pem });
  if (refusal)
    return {
      ok: false,
      problems: [`The certificates in ${certFile} cannot be served (${refusal}); check all of them.`],
    };
  const { validFrom, validTo } = cert.value;
  const period = { notBefore: new Date(validFrom), notAfter: new Date(validTo) };
  return { ok: true, value: { cert: cert.pem, key: key.pem, ...period } };
}

/** The files as they change: see watchFiles. */
export const watchCertificateFiles = (
  given: GivenFiles,
  onChange: (certificate: ServingCertificate) => void,
  onProblem: (problems: string[]) => void,
) =>
  watchFiles({
    files: [given.certFile, given.keyFile],
    load: () => loadGivenCertificate(given, new Date()),
    isSame: (a, b) => a.cert === b.cert && a.key === b.key,
    onChange,
    onProblem,
  });

// --- internal ---

type Pair = GivenFiles & { certificate: X509Certificate; key: KeyObject; now: Date };

function checkPair({ certificate, key, certFile, keyFile, hosts, now }: Pair): string[] {
  const checks: [broken: boolean, problem: string][] = [
    [
      !certificate.checkPrivateKey(key),
      `The key in ${keyFile} does not belong to the first certificate in ${certFile}; the server's own must come first.`,
    ],
    [
      now > new Date(certificate.validTo),
      `The certificate in ${certFile} expired on ${isoDate(certificate.validTo)}; give one that is valid.`,
    ],
    [
      now < new Date(certificate.validFrom),
      `The certificate in ${certFile} is not valid before ${isoDate(certificate.validFrom)}; check this machine's clock.`,
    ],
    [
      // Go's TLS client, so the API server too, has ignored the common name since 1.15.
      !certificate.subjectAltName,
      `The certificate in ${certFile} has no subjectAltName; the API server accepts no other names.`,
    ],
    ...hosts.map((host): [boolean, string] => [
      certificate.subjectAltName !== undefined && !isFor(certificate, host),
      `The certificate in ${certFile} is not for ${host}, only for ${certificate.subjectAltName}; give one that is, or correct CLOCKOUT_TLS_HOSTS.`,
    ]),
  ];
  return checks.flatMap(([broken, problem]) => (broken ? [problem] : []));
}

const isFor = (certificate: X509Certificate, host: string) =>
  (isIP(host) ? certificate.checkIP(host) : certificate.checkHost(host, { subject: 'never' })) !== undefined;

/** TLS reads the whole chain, and has rules of its own, such as on the length of keys. */
function refusalOf(pair: { cert: string; key: string }): string | undefined {
  try {
    createSecureContext(tlsOptions(pair));
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : `${error}`;
  }
}

const isoDate = (date: string) => new Date(date).toISOString();
