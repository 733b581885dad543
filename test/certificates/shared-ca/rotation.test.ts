import 'reflect-metadata'; // @peculiar/x509 does not load without it.
import { createPrivateKey, generateKeyPairSync, webcrypto, X509Certificate } from 'node:crypto';
import { BasicConstraintsExtension, X509CertificateGenerator } from '@peculiar/x509';
import { describe, expect, it } from 'vitest';
import { type Authorities, advance, bundleOf, isExpired } from '../../../src/certificates/shared-ca/rotation.ts';
import { decodeAuthorities, encodeAuthorities, splitPem } from '../../../src/certificates/shared-ca/secret.ts';
import { type KeyPair, signServing } from '../../../src/certificates/x509.ts';

const hour = 3_600_000;
const rotation = { lifetime: 90 * 24 * hour, overlap: hour };
const start = new Date('2026-06-01T00:00:00Z');
const hoursLater = (hours: number, from = start) => new Date(from.getTime() + hours * hour);
const first = await advance(undefined, start, rotation);
const rsaKey = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
}).privateKey;
const p384 = await pairOf('P-384');
const old = hoursLater(61 * 24);
const announced = await advance(first, old, rotation);
const promoted = await advance(announced, hoursLater(1, old), rotation);

describe('the authorities', () => {
  it('begin with one', () => {
    expect(new X509Certificate(first.signing.cert).ca).toBe(true);
    expect(first).toEqual({ signing: first.signing, retired: [] });
  });

  it('stay the same object while nothing is to be done', async () => {
    expect(await advance(first, hoursLater(59 * 24), rotation)).toBe(first);
    expect(await advance(announced, hoursLater(0.9, old), rotation)).toBe(announced);
    expect(await advance(promoted, hoursLater(2, old), rotation)).toBe(promoted);
  });

  it('announce the next when two thirds are over: it is trusted, and does not sign yet', () => {
    expect(announced.signing).toEqual(first.signing);
    expect(announced.next?.announced).toEqual(old);
    expect(splitPem(bundleOf(announced))).toEqual([first.signing.cert, announced.next?.cert]);
  });

  it('announce the next when a shorter life is set than the one that they were made for', async () => {
    const now = hoursLater(2);
    const next = await advance(first, now, { ...rotation, lifetime: 30 * 24 * hour });
    expect(next.next?.announced).toEqual(now);
    expect(new X509Certificate(next.next?.cert ?? '').validTo).toBe('Jul  1 02:00:00 2026 GMT');
  });

  it.each([
    ['30 seconds', 30_000],
    ['a day', 24 * hour],
  ])('of %s stay for two thirds of that, also where another clock is an hour behind', async (_, lifetime) => {
    const short = { lifetime, overlap: lifetime / 10 };
    const authorities = await advance(undefined, start, short);
    for (const share of [0, 0.3, 0.65]) {
      const now = new Date(start.getTime() + lifetime * share);
      expect(await advance(authorities, now, short)).toBe(authorities);
      expect(await advance(authorities, hoursLater(-1, now), short)).toBe(authorities);
    }
    const due = new Date(start.getTime() + lifetime * 0.67);
    expect((await advance(authorities, due, short)).next).toBeDefined();
  });

  it('let it sign after the overlap, and go on trusting the old one', () => {
    expect(promoted.signing.cert).toBe(announced.next?.cert);
    expect(promoted.next).toBeUndefined();
    expect(splitPem(bundleOf(promoted))).toEqual([promoted.signing.cert, first.signing.cert]);
  });

  it('drop the old one when it has expired', async () => {
    const later = await advance(promoted, hoursLater(91 * 24), rotation);
    expect(splitPem(bundleOf(later))).toEqual([promoted.signing.cert]);
  });

  it('begin anew when nobody looked until all had expired', async () => {
    const anew = await advance(announced, hoursLater(200 * 24), rotation);
    expect(anew.signing.cert).not.toBe(first.signing.cert);
    expect(anew.next).toBeUndefined();
  });

  it('through eight changes at every moment trust what signed in the last hour, and what signs now', async () => {
    const days = { lifetime: 9 * 24 * hour, overlap: hour };
    let held: Authorities = await advance(undefined, start, days);
    const untrusted: string[] = [];
    const seen = new Set<string>();
    for (let hours = 0; hours < 50 * 24; hours += 1) {
      const now = hoursLater(hours);
      const next = await advance(held, now, days);
      seen.add(next.signing.cert);
      const trusts = (authorities: Authorities, { signing }: Authorities) =>
        bundleOf(authorities).includes(signing.cert);
      // What clients were told an hour ago includes whoever signs now.
      const isTrusted = trusts(next, next) && trusts(next, held) && trusts(held, next);
      if (!isTrusted || isExpired(next.signing.cert, now)) untrusted.push(`after ${hours} hours`);
      held = next;
    }
    expect(untrusted).toEqual([]);
    expect(seen.size).toBe(9);
  });
});

describe('a serving certificate', () => {
  it('is signed by the authority whose key stands in the Secret, and does not outlive it', async () => {
    const { cert } = await signServing(first.signing, ['clockout.mesh.svc'], {
      now: hoursLater(80 * 24),
      lifetime: 30 * 24 * hour,
    });
    const [leaf, ca] = [new X509Certificate(cert), new X509Certificate(first.signing.cert)];
    expect(leaf.checkIssued(ca) && leaf.verify(ca.publicKey)).toBe(true);
    expect(leaf.validTo).toBe(ca.validTo);
  });
});

describe('the Secret', () => {
  it.each([
    ['one', first],
    ['with the next', announced],
    ['with a retired one', promoted],
  ])('gives back what was put in: %s', (_, authorities) =>
    expect(decodeAuthorities(encodeAuthorities(authorities))).toEqual({ ok: true, authorities }),
  );

  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const secretOf = ({ cert, key }: KeyPair) => ({ 'tls.crt': base64(cert), 'tls.key': base64(key) });

  it.each<[string, (pair: KeyPair) => KeyPair]>([
    ['without a line end', ({ cert, key }) => ({ cert: cert.trim(), key: key.trim() })],
    ['by Windows', ({ cert, key }) => ({ cert: cert.replaceAll('\n', '\r\n'), key: key.replaceAll('\n', '\r\n') })],
    ['with words around', ({ cert, key }) => ({ cert: `Issuer: a\n${cert}`, key: `a\n${key}` })],
    ['with a chain', ({ cert, key }) => ({ cert: `${cert}${announced.next?.cert}`, key })],
    ['with a key as of `openssl ecparam`', ({ cert, key }) => ({ cert, key: sec1(key) })],
  ])('may be made by others, and is then as our own: %s', (_, written) => {
    expect(decodeAuthorities(secretOf(written(first.signing)))).toEqual({
      ok: true,
      authorities: { signing: first.signing, retired: [] },
    });
  });

  const data = encodeAuthorities(announced);
  it.each<[string, Record<string, string | undefined>, string]>([
    ['empty', {}, 'tls.crt'],
    ['without the key', { ...data, 'tls.key': undefined }, 'tls.key'],
    ["with another's key", { ...data, 'tls.key': data['next.key'] }, 'tls.key'],
    [
      'with a serving certificate',
      { ...data, 'tls.crt': base64('-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----') },
      'tls.crt',
    ],
    ['of another curve', secretOf(p384), 'P-256'],
    ['of another kind', secretOf({ ...first.signing, key: rsaKey }), 'P-256'],
    ['with half of the next', { ...data, 'next.key': undefined }, 'next.key'],
    ['with no time', { ...data, 'next.announced': base64('soon') }, 'next.announced'],
    [
      'with rubbish that was retired',
      { ...data, 'retired.crt': base64('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----') },
      'retired.crt',
    ],
  ])('that is not ours is refused: %s', (_, broken, key) => {
    const decoded = decodeAuthorities(broken);
    expect(decoded).toMatchObject({ ok: false, problem: expect.stringContaining(key) });
  });
});

const sec1 = (key: string) => `${createPrivateKey(key).export({ type: 'sec1', format: 'pem' })}`;

/** A CA as others make them. */
async function pairOf(namedCurve: string): Promise<KeyPair> {
  const algorithm = { name: 'ECDSA', namedCurve, hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const extensions = [new BasicConstraintsExtension(true)];
  const ca = await X509CertificateGenerator.createSelfSigned({ keys, signingAlgorithm: algorithm, extensions });
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }).export({ type: 'pkcs8', format: 'pem' });
  return { cert: ca.toString('pem'), key: `${key}` };
}
