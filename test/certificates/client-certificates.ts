/** CAs, and certificates of callers that they sign. The product makes only certificates that serve. */
import 'reflect-metadata'; // @peculiar/x509 does not load without it.
import { randomBytes, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
export const day = 24 * 3_600_000;

/** Days from now on. */
type Validity = { from?: number; to?: number };

type Caller = Validity & {
  /** As in `CN=kube-apiserver`. */
  subject: string;
  dns?: string[];
  isCa?: boolean;
  usage?: 'clientAuth' | 'serverAuth';
};

export type Pair = { cert: string; key: string };

/** A CA, and what it signs. */
export async function makeClientCa(validity: Validity = {}) {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const name = `CN=callers ${randomBytes(4).toString('hex')}`;
  const common = () => ({ serialNumber: `01${randomBytes(15).toString('hex')}`, signingAlgorithm: algorithm });
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    ...common(),
    ...periodOf(validity),
    name,
    keys,
    extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
  });

  const issue = async ({ subject, dns = [], usage = 'clientAuth', isCa = false, ...validity }: Caller) => {
    const own = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
    const certificate = await x509.X509CertificateGenerator.create({
      ...common(),
      ...periodOf(validity),
      subject,
      issuer: name,
      publicKey: own.publicKey,
      signingKey: keys.privateKey,
      extensions: [
        new x509.BasicConstraintsExtension(isCa),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage[usage]]),
        ...(dns.length > 0
          ? [new x509.SubjectAlternativeNameExtension(dns.map((value) => ({ type: 'dns' as const, value })))]
          : []),
      ],
    });
    const key = await webcrypto.subtle.exportKey('pkcs8', own.privateKey);
    const pair: Pair = { cert: certificate.toString('pem'), key: x509.PemConverter.encode(key, 'PRIVATE KEY') };
    return pair;
  };
  return { cert: `${ca.toString('pem')}\n`, issue };
}

function periodOf({ from = -1, to = 1 }: Validity) {
  const now = Date.now();
  return { notBefore: new Date(now + from * day), notAfter: new Date(now + to * day) };
}
