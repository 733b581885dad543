/** Keys and certificates for one cluster: made anew by each `up`, gone with its state. */
import 'reflect-metadata';
import { generateKeyPairSync, randomBytes, webcrypto } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import * as x509 from '@peculiar/x509';
import { inState } from './paths.ts';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const lifetime = 365 * 24 * 60 * 60 * 1000;

export type Subject = { file: string; name: string; dns?: string[]; ips?: string[] };

export type Authority = { certificate: x509.X509Certificate; keys: webcrypto.CryptoKeyPair };

/** The path of a file of the PKI: `pki('ca.crt')`. */
export const pki = (file: string): string => inState('pki', file);

/** Makes the cluster's CA, the service accounts' key pair, and a certificate for each subject. */
export async function makePki(subjects: Subject[]): Promise<void> {
  mkdirSync(inState('pki'), { recursive: true, mode: 0o700 });
  const ca = await makeAuthority('CN=clockout-cluster');
  writeFileSync(pki('ca.crt'), ca.certificate.toString('pem'));
  const tokens = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  writeFileSync(pki('sa.key'), tokens.privateKey, { mode: 0o600 });
  writeFileSync(pki('sa.pub'), tokens.publicKey);
  for (const subject of subjects) {
    const { certificate, key } = await issue(ca, subject);
    writeFileSync(pki(`${subject.file}.crt`), certificate);
    writeFileSync(pki(`${subject.file}.key`), key, { mode: 0o600 });
  }
}

/** A CA for one certificate alone, as installers make it: that of the API server where it is a client. */
export async function makeFrontProxy(): Promise<void> {
  const ca = await makeAuthority('CN=front-proxy-ca');
  const { certificate, key } = await issue(ca, { file: frontProxy.file, name: `CN=${frontProxy.name}` });
  writeFileSync(pki(frontProxy.ca), ca.certificate.toString('pem'));
  writeFileSync(pki(`${frontProxy.file}.crt`), certificate);
  writeFileSync(pki(`${frontProxy.file}.key`), key, { mode: 0o600 });
}

export const frontProxy = { ca: 'front-proxy-ca.crt', file: 'front-proxy-client', name: 'front-proxy-client' } as const;

export async function makeAuthority(name: string): Promise<Authority> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity(),
    name,
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.digitalSignature, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate, keys };
}

/** A certificate for client and server use, and its key, both as PEM. */
export async function issue(ca: Authority, subject: Subject): Promise<{ certificate: string; key: string }> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const names = [
    ...(subject.dns ?? []).map((value) => ({ type: 'dns' as const, value })),
    ...(subject.ips ?? []).map((value) => ({ type: 'ip' as const, value })),
  ];
  const certificate = await x509.X509CertificateGenerator.create({
    ...validity(),
    subject: subject.name,
    issuer: ca.certificate.subject,
    publicKey: keys.publicKey,
    signingKey: ca.keys.privateKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
      ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
      await x509.AuthorityKeyIdentifierExtension.create(ca.keys.publicKey),
    ],
  });
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { certificate: certificate.toString('pem'), key: x509.PemConverter.encode(key, 'PRIVATE KEY') };
}

function validity() {
  const now = Date.now();
  return {
    serialNumber: `01${randomBytes(15).toString('hex')}`,
    notBefore: new Date(now - 60_000), // clocks inside containers are the host's, but may be read a moment earlier
    notAfter: new Date(now + lifetime),
  };
}
