/** A certificate and key from files (cert-manager, a mounted Secret), checked before the first connection meets them. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { LoadedCertificate } from './certificate.ts';

/** Reads both files; everything that a client would later refuse is a problem now. */
export async function loadGivenCertificate(certFile: string, keyFile: string, now: Date): Promise<LoadedCertificate> {
  const cert = await readPem('certificate', certFile, (pem) => new X509Certificate(pem));
  const key = await readPem('private key', keyFile, (pem) => createPrivateKey(pem));
  if (!cert.ok || !key.ok) {
    return { ok: false, problems: [cert, key].flatMap((read) => (read.ok ? [] : [read.problem])) };
  }
  const problems = checkPair({ certificate: cert.value, key: key.value, certFile, keyFile, now });
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, certificate: { cert: cert.pem, key: key.pem, notAfter: new Date(cert.value.validTo) } };
}

type Pair = { certificate: X509Certificate; key: KeyObject; certFile: string; keyFile: string; now: Date };

function checkPair({ certificate, key, certFile, keyFile, now }: Pair): string[] {
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
  ];
  return checks.flatMap(([broken, problem]) => (broken ? [problem] : []));
}

const isoDate = (date: string) => new Date(date).toISOString();

type ReadPem<T> = { ok: true; pem: string; value: T } | { ok: false; problem: string };

async function readPem<T>(what: string, file: string, parse: (pem: string) => T): Promise<ReadPem<T>> {
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
