/** A certificate and key that the operator provides as files (cert-manager, a mounted Secret), checked before they are served. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { createSecureContext } from 'node:tls';
import { readErrorMessage } from '../../util/errors.ts';
import { fail, ok } from '../../util/result.ts';
import { createTlsOptions, type ServingCertificate } from '../certificate.ts';
import { readPemFile } from '../pem.ts';
import { type Loaded, openWatchedFiles } from './watch.ts';

/** The certificate must be valid for each of `hosts`. */
export type CertificateFiles = { certFile: string; keyFile: string; hosts: readonly string[] };

/** Reads both files. What would make a client refuse the certificate is a problem. */
export async function loadCertificate(files: CertificateFiles, now: Date): Promise<Loaded<ServingCertificate>> {
  const { certFile, keyFile } = files;
  const cert = await readPemFile('certificate', certFile, (pem) => new X509Certificate(pem));
  const key = await readPemFile('private key', keyFile, (pem) => createPrivateKey(pem));
  if (!cert.ok || !key.ok) {
    return fail([cert, key].flatMap((read) => (read.ok ? [] : [read.problem])));
  }
  const problems = checkPair({ ...files, certificate: cert.value.parsed, key: key.value.parsed, now });
  if (problems.length > 0) return fail(problems);
  const pair = { cert: cert.value.pem, key: key.value.pem };
  const refusal = tryTls(pair);
  if (refusal) return fail([`The certificates in ${certFile} cannot be served (${refusal}); check all of them.`]);
  const { validFrom, validTo } = cert.value.parsed;
  return ok({ ...pair, notBefore: new Date(validFrom), notAfter: new Date(validTo) });
}

/** Loads the files, and loads them again when they change: see openWatchedFiles. */
export const openCertificateFiles = (
  files: CertificateFiles,
  events: { changed: (certificate: ServingCertificate) => void; failed: (problem: string) => void },
) =>
  openWatchedFiles({
    files: [files.certFile, files.keyFile],
    load: () => loadCertificate(files, new Date()),
    isSame: (a, b) => a.cert === b.cert && a.key === b.key,
    ...events,
  });

// --- internal ---

type Pair = CertificateFiles & { certificate: X509Certificate; key: KeyObject; now: Date };

function checkPair({ certificate, key, certFile, keyFile, hosts, now }: Pair): string[] {
  const checks: [isBroken: boolean, problem: string][] = [
    [
      !certificate.checkPrivateKey(key),
      `The key in ${keyFile} does not belong to the first certificate in ${certFile}; the server's own must come first.`,
    ],
    [
      now > new Date(certificate.validTo),
      `The certificate in ${certFile} expired on ${formatDate(certificate.validTo)}; give one that is valid.`,
    ],
    [
      now < new Date(certificate.validFrom),
      `The certificate in ${certFile} is not valid before ${formatDate(certificate.validFrom)}; check this machine's clock.`,
    ],
    [
      // Go's TLS client, and so the API server, has ignored the common name since Go 1.15.
      !certificate.subjectAltName,
      `The certificate in ${certFile} has no subjectAltName; the API server accepts no other names.`,
    ],
    ...hosts.map((host): [boolean, string] => [
      certificate.subjectAltName !== undefined && !isFor(certificate, host),
      `The certificate in ${certFile} is not for ${host}, only for ${certificate.subjectAltName}; give one that is, or correct CLOCKOUT_TLS_HOSTS.`,
    ]),
  ];
  return checks.flatMap(([isBroken, problem]) => (isBroken ? [problem] : []));
}

const isFor = (certificate: X509Certificate, host: string) =>
  (isIP(host) ? certificate.checkIP(host) : certificate.checkHost(host, { subject: 'never' })) !== undefined;

/** TLS reads the whole chain, and has rules of its own, such as a minimum length of keys. @returns why it refuses the pair */
function tryTls(pair: { cert: string; key: string }): string | undefined {
  try {
    createSecureContext(createTlsOptions(pair));
    return undefined;
  } catch (error) {
    return readErrorMessage(error);
  }
}

const formatDate = (date: string) => new Date(date).toISOString();
