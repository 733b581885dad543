/** Makes certificates: authorities, and serving certificates that they sign. ECDSA P-256, as every API server speaks it. */
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
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import type { ServingCertificate } from './certificate.ts';

/** Both in PEM, the key as PKCS #8. */
export type KeyPair = { cert: string; key: string };

/** Milliseconds from `now` on. */
type Validity = { now: Date; lifetime: number };

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** A certificate authority with a key of its own. */
export async function makeAuthority(validity: Validity): Promise<KeyPair> {
  const keys = await generateKeys();
  const ca = await X509CertificateGenerator.createSelfSigned({
    ...periodOf(validity),
    // A name of its own for each: a client that looks for the issuer by name must not find an older one.
    name: `CN=Clockout CA ${randomBytes(4).toString('hex')}`,
    serialNumber: serialNumber(),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { cert: pem(ca), key: await pemOfKey(keys.privateKey) };
}

/**
 * A serving certificate with a key of its own. It does not outlive its authority.
 * @param hosts names and addresses that it is for
 */
export async function signServing(
  ca: KeyPair,
  hosts: readonly string[],
  validity: Validity,
): Promise<ServingCertificate & { ca: string }> {
  const authority = new X509Certificate(ca.cert);
  const keys = await generateKeys();
  const { notBefore, notAfter } = periodOf(validity);
  const leaf = await X509CertificateGenerator.create({
    notBefore,
    notAfter: notAfter < authority.notAfter ? notAfter : authority.notAfter,
    subject: 'CN=clockout',
    issuer: authority.subject,
    serialNumber: serialNumber(),
    publicKey: keys.publicKey,
    signingKey: await importKey(ca.key),
    signingAlgorithm: algorithm,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(hosts.map((value) => ({ type: isIP(value) ? 'ip' : 'dns', value }))),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(authority.publicKey),
    ],
  });
  return {
    cert: pem(leaf),
    key: await pemOfKey(keys.privateKey),
    ca: ca.cert,
    notBefore: leaf.notBefore,
    notAfter: leaf.notAfter,
  };
}

/** How far the clocks of a cluster's machines may be apart, in milliseconds. */
export const clockSkew = 3_600_000;

// --- internal ---

/** Backdated, as the API server's clock may be behind ours. */
const periodOf = ({ now, lifetime }: Validity) => ({
  notBefore: new Date(now.getTime() - clockSkew),
  notAfter: new Date(now.getTime() + lifetime),
});

const generateKeys = () => webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
const pem = (certificate: { toString(format: 'pem'): string }) => `${certificate.toString('pem')}\n`;

async function pemOfKey(key: webcrypto.CryptoKey): Promise<string> {
  return `${PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')}\n`;
}

const importKey = (key: string) =>
  webcrypto.subtle.importKey('pkcs8', PemConverter.decodeFirst(key), algorithm, true, ['sign']);

/** RFC 5280, 4.1.2.2: positive, at most 20 bytes. */
const serialNumber = () => `01${randomBytes(15).toString('hex')}`;
