/** A certificate authority and one serving certificate signed by it, for use without cert-manager or given files. */
import 'reflect-metadata'; // @peculiar/x509 does not load without it.
import { randomBytes, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';
import type { ServingCertificate } from './certificate.ts';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const hour = 3_600_000;
const lifetime = 365 * 24 * hour;

/** Makes both; the authority's key is not kept, so that it can sign nothing else. */
export async function makeCertificate(hosts: readonly string[], now: Date): Promise<ServingCertificate> {
  const validity = {
    // Backdated, as the API server's clock may be behind ours.
    notBefore: new Date(now.getTime() - hour),
    notAfter: new Date(now.getTime() + lifetime),
  };
  const caKeys = await generateKeys();
  const keys = await generateKeys();
  const ca = await X509CertificateGenerator.createSelfSigned({
    ...validity,
    name: 'CN=Clockout CA',
    serialNumber: serialNumber(),
    keys: caKeys,
    signingAlgorithm: algorithm,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(caKeys.publicKey),
    ],
  });
  const leaf = await X509CertificateGenerator.create({
    ...validity,
    subject: 'CN=clockout',
    issuer: ca.subject,
    serialNumber: serialNumber(),
    publicKey: keys.publicKey,
    signingKey: caKeys.privateKey,
    signingAlgorithm: algorithm,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(hosts.map((value) => ({ type: isIP(value) ? 'ip' : 'dns', value }))),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(caKeys.publicKey),
    ],
  });
  const key = PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
  return { cert: pem(leaf), key: `${key}\n`, ca: pem(ca), notAfter: leaf.notAfter };
}

const generateKeys = () => webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
const pem = (certificate: { toString(format: 'pem'): string }) => `${certificate.toString('pem')}\n`;

/** RFC 5280, 4.1.2.2: positive, at most 20 bytes. */
const serialNumber = () => `01${randomBytes(15).toString('hex')}`;
