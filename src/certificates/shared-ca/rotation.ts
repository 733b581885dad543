/**
 * The certificate authorities of an installation, as all replicas share them in one Secret, and when they change. A change
 * of the authority has two phases, so that no handshake fails: first clients learn to trust the next one, and only when
 * every API server has heard of it does it sign.
 *
 * | signing | next | what is done |
 * |---|---|---|
 * | none, or expired | any | begin anew |
 * | younger than two thirds of its life | – | nothing |
 * | older, or made for a longer life than is set | none | announce one: from now on both are trusted |
 * | the same | announced for less than the overlap | nothing |
 * | the same | announced for longer | it signs; the old one stays trusted until it expires |
 */
import { X509Certificate } from 'node:crypto';
import { clockSkew, type KeyPair, makeAuthority } from '../x509.ts';

export type Authorities = {
  /** Signs the serving certificates. */
  signing: KeyPair;
  /** Signs them next. */
  next?: KeyPair & { announced: Date };
  /** Certificates of those that signed before and have not expired. */
  retired: string[];
};

/** Milliseconds. */
export type Rotation = { lifetime: number; overlap: number };

/** What the authorities should be now; the same object where nothing is to be done. */
export async function advance(held: Authorities | undefined, now: Date, rotation: Rotation): Promise<Authorities> {
  const { lifetime, overlap } = rotation;
  if (!held || isExpired(held.signing.cert, now))
    return { signing: await makeAuthority({ now, lifetime }), retired: [] };
  const { signing, next } = held;
  if (next && now.getTime() - next.announced.getTime() >= overlap) {
    const retired = [signing.cert, ...held.retired].filter((cert) => !isExpired(cert, now));
    return { signing: { cert: next.cert, key: next.key }, retired };
  }
  if (!next && isOld(signing.cert, now, lifetime)) {
    return { ...held, next: { ...(await makeAuthority({ now, lifetime })), announced: now } };
  }
  const retired = held.retired.filter((cert) => !isExpired(cert, now));
  return retired.length === held.retired.length ? held : { ...held, retired };
}

/** Every certificate to trust, as one PEM text: the `caBundle` of the webhook. */
export const bundleOf = ({ signing, next, retired }: Authorities): string =>
  [signing.cert, ...(next ? [next.cert] : []), ...retired].map((cert) => `${cert.trim()}\n`).join('');

/**
 * The last third of its life has begun: time to be replaced, and time enough left to do that in. So is one that was made for a
 * longer life than is set now: who sets a shorter one need not wait for its end.
 * @param lifetime in milliseconds, as it is set now
 */
export function isOld(cert: string, now: Date, lifetime: number): boolean {
  const { validFrom, validTo } = new X509Certificate(cert);
  const [from, to] = [Date.parse(validFrom), Date.parse(validTo)];
  const madeFor = to - from - clockSkew; // it is backdated by that
  const left = to - now.getTime();
  return left <= Math.min(lifetime, madeFor) / 3 || left > lifetime + clockSkew;
}

export const isExpired = (cert: string, now: Date): boolean => now > new Date(new X509Certificate(cert).validTo);
