/** The authorities as a Secret holds them. Its keys `tls.crt`, `tls.key` and `ca.crt` are those that people know. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { KeyPair } from '../x509.ts';
import { type Authorities, bundleOf } from './rotation.ts';

/** As in a Secret: base64. */
export type SecretData = Readonly<Record<string, string | undefined>>;

export type DecodedAuthorities = { ok: true; authorities: Authorities } | { ok: false; problem: string };

export function encodeAuthorities(authorities: Authorities): Record<string, string> {
  const { signing, next, retired } = authorities;
  const texts = {
    'tls.crt': signing.cert,
    'tls.key': signing.key,
    'ca.crt': bundleOf(authorities),
    ...(retired.length > 0 && { 'retired.crt': retired.join('') }),
    ...(next && { 'next.crt': next.cert, 'next.key': next.key, 'next.announced': next.announced.toISOString() }),
  };
  return Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, Buffer.from(text).toString('base64')]));
}

/** `problem` says which key of the Secret cannot be used, and never what it holds. */
export function decodeAuthorities(data: SecretData): DecodedAuthorities {
  const text = (key: string) => Buffer.from(data[key] ?? '', 'base64').toString();
  const signing = decodePair(text('tls.crt'), text('tls.key'));
  if (!signing)
    return {
      ok: false,
      problem: 'expected the certificate of a CA in tls.crt and its private key in tls.key, of the curve P-256',
    };
  const retired = splitPem(text('retired.crt'));
  if (!retired.every(isAuthority)) return { ok: false, problem: 'expected certificates in retired.crt' };
  if (data['next.crt'] === undefined) return { ok: true, authorities: { signing, retired } };
  const next = decodePair(text('next.crt'), text('next.key'));
  const announced = new Date(text('next.announced'));
  if (!next || Number.isNaN(announced.getTime())) {
    return {
      ok: false,
      problem: 'expected the same of the next CA in next.crt and next.key, and a time in next.announced',
    };
  }
  return { ok: true, authorities: { signing, next: { ...next, announced }, retired } };
}

/** The certificates in a PEM text, one by one. */
export const splitPem = (text: string): string[] =>
  [...text.matchAll(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g)].map(([cert]) => `${cert}\n`);

/** In one form, however they were written: certificates are compared as texts, and only PKCS #8 is signed with. */
function decodePair(certText: string, keyText: string): KeyPair | undefined {
  try {
    const certificate = new X509Certificate(certText);
    const key = createPrivateKey(keyText);
    const fits = certificate.ca && certificate.checkPrivateKey(key);
    if (!fits || key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') return undefined;
    return { cert: certificate.toString(), key: `${key.export({ type: 'pkcs8', format: 'pem' })}` };
  } catch {
    return undefined;
  }
}

function isAuthority(text: string): boolean {
  try {
    return new X509Certificate(text).ca;
  } catch {
    return false;
  }
}
