import 'reflect-metadata'; // @peculiar/x509 does not load without it.
import { createPrivateKey, generateKeyPairSync, webcrypto } from 'node:crypto';
import { BasicConstraintsExtension, X509CertificateGenerator } from '@peculiar/x509';
import { describe, expect, it } from 'vitest';
import { rotate } from '../../../src/certificates/shared-ca/ca-rotation.ts';
import { decodeCa, encodeCa } from '../../../src/certificates/shared-ca/secret.ts';
import { type KeyPair, signServingCertificate } from '../../../src/certificates/x509.ts';

const hour = 3_600_000;
const rotation = { lifetimeMilliseconds: 90 * 24 * hour, overlapMilliseconds: hour };
const start = new Date('2026-06-01T00:00:00Z');
const first = await rotate(undefined, start, rotation);
const announced = await rotate(first, new Date(start.getTime() + 61 * 24 * hour), rotation);
const promoted = await rotate(announced, new Date(start.getTime() + (61 * 24 + 1) * hour), rotation);
const serving = await signServingCertificate(first.signing, ['clockout.mesh.svc'], {
  now: start,
  lifetimeMilliseconds: hour,
});
const rsaKey = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
}).privateKey;
const p384 = await createPair('P-384');

describe('the Secret of the shared CA', () => {
  it.each([
    ['one CA', first],
    ['with a next CA', announced],
    ['with a retired CA', promoted],
  ])('holds what was written to it: %s', (_, value) => expect(decodeCa(encodeCa(value))).toEqual({ ok: true, value }));

  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const secretOf = ({ cert, key }: KeyPair) => ({ 'tls.crt': base64(cert), 'tls.key': base64(key) });

  it.each<[string, (pair: KeyPair) => KeyPair]>([
    ['without a line end', ({ cert, key }) => ({ cert: cert.trim(), key: key.trim() })],
    [
      'with line ends of Windows',
      ({ cert, key }) => ({ cert: cert.replaceAll('\n', '\r\n'), key: key.replaceAll('\n', '\r\n') }),
    ],
    ['with text around the PEM', ({ cert, key }) => ({ cert: `Issuer: a\n${cert}`, key: `a\n${key}` })],
    ['with a chain', ({ cert, key }) => ({ cert: `${cert}${announced.next?.cert}`, key })],
    ['with a key from `openssl ecparam`', ({ cert, key }) => ({ cert, key: sec1(key) })],
  ])('may be written by other tools: %s', (_, written) => {
    expect(decodeCa(secretOf(written(first.signing)))).toEqual({
      ok: true,
      value: { signing: first.signing, retired: [] },
    });
  });

  const data = encodeCa(announced);
  const notACertificate = base64('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----');
  const curve = 'expected a private key on the curve P-256, without a password, in its key tls.key';
  it.each<[string, Record<string, string | undefined>, string]>([
    ['without data', {}, 'it has nothing in its keys tls.crt and tls.key'],
    ['with empty keys', { 'tls.crt': '', 'tls.key': '' }, 'it has nothing in its keys tls.crt and tls.key'],
    ['without the key', { ...data, 'tls.key': undefined }, 'it has nothing in its key tls.key'],
    [
      "with another's key",
      { ...data, 'tls.key': data['next.key'] },
      'the private key in its key tls.key does not belong to the certificate in tls.crt',
    ],
    [
      'with no certificate',
      { ...data, 'tls.crt': notACertificate },
      'expected the certificate of a CA in its key tls.crt',
    ],
    [
      'with a serving certificate',
      { ...data, 'tls.crt': base64(serving.cert), 'tls.key': base64(serving.key) },
      'expected the certificate of a CA in its key tls.crt',
    ],
    ['of another curve', secretOf(p384), curve],
    ['of another key type', secretOf({ ...first.signing, key: rsaKey }), curve],
    ['with a next CA without its key', { ...data, 'next.key': undefined }, 'it has nothing in its key next.key'],
    [
      'with an invalid time',
      { ...data, 'next.announced': base64('soon') },
      'expected a time in its key next.announced',
    ],
    [
      'with an invalid retired certificate',
      { ...data, 'retired.crt': notACertificate },
      'expected certificates of CAs in its key retired.crt',
    ],
  ])('is refused if it cannot be used: %s', (_, broken, problem) =>
    expect(decodeCa(broken)).toEqual({ ok: false, problem }),
  );
});

const sec1 = (key: string) => `${createPrivateKey(key).export({ type: 'sec1', format: 'pem' })}`;

/** A CA as others make them. */
async function createPair(namedCurve: string): Promise<KeyPair> {
  const algorithm = { name: 'ECDSA', namedCurve, hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const extensions = [new BasicConstraintsExtension(true)];
  const ca = await X509CertificateGenerator.createSelfSigned({ keys, signingAlgorithm: algorithm, extensions });
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }).export({ type: 'pkcs8', format: 'pem' });
  return { cert: ca.toString('pem'), key: `${key}` };
}
