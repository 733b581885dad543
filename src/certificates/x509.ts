/** Makes certificates: CAs, and the serving certificates that they sign. All use ECDSA P-256, which every API server supports. */
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

type Validity = { now: Date; lifetimeMilliseconds: number };

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** Makes a CA with a key of its own. */
export async function createCa(validity: Validity): Promise<KeyPair> {
  const keys = await generateKeys();
  const ca = await X509CertificateGenerator.createSelfSigned({
    ...createPeriod(validity),
    // Each CA has a name of its own: a client that looks up the issuer by name must not find an older CA.
    name: `CN=Clockout CA ${randomBytes(4).toString('hex')}`,
    serialNumber: createSerialNumber(),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { cert: toPem(ca), key: await exportKey(keys.privateKey) };
}

/**
 * Makes a serving certificate with a key of its own. It expires no later than the CA.
 * @param hosts the DNS names and IP addresses that it is valid for
 */
export async function signServingCertificate(
  ca: KeyPair,
  hosts: readonly string[],
  validity: Validity,
): Promise<ServingCertificate & { ca: string }> {
  const issuer = new X509Certificate(ca.cert);
  const keys = await generateKeys();
  const { notBefore, notAfter } = createPeriod(validity);
  const leaf = await X509CertificateGenerator.create({
    notBefore,
    notAfter: notAfter < issuer.notAfter ? notAfter : issuer.notAfter,
    subject: 'CN=clockout',
    issuer: issuer.subject,
    serialNumber: createSerialNumber(),
    publicKey: keys.publicKey,
    signingKey: await importKey(ca.key),
    signingAlgorithm: algorithm,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(hosts.map((value) => ({ type: isIP(value) ? 'ip' : 'dns', value }))),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  return {
    cert: toPem(leaf),
    key: await exportKey(keys.privateKey),
    ca: ca.cert,
    notBefore: leaf.notBefore,
    notAfter: leaf.notAfter,
  };
}

/** How far the clocks of a cluster's machines may differ. */
export const clockSkewMilliseconds = 3_600_000;

// --- internal ---

/** It begins in the past, because the API server's clock may be behind ours. */
const createPeriod = ({ now, lifetimeMilliseconds }: Validity) => ({
  notBefore: new Date(now.getTime() - clockSkewMilliseconds),
  notAfter: new Date(now.getTime() + lifetimeMilliseconds),
});

const generateKeys = () => webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
const toPem = (certificate: { toString(format: 'pem'): string }) => `${certificate.toString('pem')}\n`;

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  return `${PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')}\n`;
}

const importKey = (key: string) =>
  webcrypto.subtle.importKey('pkcs8', PemConverter.decodeFirst(key), algorithm, true, ['sign']);

/** RFC 5280, 4.1.2.2: positive, at most 20 bytes. */
const createSerialNumber = () => `01${randomBytes(15).toString('hex')}`;
